/** Entities of other subgraphs: what we only point at, and the two that messaging adds a field to. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Document', {
  description:
    'One file with its checks (Dokument); who may see its application or message may see it, INTERNAL ones staff only.',
})
export class Document {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('StaffMember', { description: 'A person working for an authority (Sachbearbeitung).' })
export class StaffMember {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Authority', {
  description: 'A public body or one of its departments (zuständige Stelle, Organisationseinheit).',
})
export class Authority {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Account', {
  description:
    'The account of a person or an organisation (Servicekonto, Unternehmenskonto); others than its holder, agents and the authority in charge see only that it exists.',
})
export class Account {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Application', {
  description:
    "One case of one applicant, from the draft to the archive (Antrag, Vorgang); only the applicant's side, the authority in charge with its substitutes, and the archive once it is offered may see it.",
})
export class Application {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}
