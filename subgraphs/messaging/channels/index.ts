/** The registry of channels; the compiler asks for each name, the contract test runs over each entry. */
import { type Channel, MessageChannel } from './channel';
import { email } from './email';
import { mailbox } from './mailbox';

export const CHANNELS: Readonly<Record<MessageChannel, Channel>> = {
  [MessageChannel.MAILBOX]: mailbox,
  [MessageChannel.EMAIL]: email,
};
