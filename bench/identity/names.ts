/** What the names of an inbox cost identity itself: one batch of 50, asked for again and again by the desk in charge. */
import type pg from 'pg';
import { PERSONAS, staffMemberIdOf } from '../../dev/demo/facts';
import { newId } from '../../kernel/ids';
import type { World } from '../../tests/hostile/world';
import { ask } from '../../tests/rights/askers';
import type { Row } from '../main';
import { cpuOfStack, cpuSince } from './cpu';

const BATCH = 50;
const WARM = 1_500;
const BLOCKS = 15;
const CALLS = 40;
const NAMES = `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account { displayName } } }`;
const [, , MAX] = PERSONAS;

/** After {@link multiply}, so that there are applicants enough. */
export async function measureNames(world: World, owner: pg.Client): Promise<Row[]> {
  const { rows } = await owner.query<{ id: string }>(
    `SELECT account_id AS id FROM identity.case_party WHERE authority_id = $1 LIMIT ${BATCH}`,
    [world.authorityId],
  );
  const of = rows.map(({ id }) => ({ __typename: 'Account', id }));
  const principal = {
    kind: 'staff',
    sessionId: newId(),
    staffMemberId: staffMemberIdOf(MAX.subject),
    authorityId: world.authorityId,
    departmentId: null,
    scopes: ['staff:read', 'staff:work'],
  } as const;
  const call = async () => {
    const { body } = await ask({ name: 'max', principal, is: [] }, 'identity', world.stack.env.IDENTITY_URL!, NAMES, {
      of,
    });
    const names = body.data?._entities.filter((one: { displayName: string | null }) => one.displayName) ?? [];
    if (names.length !== BATCH) throw new Error(`A name is missing: ${JSON.stringify(body).slice(0, 300)}`);
  };
  for (let n = 0; n < WARM; n += 1) await call();
  const samples: { readonly cpu: number; readonly ms: number }[] = [];
  for (let block = 0; block < BLOCKS; block += 1) {
    const [cpu, began] = [cpuOfStack(), performance.now()];
    for (let n = 0; n < CALLS; n += 1) await call();
    samples.push({ cpu: cpuSince(cpu) / CALLS / 1000, ms: (performance.now() - began) / CALLS });
  }
  const row = (what: string, of: 'cpu' | 'ms'): Row => {
    const sorted = samples.map(sample => sample[of]).sort((a, b) => a - b);
    return {
      name: `50 names, asked of identity itself: ${what}`,
      ours: Number(sorted[Math.floor(BLOCKS / 2)]!.toPrecision(3)),
    };
  };
  return [row('CPU ms with PostgreSQL', 'cpu'), row('ms', 'ms')];
}
