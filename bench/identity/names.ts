/** What the names of an inbox cost identity itself: one batch of 50, asked for again and again by the desk in charge. */
import type pg from 'pg';
import { PERSONAS, staffMemberIdOf } from '../../dev/demo/facts';
import { newId } from '../../kernel/ids';
import type { World } from '../../tests/hostile/world';
import { ask } from '../../tests/rights/askers';
import type { Row } from '../main';
import { cpuOfStack } from './cpu';

const BATCH = 50;
const WARM = 1_500;
const CALLS = 600;
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
  const [cpu, began] = [cpuOfStack(), performance.now()];
  for (let n = 0; n < CALLS; n += 1) await call();
  const row = (what: string, value: number): Row => ({ name: `50 names of identity itself: ${what}`, ours: value });
  return [
    row('CPU ms with PostgreSQL', Number(((cpuOfStack() - cpu) / CALLS / 1000).toPrecision(3))),
    row('ms', Number(((performance.now() - began) / CALLS).toPrecision(3))),
  ];
}
