/** What all editorial entries have in common: a state, a period, and who changed them when. */
import { Directive, Field, ID, Int, InterfaceType } from 'type-graphql';
import { Column, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateScalar, DateTimeScalar } from '../../../kernel/graph/scalars';
import { CatalogueState } from './entry.states';

@Directive('@tag(name: "public")')
@InterfaceType('CatalogueEntry', {
  description: 'What all editorial entries have in common (Redaktionseintrag).',
  resolveType: (entry: object) => entry.constructor.name,
})
export abstract class CatalogueEntry {
  @Directive('@tag(name: "public")')
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Directive('@tag(name: "public")')
  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Directive('@tag(name: "public")')
  @Field(() => CatalogueState, { description: 'Draft, published, superseded or withdrawn.' })
  @Column('text')
  state!: CatalogueState;

  @Directive('@tag(name: "public")')
  @Field(() => DateScalar, { description: 'First day of validity.' })
  @Column('date')
  validFrom!: string;

  @Directive('@tag(name: "public")')
  @Field(() => DateScalar, { nullable: true, description: 'Last day of validity; open when null.' })
  @Column('date', { nullable: true })
  validTo!: string | null;

  @Directive('@tag(name: "public")')
  @Field(() => String, { nullable: true, description: 'What was changed and why.' })
  @Column('text', { nullable: true })
  changeNote!: string | null;

  @Directive('@tag(name: "public")')
  @Field(() => DateTimeScalar, { description: 'When it was last changed.' })
  @Column('timestamptz')
  changedAt!: Date;

  @Directive('@tag(name: "public")')
  @Field(() => DateTimeScalar, { nullable: true, description: 'When it was published.' })
  @Column('timestamptz', { nullable: true })
  publishedAt!: Date | null;

  @Column('uuid', { nullable: true })
  changedById!: string | null;
}

export const CatalogueEntryConnection = connection(() => CatalogueEntry as unknown as new () => CatalogueEntry, {
  name: 'CatalogueEntry',
});
