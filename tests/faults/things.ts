/** Two small subgraphs: things that change live, and what another one says of them. Each reads its database for every answer. */
import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { batch, type Context } from '../../kernel/context';
import { live } from '../../kernel/live';
import type { Subgraph } from '../../kernel/server/subgraph.server';

/** What is not for everybody: it must never be told, and never hold up what follows. */
export const isSecret = (n: number): boolean => n % 7 === 0;

/** In one table that may be full, as a full disk makes it: SQLSTATE 53100 while it is. */
export const TABLES = `
  CREATE TABLE catalogue.thing (id uuid PRIMARY KEY, n int NOT NULL);
  CREATE TABLE catalogue.change (n int PRIMARY KEY);
  GRANT SELECT ON catalogue.thing TO catalogue_app;
  CREATE TABLE events.full_disk (name text PRIMARY KEY);
  GRANT SELECT ON events.full_disk TO catalogue_app, messaging_app;
  CREATE FUNCTION events.room(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
    IF EXISTS (SELECT FROM events.full_disk WHERE name = wanted) THEN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END IF;
    RETURN true;
  END $$;
  CREATE FUNCTION events.needs_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM events.room('relay'); RETURN NEW;
  END $$;
  CREATE TRIGGER needs_room BEFORE INSERT ON events.event FOR EACH ROW EXECUTE FUNCTION events.needs_room();`;

/** Where a disk can be full: while an event is judged, while its object is read, in the other subgraph, in the relay. */
export const ROOMS = ['judging', 'reading', 'joining', 'relay'] as const;

interface ThingRow {
  readonly id: string;
  readonly n: number;
}

const thingById = batch<string, ThingRow>(async (ids, ctx) => {
  const found: ThingRow[] = await ctx.read(tx =>
    tx.query(`SELECT id, n FROM thing WHERE id = ANY($1) AND events.room('reading')`, [ids]),
  );
  return new Map(found.map(row => [row.id, row]));
});

@Directive('@key(fields: "id")')
@ObjectType('Thing', { description: 'A thing.' })
class Thing {
  @Field(() => ID, { description: 'Id.' })
  id!: string;
}

@ObjectType('ThingEvent', { description: 'A change.' })
class ThingEvent {
  @Field(() => String, { description: 'Cursor.' })
  cursor!: string;

  @Field(() => Int, { description: 'Which change.' })
  n!: number;

  id!: string;
}

@Resolver(() => ThingEvent)
class ThingEventResolver {
  @FieldResolver(() => Thing, { nullable: true, description: 'What has changed.' })
  async thing(@Root() { id }: ThingEvent, @Ctx() ctx: Context): Promise<ThingRow | null> {
    return thingById(ctx).load(id);
  }

  @FieldResolver(() => Thing, { description: 'The same, never null.' })
  async surely(@Root() { id }: ThingEvent, @Ctx() ctx: Context): Promise<ThingRow> {
    return (await thingById(ctx).load(id))!;
  }

  @Query(() => Int, { nullable: true, description: 'Nothing much.' })
  things(): number {
    return 1;
  }

  @Subscription(() => ThingEvent, {
    description: 'Changes.',
    subscribe: ({ args, context }) =>
      live(context as Context, {
        types: ['thing.changed'],
        after: (args as { after?: string }).after,
        async show({ key, payload }, fresh) {
          await fresh.read(tx => tx.query(`SELECT events.room('judging')`));
          return isSecret(Number(payload.n)) ? null : { id: key, n: Number(payload.n) };
        },
      }) as never,
  })
  thingChanged(
    @Root() event: ThingEvent,
    @Arg('after', () => String, { nullable: true }) _after: string | null,
  ): ThingEvent {
    return event;
  }
}

export const things: Subgraph = {
  name: 'catalogue',
  resolvers: [ThingEventResolver],
  references: { Thing: ({ id }: { id: string }, ctx) => thingById(ctx).load(id) },
  entities: [],
  asks: {},
  reactions: {},
};

@Directive('@key(fields: "id")')
@ObjectType('Thing', { description: 'A thing.' })
class NotedThing {
  @Field(() => ID, { description: 'Id.' })
  id!: string;
}

@Resolver(() => NotedThing)
class NoteResolver {
  @FieldResolver(() => String, { nullable: true, description: 'What is said of it.' })
  async note(@Root() { id }: NotedThing, @Ctx() ctx: Context): Promise<string> {
    await ctx.read(tx => tx.query(`SELECT events.room('joining')`));
    return `note of ${id}`;
  }

  @Query(() => Int, { nullable: true, description: 'Nothing much.' })
  notes(): number {
    return 1;
  }
}

export const notes: Subgraph = {
  name: 'messaging',
  resolvers: [NoteResolver],
  orphans: [NotedThing],
  references: { Thing: (reference: { id: string }) => reference },
  entities: [],
  asks: {},
  reactions: {},
};
