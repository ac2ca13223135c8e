/** Who may see how a case reached the authority: operators, who see no case, and staff who see the case. */
import type { Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';

export const isOperator = (asker: Principal): boolean =>
  asker.kind === 'service' || (asker.kind === 'staff' && asker.scopes.includes('ops:deliveries'));

interface Delivered {
  readonly authorityId: string;
  /** May the asker see its application? */
  readonly seesCase: boolean;
}

export const deliveryRights = rights<Delivered>(
  'Delivery',
  { de: 'Zustellung an die Stelle', en: 'Delivery' },
  {
    with: ['DeliveryAttempt'],
    sees: [
      {
        who: 'authority',
        when: 'sees the case, and it went to their own authority',
        holds: ({ authorityId, seesCase }, asker) =>
          seesCase && asker.kind === 'staff' && asker.authorityId === authorityId,
      },
      {
        who: 'operator',
        when: 'of every authority; reference and reason, no way to the case',
        holds: (_, asker) => isOperator(asker),
      },
    ],
    does: {
      retryDelivery: [{ who: 'operator', when: 'in UNDELIVERABLE' }],
      abandonDelivery: [{ who: 'operator', when: 'in UNDELIVERABLE' }],
    },
  },
);
