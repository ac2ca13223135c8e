/** The three ways an application reaches an authority, and those this installation has; catalogue and applications both speak of them. */
import { registerEnumType } from 'type-graphql';
import { listSetting } from '../kernel/config';

export enum RoutingChannel {
  SHARED_MAILBOX = 'SHARED_MAILBOX',
  MESSAGE_BROKER = 'MESSAGE_BROKER',
  CASE_CLOUD = 'CASE_CLOUD',
}
registerEnumType(RoutingChannel, {
  name: 'RoutingChannel',
  description: 'One of the three ways an application reaches the authority (Übertragungsweg).',
  valuesConfig: {
    SHARED_MAILBOX: { description: 'A central e-mail box (Funktionspostfach).' },
    MESSAGE_BROKER: { description: 'The message broker (Nachrichtenbroker).' },
    CASE_CLOUD: { description: 'The case inbox of this platform (OZG-Cloud).' },
  },
});

/**
 * Those that this installation has, by the setting ROUTING_CHANNELS. Applications refuses to start when one of them has
 * no file there; the catalogue publishes no other.
 */
export const installedChannels = (): RoutingChannel[] => listSetting('ROUTING_CHANNELS') as RoutingChannel[];
