/** Entities of other subgraphs that payment only points at. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { ArsScalar, LeikaKeyScalar } from '../../kernel/graph/scalars';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Authority', {
  description: 'A public body or one of its departments (zuständige Stelle, Organisationseinheit).',
})
export class Authority {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Document', {
  description:
    'One file with its checks (Dokument); who may see its application or message may see it, INTERNAL ones staff only.',
})
export class Document {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "leikaKey", resolvable: false)')
@ObjectType('Service', { description: 'A public service of the LeiKa catalogue (Leistung).' })
export class Service {
  @Field(() => LeikaKeyScalar, { description: 'The 14-digit service key (LeiKa-Schlüssel).' })
  leikaKey!: string;
}

@Directive('@key(fields: "ars", resolvable: false)')
@ObjectType('Area', { description: 'An administrative area, from the state down to the municipality (Gebiet).' })
export class Area {
  @Field(() => ArsScalar, { description: 'The regional key of the area (Amtlicher Regionalschlüssel).' })
  ars!: string;
}

/** The case itself; its fields of ours stand in cases/case.resolver.ts. */
@Directive('@key(fields: "id")')
@ObjectType('Application', {
  description:
    "One case of one applicant, from the draft to the archive (Antrag, Vorgang); only the applicant's side, the authority in charge with its substitutes, and the archive once it is offered may see it.",
})
export class Application {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}
