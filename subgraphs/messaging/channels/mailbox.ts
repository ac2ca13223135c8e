/** The mailbox itself: nothing to carry anywhere, the message becomes available with the outcome. */
import { type Channel, MessageChannel } from './channel';

export const mailbox: Channel = {
  name: MessageChannel.MAILBOX,
  begins: 'SENT',
  takes: () => true,
  deliver: async () => ({ detail: null, makesAvailable: true }),
};
