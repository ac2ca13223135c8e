/** Who may see a handover: staff who see the case, and the system it was handed to, which sees no case. */
import { rights } from '../../../kernel/rights';
import type { Handover } from './handover.entity';
import { handoverLifecycle } from './handover.states';

interface Handed {
  readonly handover: Pick<Handover, 'system' | 'state'>;
  /** May the asker see its application? */
  readonly seesCase: boolean;
}

export const handoverRights = rights<Handed>(
  'Handover',
  { de: 'Übergabe an ein Fachverfahren', en: 'Handover' },
  {
    sees: [
      {
        who: 'authority',
        when: 'sees the case',
        holds: ({ seesCase }, asker) => seesCase && (asker.kind === 'staff' || asker.kind === 'service'),
      },
      {
        who: 'system',
        when: 'it carries its name; the package, never the case itself',
        holds: ({ handover }, asker) => asker.kind === 'machine' && handover.system === asker.name,
      },
    ],
    does: {
      startHandover: [{ who: 'authority', when: 'in IN_REVIEW, DECIDED, NOTIFIED' }],
      acknowledgeHandover: [
        {
          who: 'system',
          when: 'in SENDING, SENT',
          holds: ({ handover }, asker) =>
            asker.kind === 'machine' &&
            handover.system === asker.name &&
            handoverLifecycle.next(handover.state, 'acknowledge') !== undefined,
        },
      ],
    },
  },
);
