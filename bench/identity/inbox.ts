/** What names and the access log cost on an inbox of 50 cases, each of another applicant. */
import type pg from 'pg';
import { eventually } from '../../dev/demo/player';
import type { World } from '../../tests/hostile/world';
import type { Row } from '../main';
import { cpuOfStack, cpuSince } from './cpu';

const PAGE = 50;
/** Pages that are looked at again and again. */
const OFTEN = 6;
/** Pages that are looked at once, each measured by itself. */
const ONCE = 15;
const ROUNDS = 30;
/** Until the compilers have done what they will: what names add is not warm sooner than the rest. */
const WARM_UP = 100;
/** A desk looks so often in an hour: every two minutes. */
const LOOKS_AN_HOUR = 30;

const inbox = (fields: string) => `query ($id: ID!, $after: String) {
  inbox(authorityId: $id, first: ${PAGE}, after: $after, sort: OLDEST_FIRST) {
    nodes { id version reference state receivedAt service { leikaKey title } ${fields} }
    pageInfo { hasNextPage endCursor } } }`;
const TURN = `query ($id: ID!, $after: String) {
  inbox(authorityId: $id, first: ${PAGE}, after: $after, sort: OLDEST_FIRST) { pageInfo { endCursor } } }`;
const WITHOUT = inbox('');
/** Applicants as applications knows them by itself: what identity adds to this is their names. */
const NAMELESS = inbox('applicant { id }');
const WITH = inbox('applicant { id displayName }');

/** Of one look: microseconds of CPU of the whole platform, and milliseconds until the answer. */
interface Cost {
  readonly cpu: number;
  readonly ms: number;
}

/** Copies of a received case for so many applicants more, as the events of each would have made them. */
export async function multiply(owner: pg.Client, caseId: string, count: number): Promise<void> {
  await owner.query(`CREATE TEMP TABLE twin AS
    SELECT n, gen_random_uuid() AS case_id, gen_random_uuid() AS account_id FROM generate_series(1, ${count}) AS n`);
  await owner.query(
    `INSERT INTO applications.application
     SELECT (jsonb_populate_record(one, jsonb_build_object('id', twin.case_id, 'account_id', twin.account_id,
       'reference', 'BENCH-' || twin.n, 'applicant_name', 'Person ' || twin.n, 'received_at', one.received_at + twin.n * interval '1 ms'))).*
     FROM applications.application AS one CROSS JOIN twin WHERE one.id = $1`,
    [caseId],
  );
  await owner.query(`INSERT INTO identity.account (id, version, kind, display_name, created_at)
    SELECT account_id, 1, 'PERSON', 'Person ' || n, now() FROM twin`);
  await owner.query(`INSERT INTO applications.account_name (account_id, display_name, position)
    SELECT account_id, 'Person ' || n, head.position FROM twin CROSS JOIN events.head`);
  await owner.query(
    `INSERT INTO identity.case_party
     SELECT (jsonb_populate_record(one, jsonb_build_object('application_id', twin.case_id, 'account_id', twin.account_id,
       'reference', 'BENCH-' || twin.n))).*
     FROM identity.case_party AS one CROSS JOIN twin WHERE one.application_id = $1`,
    [caseId],
  );
  await owner.query('DROP TABLE twin');
  await owner.query(
    'ANALYZE applications.application, applications.account_name, identity.account, identity.case_party',
  );
}

/** Waits until identity has appended what was read. */
async function appended(owner: pg.Client): Promise<void> {
  await eventually(
    async () => {
      const { rows } = await owner.query(
        `SELECT (SELECT count(*)::int FROM applications.outbox) + (SELECT count(*)::int FROM identity.outbox) AS waiting,
                (SELECT position FROM events.head) - (SELECT position FROM identity.consumer LIMIT 1) AS behind`,
      );
      return rows[0] as { waiting: number; behind: string };
    },
    ({ waiting, behind }) => waiting === 0 && Number(behind) === 0,
    'identity has appended what was read',
  );
}

