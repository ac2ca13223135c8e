/** Whom a service or a situation is for. */
import { registerEnumType } from 'type-graphql';

export enum Audience {
  CITIZEN = 'CITIZEN',
  BUSINESS = 'BUSINESS',
}
registerEnumType(Audience, {
  name: 'Audience',
  description: 'Whom a service is for.',
  valuesConfig: {
    CITIZEN: { description: 'Citizens (Bürger:innen).' },
    BUSINESS: { description: 'Businesses (Unternehmen).' },
  },
});
