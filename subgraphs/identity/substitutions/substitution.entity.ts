/** Substitutions: who covers for whom, and when. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

@Directive('@key(fields: "id")')
@ObjectType('Substitution', { description: 'Covering the cases of an absent colleague (Vertretung).' })
@Entity({ name: 'substitution' })
export class Substitution {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  absentStaffMemberId!: string;

  @Column('uuid')
  substituteStaffMemberId!: string;

  @Column('uuid')
  authorityId!: string;

  @Field(() => DateTimeScalar, { description: 'First moment.' })
  @Column('timestamptz')
  validFrom!: Date;

  @Field(() => DateTimeScalar, { description: 'Last moment.' })
  @Column('timestamptz')
  validTo!: Date;

  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  /** Who ended it; null where it ended with somebody's leaving. */
  @Column('uuid', { nullable: true })
  revokedById!: string | null;

  /** Only through the resolver, which looks at who asks. */
  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('uuid')
  arrangedById!: string;

  @Column('timestamptz')
  createdAt!: Date;
}

export const SubstitutionConnection = connection(() => Substitution, { name: 'Substitution' });
