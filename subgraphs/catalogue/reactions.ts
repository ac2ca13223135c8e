/** What the catalogue does about events of others: it keeps who may edit. */
import { membershipReactions } from '../../kernel/membership';

export const reactions = membershipReactions;
