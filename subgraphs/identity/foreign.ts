/** What other subgraphs own and we only point at. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { LeikaKeyScalar } from '../../kernel/graph/scalars';

@Directive('@key(fields: "leikaKey", resolvable: false)')
@ObjectType('Service', { description: 'A public service of the LeiKa catalogue (Leistung).' })
export class Service {
  @Field(() => LeikaKeyScalar, { description: 'The 14-digit service key (LeiKa-Schlüssel).' })
  leikaKey!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Authority', {
  description: 'A public body or one of its departments (zuständige Stelle, Organisationseinheit).',
})
export class Authority {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Application', {
  description:
    "One case of one applicant, from the draft to the archive (Antrag, Vorgang); only the applicant's side, the authority in charge with its substitutes, and the archive once it is offered may see it.",
})
export class Application {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}
