/**
 * The channels: one line each. The catalogue publishes none that is not installed; what was published before may name
 * one that is not here, and such a delivery fails where operators see it.
 */
import { logger } from '../../../kernel/log';
import { installedChannels, type RoutingChannel } from '../../../schema/channels';
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

/** @throws Error when a channel is installed by the setting and has no line here; then nothing starts */
export function checkInstalled(): void {
  for (const name of installedChannels()) {
    const channel = CHANNELS.find(one => one.name === name);
    if (!channel)
      throw new Error(`ROUTING_CHANNELS names ${name}, which has no file in subgraphs/applications/channels.`);
    const lacking = channel.lacks?.() ?? null;
    if (lacking) logger('applications').warn('an installed channel lacks a setting', { channel: name, code: lacking });
  }
}
