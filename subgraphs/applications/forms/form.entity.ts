/** Form (Formular): JSON Schema and UI hints, never changed once registered. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar, JsonScalar } from '../../../kernel/graph/scalars';

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('Form', { description: 'An immutable form: JSON Schema and UI hints (Formular).' })
@Entity({ name: 'form' })
export class Form {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => String, { description: 'The title.' })
  @Column('text')
  title!: string;

  @Field(() => JsonScalar, { description: 'The JSON Schema (2020-12) of the answers.' })
  @Column('json')
  schema!: Record<string, unknown>;

  @Field(() => JsonScalar, { description: 'Order, widgets and texts of the fields (UI hints).' })
  @Column('json')
  uiSchema!: unknown;

  @Field(() => String, { description: 'The SHA-256 of schema and hints.' })
  @Column('text')
  hash!: string;

  @Field(() => DateTimeScalar, { description: 'When it was registered.' })
  @Column('timestamptz')
  registeredAt!: Date;
}
