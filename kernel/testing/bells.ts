/** A complete small subgraph for the kernel's tests: bells are cast, retuned, listed and heard live. */
import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
  Subscription,
} from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TestSubgraph } from '../../tests/setup/subgraph';
import { ask } from '../ask';
import { batch, byKey, Context } from '../context';
import { rows } from '../database/database';
import { notFound } from '../errors';
import { emit } from '../events/outbox';
import { connection } from '../graph/page.type';
import { answer, payload } from '../graph/refusal.type';
import { DateScalar } from '../graph/scalars';
import { once } from '../idempotency';
import { newId } from '../ids';
import { live } from '../live';
import { page } from '../page';
import { refusals } from '../refusal';
import type { Subgraph } from '../server/subgraph.server';
import { change, checkVersion } from '../version';

const refuse = refusals({ TOO_LOUD: { de: 'Zu laut.', en: 'Too loud.' } });

@Directive('@key(fields: "id")')
@ObjectType('Bell', { description: 'A bell.' })
@Entity({ name: 'bell' })
export class Bell {
  @Field(() => ID, { description: 'Id.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Version.' })
  @Column('int')
  version!: number;

  @Field(() => String, { description: 'Tone.' })
  @Column('text')
  tone!: string;

  @Column('timestamptz')
  castAt!: Date;
}
const BellConnection = connection(() => Bell, { name: 'Bell', totalCount: true });
const CastBellPayload = payload('castBell', 'bell', () => Bell);

@ObjectType('BellEvent', { description: 'A ring.' })
class BellEvent {
  @Field(() => String, { description: 'Cursor.' })
  cursor!: string;

  @Field(() => ID, { description: 'Which bell.' })
  bellId!: string;
}

const bellById = batch<string, Bell>(async (ids, ctx) =>
  byKey(await ctx.read(tx => rows(tx, Bell, 'SELECT * FROM bell WHERE id = ANY($1)', [ids])), bell => bell.id),
);

@Resolver(() => Bell)
class BellResolver {
  @FieldResolver(() => Bell, { nullable: true, description: 'Itself.' })
  same(@Root() bell: Bell, @Ctx() ctx: Context): Promise<Bell | null> {
    return bellById(ctx).load(bell.id);
  }

  @FieldResolver(() => String, { nullable: true, description: 'What somebody else says of it.' })
  async echoed(
    @Root() bell: Bell,
    @Arg('readsMeanwhile', () => Boolean) readsMeanwhile: boolean,
    @Ctx() ctx: Context,
  ): Promise<string> {
    const [{ word }] = await Promise.all([
      ask<{ word: string }>('catalogue', 'word', { n: 2 }, ctx.envelope),
      readsMeanwhile && ctx.read(tx => tx.query('SELECT 1')),
    ]);
    return `${bell.tone} ${word}`;
  }

  @Query(() => Bell, { nullable: true, description: 'One bell.' })
  async bell(@Arg('id', () => ID) id: string, @Ctx() ctx: Context): Promise<Bell> {
    const bell = await bellById(ctx).load(id);
    if (!bell) throw notFound();
    return bell;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => BellConnection, { nullable: true, description: 'All bells.' })
  bells(
    @Arg('first', () => Int, { nullable: true, defaultValue: 20 }) first: number,
    @Arg('after', () => String, { nullable: true }) after: string | null,
    @Arg('castOn', () => DateScalar, { nullable: true }) _castOn: string | null,
    @Ctx() ctx: Context,
  ) {
    return ctx.read(tx =>
      page(
        tx,
        Bell,
        {
          subgraph: 'catalogue',
          kind: 'bells',
          sql: 'SELECT * FROM bell',
          values: [],
          order: [
            { column: 'cast_at', cast: 'timestamptz' },
            { column: 'id', cast: 'uuid' },
          ],
        },
        { first, after },
      ),
    );
  }

  @Query(() => String, { nullable: true, description: 'A fault.' })
  crack(): string {
    throw new Error('secret detail: SELECT * FROM bell');
  }

  @Query(() => String, { nullable: true, description: 'What somebody else says.' })
  async echo(@Ctx() ctx: Context): Promise<string> {
    return (await ask<{ word: string }>('catalogue', 'word', { n: 1 }, ctx.envelope)).word;
  }

  @Directive('@authenticated')
  @Mutation(() => CastBellPayload, { nullable: true, description: 'Casts.' })
  castBell(
    @Arg('tone', () => String) tone: string,
    @Arg('idempotencyKey', () => String) idempotencyKey: string,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'bell', async () => {
      const { id } = await ctx.write(tx =>
        once(tx, ctx.principal, 'castBell', { idempotencyKey, tone } as { idempotencyKey: string }, async () => {
          if (tone === 'loud') throw refuse('TOO_LOUD');
          const bell = { id: newId(), version: 1, tone, castAt: new Date() };
          await tx.insert(Bell, bell);
          await emit(tx, 'bell.cast', bell.id, { bellId: bell.id, tone });
          return bell.id;
        }),
      );
      return bellById(ctx).load(id);
    });
  }

  @Directive('@authenticated')
  @Mutation(() => CastBellPayload, { nullable: true, description: 'Retunes.' })
  retune(
    @Arg('id', () => ID) id: string,
    @Arg('tone', () => String) tone: string,
    @Arg('expectedVersion', () => Int) expectedVersion: number,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'bell', () =>
      ctx.write(async tx => {
        const [bell] = await rows(tx, Bell, 'SELECT * FROM bell WHERE id = $1 FOR UPDATE', [id]);
        if (!bell) throw notFound();
        checkVersion(bell, expectedVersion);
        await emit(tx, 'bell.retuned', id, { bellId: id, tone });
        return change(tx, Bell, bell, { tone });
      }),
    );
  }

  @Directive('@authenticated')
  @Subscription(() => BellEvent, {
    description: 'Rings.',
    subscribe: ({ args, context }) =>
      live(context as Context, {
        types: ['bell.cast', 'bell.retuned'],
        after: (args as { after?: string }).after,
        show: async event => (event.payload.tone === 'secret' ? null : { bellId: event.key }),
      }) as never,
  })
  bellRang(@Root() event: BellEvent, @Arg('after', () => String, { nullable: true }) _after: string | null): BellEvent {
    return event;
  }
}

/** Keys of the events of others that it has reacted to. */
export const reactedTo: string[] = [];

export const bells: Subgraph = {
  name: 'catalogue',
  resolvers: [BellResolver],
  references: { Bell: (reference: { id: string }, ctx) => bellById(ctx).load(reference.id) },
  entities: [Bell],
  asks: { word: 'query { word }' },
  reactions: {
    'other.happened': async (_tx, event) => {
      reactedTo.push(event.key);
    },
  },
};

/** Its one table, made by hand because it has no migrations. */
export async function createBells(subgraph: TestSubgraph): Promise<void> {
  await subgraph.sql(
    `CREATE TABLE catalogue.bell (id uuid PRIMARY KEY, version int NOT NULL, tone text NOT NULL, cast_at timestamptz NOT NULL)`,
  );
  await subgraph.sql(`GRANT SELECT, INSERT, UPDATE ON catalogue.bell TO catalogue_app`);
}
