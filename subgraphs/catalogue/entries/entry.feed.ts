/** The public feed of changes: what was published, superseded and withdrawn. */
import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { live } from '../../../kernel/live';
import type { Events } from '../../../schema/events';
import { covers } from '../areas/ars';
import { CatalogueEntry } from './entry.entity';
import { visibleEntry } from './entry.loaders';

export enum CatalogueEventKind {
  PUBLISHED = 'PUBLISHED',
  SUPERSEDED = 'SUPERSEDED',
  WITHDRAWN = 'WITHDRAWN',
}
registerEnumType(CatalogueEventKind, {
  name: 'CatalogueEventKind',
  description: 'What happened to a catalogue entry.',
  valuesConfig: {
    PUBLISHED: { description: 'Published.' },
    SUPERSEDED: { description: 'Replaced by a newer entry.' },
    WITHDRAWN: { description: 'Taken back.' },
  },
});

@Directive('@tag(name: "public")')
@ObjectType('CatalogueEvent', { description: 'One change of the published catalogue.' })
export class CatalogueEvent {
  @Directive('@tag(name: "shared")')
  @Field(() => String, { description: 'The signed position to resume from; a position, not a permission.' })
  cursor!: string;

  @Directive('@tag(name: "shared")')
  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Directive('@tag(name: "shared")')
  @Field(() => CatalogueEventKind, { description: 'What happened.' })
  kind!: CatalogueEventKind;

  @Field(() => CatalogueEntry, { nullable: true, description: 'The entry.' })
  entry!: CatalogueEntry | null;
}

export interface FeedArgs {
  leikaKey?: string | null;
  ars?: string | null;
  after?: string | null;
}

/** An entry is valid in an area when it holds for that area, one above it or one below it; a service holds everywhere. */
const concerns = ({ leikaKeys, ars }: Events['catalogue.entry-changed'], asked: FeedArgs): boolean =>
  (asked.leikaKey == null || leikaKeys.includes(asked.leikaKey)) &&
  (asked.ars == null || ars === null || covers(asked.ars, ars) || covers(ars, asked.ars));

export const watchCatalogue = (ctx: Context, args: FeedArgs) =>
  live(ctx, {
    types: ['catalogue.entry-changed'],
    after: args.after,
    show: async (event, fresh) => {
      const payload = event.payload as unknown as Events['catalogue.entry-changed'];
      if (!concerns(payload, args)) return null;
      return { kind: payload.kind, entry: await visibleEntry(fresh, payload.entryId) };
    },
  });
