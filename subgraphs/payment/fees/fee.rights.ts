/** Who may see and set fees: they are public, and the editors of the place set them. */
import { rights } from '../../../kernel/rights';

export const feeRights = rights<unknown>(
  'Fee',
  { de: 'Gebühr', en: 'Fee' },
  {
    with: ['FeeQuote', 'PaymentItem', 'Money'],
    sees: [{ who: 'everybody', holds: () => true }],
    does: { saveFee: [{ who: 'editor' }] },
  },
);
