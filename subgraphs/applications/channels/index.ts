/** The channels: one line each. A responsibility may name one that is not here; such a delivery fails where operators see it. */
import type { RoutingChannel } from '../../../schema/channels';
import { caseCloud } from './case-cloud';
import { type Channel, ChannelFailure } from './channel';
import { sharedMailbox } from './shared-mailbox';

export const CHANNELS: readonly Channel[] = [caseCloud, sharedMailbox];

/** @throws ChannelFailure when no such channel is set up */
export function channelOf(name: RoutingChannel): Channel {
  const channel = CHANNELS.find(one => one.name === name);
  if (!channel) throw new ChannelFailure(`The channel ${name} is not set up here.`);
  return channel;
}
