/** Fee rules: what a service costs in an area and all areas below it. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { payload } from '../../../kernel/graph/refusal.type';
import { DateScalar } from '../../../kernel/graph/scalars';
import type { StoredItem } from './item.type';

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('Fee', { description: 'A fee rule of a service in an area (Gebührentatbestand).' })
@Entity({ name: 'fee' })
export class Fee {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('text')
  leikaKey!: string;

  @Column('text')
  ars!: string;

  @Column('jsonb')
  items!: StoredItem[];

  @Column('int')
  totalMinor!: number;

  @Field(() => Boolean, { description: 'True when it must be paid before submission (Vorkasse).' })
  @Column('boolean')
  prepaymentRequired!: boolean;

  @Field(() => String, { description: 'The law it rests on.' })
  @Column('text')
  legalBasis!: string;

  @Field(() => DateScalar, { description: 'First day.' })
  @Column('date')
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day; open when null.' })
  @Column('date', { nullable: true })
  validTo!: string | null;

  @Column('uuid', { nullable: true })
  changedBy!: string | null;

  @Column('timestamptz')
  changedAt!: Date;
}

export const FeeConnection = connection(() => Fee, { name: 'Fee', public: true });
export const SaveFeePayload = payload('saveFee', 'fee', () => Fee);