export async function measureInbox(world: World, owner: pg.Client): Promise<Row[]> {
  const made = await world.received();
  await multiply(owner, made.id, (OFTEN + ONCE) * PAGE);
  const {
    rows: [{ measuring }],
  } = await owner.query('SELECT pg_backend_pid() AS measuring');
  const look = async (query: string, after: string | null) => {
    const { body } = await world.max.ask(query, { id: world.authorityId, after });
    const page = body.data?.inbox;
    if (page?.nodes.length !== PAGE)
      throw new Error(`An inbox of ${PAGE} was expected: ${JSON.stringify(body).slice(0, 300)}`);
    if (
      query === WITH &&
      page.nodes.some((one: { applicant: { displayName: string | null } }) => !one.applicant.displayName)
    )
      throw new Error('A name is missing.');
  };
  /** Of one look, with all that follows from it. */
  const measured = async (query: string, pages: readonly (string | null)[]): Promise<Cost> => {
    await appended(owner);
    const [cpu, began] = [cpuOfStack(), performance.now()];
    for (const after of pages) await look(query, after);
    const ms = (performance.now() - began) / pages.length;
    await appended(owner);
    return { cpu: cpuSince(cpu, measuring as number) / pages.length, ms };
  };

  // a colleague turns the pages, so that the reader's own first look is still to come
  const cursors: (string | null)[] = [null];
  while (cursors.length < OFTEN + ONCE) {
    const { body } = await world.thea.ask(TURN, { id: world.authorityId, after: cursors.at(-1) });
    cursors.push(body.data.inbox.pageInfo.endCursor);
  }
  const [often, once] = [cursors.slice(0, OFTEN), cursors.slice(OFTEN)];
  for (let i = 0; i < WARM_UP; i += 1) for (const query of [WITHOUT, NAMELESS, WITH]) await measured(query, often);
  const without: Cost[] = [];
  const nameless: Cost[] = [];
  const withNames: Cost[] = [];
  for (let i = 0; i < ROUNDS; i += 1) {
    without.push(await measured(WITHOUT, often));
    nameless.push(await measured(NAMELESS, often));
    withNames.push(await measured(WITH, often));
  }
  const firsts: Cost[] = [];
  for (const after of once) firsts.push(await measured(WITH, [after]));
  const first = middle(firsts);
  const later = middle(withNames);
  const hour = {
    cpu: (first.cpu + later.cpu * (LOOKS_AN_HOUR - 1)) / LOOKS_AN_HOUR,
    ms: (first.ms + later.ms * (LOOKS_AN_HOUR - 1)) / LOOKS_AN_HOUR,
  };
  const rows: Row[] = [];
  for (const [what, one, peer] of [
    ['the names of applicants against applicants without names (must: at most 1.1)', later, middle(nameless)],
    ['applicants with names against no applicants', later, middle(without)],
    ['the first look of an hour, all 50 logged and chained, against the next', first, later],
    [`the mean of ${LOOKS_AN_HOUR} looks an hour against nothing to log (must: at most 1.1)`, hour, later],
    [
      `the mean of ${LOOKS_AN_HOUR} looks an hour, with names, against no names and nothing to log`,
      hour,
      middle(nameless),
    ],
  ] as const) {
    const row = (unit: string, a: number, b: number) =>
      rows.push({ name: `inbox of 50, ${what}: ${unit}`, ours: short(a), peer: short(b), ratio: ratio(a / b) });
    row('CPU ms', one.cpu / 1000, peer.cpu / 1000);
    row('ms', one.ms, peer.ms);
  }
  return rows;
}

function middle(samples: readonly Cost[]): Cost {
  const of = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return { cpu: of(samples.map(({ cpu }) => cpu)), ms: of(samples.map(({ ms }) => ms)) };
}

const short = (value: number): number => Number(value.toPrecision(3));
const ratio = (value: number): number => Number(value.toFixed(3));
