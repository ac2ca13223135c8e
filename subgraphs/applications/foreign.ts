/** Entities of other subgraphs that we only point at by their key. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { ArsScalar, LeikaKeyScalar } from '../../kernel/graph/scalars';

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

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Authority', {
  description: 'A public body or one of its departments (zuständige Stelle, Organisationseinheit).',
})
export class Authority {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('OnlineServiceVersion', { description: 'One version of an online service; never changed once published.' })
export class OnlineServiceVersion {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "leikaKey ars", resolvable: false)')
@ObjectType('ServiceAtPlace', {
  description: 'The preflight: one service at one place, answered by every subgraph that knows a part of it.',
})
export class ServiceAtPlace {
  @Field(() => LeikaKeyScalar, { description: 'The service (LeiKa-Schlüssel).' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The place (Amtlicher Regionalschlüssel).' })
  ars!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Account', {
  description:
    'The account of a person or an organisation (Servicekonto, Unternehmenskonto); others than its holder, agents and the authority in charge see only that it exists.',
})
export class Account {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;

  /** Null where it is not provided: see `Party`. */
  @Directive('@external')
  @Field(() => String, { nullable: true, simple: true, description: 'The name to show.' })
  get displayName(): string | null {
    return null;
  }
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('StaffMember', { description: 'A person working for an authority (Sachbearbeitung).' })
export class StaffMember {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

/** `{ id }` as an entity, or null. */
export const byId = <T extends { id: string }>(id: string | null | undefined): T | null => (id ? ({ id } as T) : null);
