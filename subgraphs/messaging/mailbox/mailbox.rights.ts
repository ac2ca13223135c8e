/** Who may open a mailbox, and see and change how its account is told: who acts for it, within their mandate. */
import type { Person, Principal } from '../../../kernel/principal';
import { rights } from '../../../kernel/rights';

interface Opened {
  readonly accountId: string;
}

export const opens = ({ accountId }: Opened, asker: Principal): asker is Person =>
  asker.kind === 'person' && asker.actingFor === accountId;

export const mailboxRights = rights<Opened, 'address'>(
  'Mailbox',
  { de: 'Postfach', en: 'Mailbox' },
  {
    with: ['NotificationPreferences'],
    sees: [{ who: 'applicant', when: 'the threads within the services of the mandate', holds: opens }],
    parts: {
      address: {
        fields: ['NotificationPreferences.email'],
        lines: [
          {
            who: 'applicant',
            when: 'unless the mandate names services',
            holds: (mailbox, asker) => opens(mailbox, asker) && asker.services === null,
          },
        ],
      },
    },
    does: {
      changeNotificationPreferences: [{ who: 'applicant', when: 'unless the mandate names services' }],
      confirmNotificationEmail: [{ who: 'applicant', when: 'unless the mandate names services' }],
    },
  },
);
