/** The contract of a channel: how an application reaches an office (Übertragungsweg). */
import type { RoutingChannel } from '../../../schema/channels';

/** What a channel gets to know: nothing of the answers. */
export interface Parcel {
  /** The same for each attempt, so that a receiver can tell a repetition. */
  readonly deliveryId: string;
  readonly applicationId: string;
  readonly reference: string;
  /** The mailbox or queue the responsibility names; null for the platform's own inbox. */
  readonly address: string | null;
  readonly authorityName: string;
  readonly serviceTitle: string;
  readonly submittedAt: Date;
}

export interface Channel {
  readonly name: RoutingChannel;
  /** What it still needs to work, such as a setting; null when nothing. Said in the log at the start. */
  lacks?(): string | null;
  /**
   * Hands the application over; resolves once the receiver has acknowledged. May be called again for the same delivery.
   * @throws ChannelFailure when it did not work
   */
  deliver(parcel: Parcel): Promise<void>;
}

/** An attempt that failed; `detail` is shown to operators, in technical words and without personal data. */
export class ChannelFailure extends Error {
  constructor(readonly detail: string) {
    super(detail);
    this.name = 'ChannelFailure';
  }
}
