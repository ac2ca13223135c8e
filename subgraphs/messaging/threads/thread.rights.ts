/** Who may see a thread and its messages: the two sides of the case, the applicant what has become available. */
import { rights } from '../../../kernel/rights';
import type { Message } from '../messages/message.entity';
import { readableLevels, sideIn } from '../rights';
import type { Thread } from './thread.entity';

export const threadRights = rights<Thread>(
  'Thread',
  { de: 'Nachrichtenverlauf', en: 'Thread' },
  {
    sees: [
      {
        who: 'applicant',
        when: 'once a message in it was made available to them (Bereitstellung)',
        holds: (thread, asker) => sideIn(thread, asker) === 'APPLICANT' && thread.lastAvailableAt !== null,
      },
      {
        who: 'authority',
        when: 'while it is in charge',
        holds: (thread, asker) => sideIn(thread, asker) === 'AUTHORITY',
      },
    ],
    does: {
      markThreadRead: [
        { who: 'applicant', when: 'what their trust level shows' },
        { who: 'authority', when: 'what the applicant wrote' },
      ],
    },
  },
);

interface Written {
  readonly message: Pick<Message, 'availableAt' | 'requiredTrustLevel'>;
  /** Null when the asker may not see it. */
  readonly thread: Thread | null;
}

export const messageRights = rights<Written, 'content'>(
  'Message',
  { de: 'Nachricht', en: 'Message' },
  {
    with: ['MessageEvent'],
    sees: [
      {
        who: 'applicant',
        when: 'sees the thread, and the message was made available (Bereitstellung)',
        holds: ({ message, thread }, asker) =>
          thread !== null && sideIn(thread, asker) === 'APPLICANT' && message.availableAt !== null,
      },
      {
        who: 'authority',
        when: 'sees the thread',
        holds: ({ thread }, asker) => thread !== null && sideIn(thread, asker) === 'AUTHORITY',
      },
    ],
    parts: {
      content: {
        fields: ['Message.body', 'Message.attachments'],
        lines: [
          {
            who: 'applicant',
            when: 'signed in at the trust level of the message (Vertrauensniveau)',
            holds: ({ message }, asker) =>
              asker.kind === 'person' && readableLevels(asker).includes(message.requiredTrustLevel),
          },
          { who: 'authority', holds: (_, asker) => asker.kind !== 'person' },
        ],
      },
    },
    does: {
      sendMessage: [
        { who: 'applicant', when: 'while the case is open' },
        { who: 'authority', when: 'while the case is open' },
      ],
    },
  },
);
