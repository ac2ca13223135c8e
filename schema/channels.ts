/** The three ways an application reaches an authority; catalogue and applications both speak of them. */
import { registerEnumType } from 'type-graphql';

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
