/** Lists walk an index: what a page costs does not grow with what is not on it. */
import pg from 'pg';
import { type Crowd, fillWithCases } from '../bench/whole/crowd';
import type { Staff } from '../kernel/principal';
import type { Subgraph } from '../kernel/server/subgraph.server';
import { InboxSort } from '../subgraphs/applications/inbox/inbox.inputs';
import applications from '../subgraphs/applications/subgraph';
import identity from '../subgraphs/identity/subgraph';
import payment from '../subgraphs/payment/subgraph';
import { staff, startTestSubgraph, type TestSubgraph } from './setup/subgraph';

/** The largest authority has a thousand of them, on about a thousand blocks of each table. */
const CASES = 20_000;
/** Blocks of 8 kB that a page of 50 may read: a few for each row, and some of each index. */
const MOST_BLOCKS = 330;

interface Asked {
  readonly text: string;
  readonly values: unknown[];
}

/** The lists and counts that are asked of the database during `work`. */
async function listsDuring(work: () => Promise<void>): Promise<Asked[]> {
  const asked: Asked[] = [];
  const query = pg.Client.prototype.query as (...args: unknown[]) => unknown;
  const spy = jest.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args) {
    const [first, values] = args as unknown as [string | Asked, unknown[] | undefined];
    const text = typeof first === 'string' ? first : first.text;
    if (/^\s*SELECT/.test(text) && /ORDER BY|count\(/.test(text)) asked.push({ text, values: values ?? [] });
    return query.apply(this, args) as never;
  });
  try {
    await work();
  } finally {
    spy.mockRestore();
  }
  return asked;
}

/** A subgraph over a crowd of cases, asked by somebody of the largest authority. */
class Crowded {
  private constructor(
    private readonly running: TestSubgraph,
    private readonly owner: pg.Client,
    private readonly name: string,
    private readonly member: Staff,
    readonly crowd: Crowd,
  ) {}

  static async start(subgraph: Subgraph, scopes: string[]): Promise<Crowded> {
    const running = await startTestSubgraph(subgraph);
    const owner = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await owner.connect();
    const crowd = await fillWithCases(owner, CASES, [subgraph.name]);
    const { authorityId, assigneeId } = crowd;
    return new Crowded(running, owner, subgraph.name, staff({ authorityId, staffMemberId: assigneeId, scopes }), crowd);
  }

  /** @returns data, and what PostgreSQL reads for each list and count in it, when more than a page may cost */
  async ask(query: string, variables: Record<string, unknown>) {
    // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
    let data: any;
    const asked = await listsDuring(async () => {
      const answer = await this.running.as(this.member).query(query, variables);
      expect(answer.errors).toBeUndefined();
      data = answer.data;
    });
    expect(asked.length).toBeGreaterThan(0);
    const costs = await Promise.all(asked.map(async one => ({ ...one, blocks: await this.blocksFor(one) })));
    return { data, tooDear: costs.filter(({ blocks }) => blocks > MOST_BLOCKS) };
  }

  /** As the owner, past all row security. */
  async sql(text: string, values: unknown[]): Promise<void> {
    await this.owner.query(text, values);
  }

