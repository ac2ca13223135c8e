/** Batched loads of topics and situations. */
import { today } from '../../../kernel/clock';
import { batch, byKey, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { inForce } from '../entries/in-force';
import type { LifeTopicCode } from './life-topic';
import { LifeSituation } from './topic.entity';

export const situationById = batch<string, LifeSituation>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, LifeSituation, 'SELECT * FROM life_situation WHERE id = ANY($1)', [ids])),
    situation => situation.id,
  ),
);

export const situationsOf = batch<LifeTopicCode, LifeSituation[]>(async (codes, ctx) =>
  groupBy(
    await ctx.read(tx =>
      rows(tx, LifeSituation, `SELECT * FROM life_situation WHERE life_topic = ANY($1) ORDER BY name ->> 'de', id`, [
        codes,
      ]),
    ),
    situation => situation.lifeTopic,
  ),
);

/** How many services of each topic are published today. */
export const serviceCountOf = batch<LifeTopicCode, number>(async (codes, ctx) => {
  const found: { code: LifeTopicCode; count: number }[] = await ctx.read(tx =>
    tx.query(
      `SELECT life_topic AS code, count(*)::int AS count FROM service_version
       WHERE life_topic = ANY($1) AND ${inForce('service_version', '$2')} GROUP BY life_topic`,
      [codes, today()],
    ),
  );
  return new Map(found.map(({ code, count }) => [code, count]));
});
