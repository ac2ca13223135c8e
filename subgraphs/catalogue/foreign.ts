/** Entities of other subgraphs that the catalogue only points at. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('StaffMember', { description: 'A person working for an authority (Sachbearbeitung).' })
export class StaffMember {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

@Directive('@key(fields: "id", resolvable: false)')
@ObjectType('Form', { description: 'An immutable form: JSON Schema and UI hints (Formular).' })
export class Form {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;
}

/** A stub of somebody else's object, or null. */
export const point = (id: string | null): { id: string } | null => (id === null ? null : { id });