  private async blocksFor({ text, values }: Asked): Promise<number> {
    const { authorityId, staffMemberId, scopes } = this.member;
    const who = { kind: 'staff', authority: authorityId, staff: staffMemberId, scopes: scopes.join(' ') };
    const reader = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await reader.connect();
    try {
      await reader.query(`SET search_path = ${this.name}, events, public; SET ROLE ${this.name}_app`);
      for (const [key, value] of Object.entries(who))
        await reader.query('SELECT set_config($1, $2, false)', [`app.${key}`, value]);
      const { rows } = await reader.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`,
        values,
      );
      const { Plan: plan } = rows[0]!['QUERY PLAN'][0];
      return plan['Shared Hit Blocks']! + plan['Shared Read Blocks']!;
    } finally {
      await reader.end();
    }
  }

  async stop(): Promise<void> {
    await this.owner.end();
    await this.running.stop();
  }
}

let at: Crowded;

describe('of an inbox', () => {
  beforeAll(async () => {
    at = await Crowded.start(applications, ['staff:read', 'staff:work']);
    const { authorityId, departmentId } = at.crowd;
    await at.sql(`INSERT INTO applications.authority_unit VALUES ($1, $2, 1)`, [departmentId, authorityId]);
  });
  afterAll(() => at.stop());

  const FILTERS: Record<string, object | null> = {
    'without a filter': null,
    'of one state': { states: ['IN_REVIEW'] },
    'of the state of most': { states: ['CLOSED'] },
    'of two states': { states: ['RECEIVED', 'IN_REVIEW'] },
    'of nobody': { unassignedOnly: true },
    'with an answer': { answeredOnly: true },
    'of one service': { leikaKeys: ['99050012104003'] },
    'due by a day': { deadlineBy: '2026-01-15' },
    'received between two days': { receivedFrom: '2025-10-01', receivedTo: '2025-11-20' },
    'of nobody in one state': { unassignedOnly: true, states: ['RECEIVED'] },
  };
  const INBOX = `query ($id: ID!, $filter: InboxFilter, $sort: InboxSort, $after: String) {
    inbox(authorityId: $id, first: 50, filter: $filter, sort: $sort, after: $after) { nodes { id } pageInfo { endCursor } } }`;
  const PAGES = Object.keys(FILTERS).flatMap(name => Object.values(InboxSort).map(sort => [name, sort] as const));

  test.each(PAGES)('a page %s, %s, reads what is on it', async (name, sort) => {
    const { data, tooDear } = await at.ask(INBOX, { id: at.crowd.authorityId, filter: FILTERS[name], sort });
    expect(data.inbox.nodes).not.toEqual([]);
    expect(tooDear).toEqual([]);
  });

  test.each(Object.values(InboxSort))('a page of a department, %s, reads what is on it', async sort => {
    const { data, tooDear } = await at.ask(INBOX, { id: at.crowd.departmentId, sort });
    expect(data.inbox.nodes).toHaveLength(50);
    expect(tooDear).toEqual([]);
  });

  test.each(Object.values(InboxSort))('the tenth page, %s, reads what is on it', async sort => {
    let after: string | null = null;
    for (let page = 1; page < 10; page += 1)
      after = (await at.ask(INBOX, { id: at.crowd.authorityId, sort, after })).data.inbox.pageInfo.endCursor;
    const { data, tooDear } = await at.ask(INBOX, { id: at.crowd.authorityId, sort, after });
    expect(data.inbox.nodes).toHaveLength(50);
    expect(tooDear).toEqual([]);
  });

  test('the number of cases in a state is counted by index', async () => {
    const { data, tooDear } = await at.ask(
      'query ($id: ID!) { inbox(authorityId: $id, first: 1, filter: { states: [IN_REVIEW] }) { totalCount } }',
      { id: at.crowd.authorityId },
    );
    expect(data.inbox.totalCount).toBeGreaterThan(0);
    expect(tooDear).toEqual([]);
  });
});

describe('of payments', () => {
  beforeAll(async () => {
    at = await Crowded.start(payment, ['payment:read']);
  });
  afterAll(() => at.stop());

  test.each([[null], [['FAILED']], [['PAYED']]])('a page in the states %j reads what is on it', async states => {
    const { data, tooDear } = await at.ask(
      'query ($id: ID!, $states: [PaymentState!]) { payments(authorityId: $id, first: 50, states: $states) { nodes { id } } }',
      { id: at.crowd.authorityId, states },
    );
    expect(data.payments.nodes).not.toEqual([]);
    expect(tooDear).toEqual([]);
  });
});

describe('of the access log', () => {
  beforeAll(async () => {
    at = await Crowded.start(identity, ['audit:read']);
  });
  afterAll(() => at.stop());

  const LOG = `query ($id: ID!, $member: ID, $case: ID) { authorityAccessLog(authorityId: $id, first: 50,
    staffMemberId: $member, applicationId: $case) { nodes { action } } }`;

  test('a page reads what is on it', async () => {
    const { data, tooDear } = await at.ask(LOG, { id: at.crowd.authorityId });
    expect(data.authorityAccessLog.nodes).toHaveLength(50);
    expect(tooDear).toEqual([]);
  });

  test('a page of one reader reads what is on it', async () => {
    const { data, tooDear } = await at.ask(LOG, { id: at.crowd.authorityId, member: at.crowd.assigneeId });
    expect(data.authorityAccessLog.nodes).not.toEqual([]);
    expect(tooDear).toEqual([]);
  });
});
