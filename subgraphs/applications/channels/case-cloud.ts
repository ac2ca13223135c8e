/** The case inbox of this platform (OZG-Cloud): the application is there as soon as it is submitted. */
import { RoutingChannel } from '../../../schema/channels';
import type { Channel } from './channel';

export const caseCloud: Channel = {
  name: RoutingChannel.CASE_CLOUD,
  async deliver() {
    // nothing leaves the house: the acknowledgement itself moves the case into the authority's inbox
  },
};
