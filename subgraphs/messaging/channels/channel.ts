/** The contract of a channel: one way by which a message, or the news that there is one, reaches an account. */
import { registerEnumType } from 'type-graphql';
import type { Language } from '../../../kernel/language';

export enum MessageChannel {
  MAILBOX = 'MAILBOX',
  EMAIL = 'EMAIL',
}
registerEnumType(MessageChannel, {
  name: 'MessageChannel',
  description: 'The way of a message delivery.',
  valuesConfig: {
    MAILBOX: { description: 'The mailbox itself (Postfach).' },
    EMAIL: { description: 'An e-mail that says something has come, without content.' },
  },
});

/** What a channel learns of a message: where to, never what it says. */
export interface Letter {
  /** The delivery's id, the same for every attempt, so that a receiver can drop doubles. */
  readonly deliveryId: string;
  /** The confirmed address; null when the account wants no e-mail about this kind of message. */
  readonly email: string | null;
  readonly language: Language;
}

/** The receiver has acknowledged. */
export interface Handed {
  /** What it answered, in technical words without personal data; it is kept with the attempt. */
  readonly detail: string | null;
  /** From now on the message can be read in the mailbox (Bereitstellung). */
  readonly makesAvailable?: boolean;
}

export interface Channel {
  readonly name: MessageChannel;
  /** Delivers the message itself when it is SENT, or announces it once it is AVAILABLE. */
  readonly begins: 'SENT' | 'AVAILABLE';
  /** Does a letter go this way? Asked before each attempt; a delivery that is no longer wanted is dropped. */
  takes(letter: Letter): boolean;
  /**
   * Hands over; runs outside of any transaction and perhaps again after a crash.
   * @throws NotDelivered, and anything else counts as a failure without words
   */
  deliver(letter: Letter): Promise<Handed>;
}

export class NotDelivered extends Error {
  constructor(
    /** Technical words without personal data. */
    readonly detail: string,
    /** No later attempt would do better. */
    readonly permanent = false,
  ) {
    super(detail);
    this.name = 'NotDelivered';
  }
}
