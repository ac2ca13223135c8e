/** Who may see how a message reached its reader: operators, and staff of the authority whose case it is about. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';

export const isOperator = (asker: Principal): boolean =>
  asker.kind === 'staff' && asker.scopes.includes('ops:deliveries');

/** What is in a delivery names nobody. */
export const deliveryRights = rights<{ readonly authorityId: string }>(
  'MessageDelivery',
  { de: 'Zustellung einer Nachricht', en: 'Message delivery' },
  {
    sees: [
      {
        who: 'authority',
        holds: ({ authorityId }, asker) =>
          asker.kind === 'staff' && asker.scopes.includes('staff:read') && asker.authorityId === authorityId,
      },
      { who: 'operator', when: 'of every authority; no word of the message', holds: (_, asker) => isOperator(asker) },
    ],
    does: {
      retryMessageDelivery: [{ who: 'operator', when: 'in UNDELIVERABLE' }],
      abandonMessageDelivery: [{ who: 'operator', when: 'in UNDELIVERABLE' }],
    },
  },
);
