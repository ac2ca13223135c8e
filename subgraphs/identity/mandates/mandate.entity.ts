/** Mandates: who may act for whom, for which services, and when. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

@Directive('@key(fields: "id")')
@ObjectType('Mandate', { description: 'The right to act for another account (Vollmacht).' })
@Entity({ name: 'mandate' })
export class Mandate {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  principalAccountId!: string;

  @Column('uuid')
  agentAccountId!: string;

  /** All services when empty. */
  @Column('text', { array: true })
  leikaKeys!: string[];

  @Field(() => DateTimeScalar, { description: 'First moment.' })
  @Column('timestamptz')
  validFrom!: Date;

  @Field(() => DateTimeScalar, { nullable: true, description: 'Last moment; open when null.' })
  @Column('timestamptz', { nullable: true })
  validTo!: Date | null;

  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was revoked.' })
  @Column('timestamptz', { nullable: true })
  revokedAt!: Date | null;

  /** Who signed for the account that is represented. */
  @Column('uuid')
  grantedById!: string;

  @Column('uuid', { nullable: true })
  revokedById!: string | null;

  @Column('timestamptz')
  createdAt!: Date;
}

export const MandateConnection = connection(() => Mandate, { name: 'Mandate' });
