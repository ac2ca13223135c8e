import { newId } from '../../../kernel/ids';
import { person, staff } from '../../../tests/setup/subgraph';
import { AUTHORITY, DEPARTMENT, NEIGHBOUR, type Stage, stage, untilState } from '../testing';

const INBOX = `subscription ($a: ID!, $after: String, $filter: InboxFilter, $kinds: [ApplicationEventKind!]) {
  inboxChanged(authorityId: $a, after: $after, filter: $filter, kinds: $kinds) { cursor kind applicationId application { id state reference } } }`;
const MINE = `subscription ($id: ID, $after: String) { applicationChanged(applicationId: $id, after: $after) { cursor kind applicationId application { id publicStatus } } }`;

describe('live feeds of applications', () => {
  let at: Stage;
  /** A cursor from before everything this test does. */
  let start: string;
  beforeAll(async () => {
    at = await stage();
    const feed = at.subgraph.as(at.max).subscribe(INBOX, { a: AUTHORITY });
    const first = feed.next();
    // the stream is ready when it tells of a case
    let cursor: string | null = null;
    void first.then(({ data }) => {
      cursor = data.inboxChanged.cursor;
    });
    while (cursor === null) await at.received();
    start = cursor;
    feed.close();
  });
  afterAll(() => at.stop());

  const inbox = (variables: object = {}, by = at.max) =>
    at.subgraph.as(by).subscribe(INBOX, { a: AUTHORITY, after: start, ...variables });

  /** The next event about one application. */
  const about = async (feed: ReturnType<typeof inbox>, id: string, root = 'inboxChanged') => {
    for (;;) {
      const { data } = await feed.next();
      if (data[root].applicationId === id) return data[root];
    }
  };

  test('staff see a case arrive, with the case as it is, and resume after a cursor without a gap', async () => {
    const { id, reference } = await at.received();
    const feed = inbox();
    const submitted = await about(feed, id);
    expect(submitted).toMatchObject({ kind: 'SUBMITTED', application: { id, reference } });
    feed.close();
    const resumed = inbox({ after: submitted.cursor });
    expect(await about(resumed, id)).toMatchObject({ kind: 'RECEIVED', application: { id, state: 'RECEIVED' } });
    resumed.close();
  });

  test('only the kinds and cases asked for come, also those that leave the filter', async () => {
    const { id, version } = await at.received();
    const feed = inbox({ filter: { states: ['RECEIVED'] }, kinds: ['RECEIVED', 'WITHDRAWN'] });
    expect((await about(feed, id)).kind).toBe('RECEIVED');
    await at.subgraph
      .as(at.klara)
      .query(
        `mutation ($input: WithdrawApplicationInput!) { withdrawApplication(input: $input) { refusal { code } } }`,
        {
          input: { applicationId: id, expectedVersion: version },
        },
      );
    expect(await about(feed, id)).toMatchObject({ kind: 'WITHDRAWN', application: { state: 'WITHDRAWN' } });
    feed.close();
    const other = await at.received();
    const narrow = inbox({ filter: { text: other.reference } });
    expect((await narrow.next()).data.inboxChanged.applicationId).toBe(other.id);
    narrow.close();
  });

  test('a department’s desk gets that department’s cases', async () => {
    const { id } = await at.received();
    const feed = inbox({ a: DEPARTMENT });
    expect((await about(feed, id)).kind).toBe('SUBMITTED');
    feed.close();
  });

  test('another authority gets nothing, and its feed of ours does not exist', async () => {
    const feed = inbox({}, at.nora);
    await expect(feed.next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const own = inbox({ a: NEIGHBOUR }, at.nora);
    const { id } = await at.received();
    // a case forwarded to her is the first thing she hears of
    await forward(id);
    expect((await own.next()).data.inboxChanged).toMatchObject({
      kind: 'FORWARDED',
      applicationId: id,
      application: { id },
    });
    own.close();
  });

  /** What forwarding writes, so that this feature is tested by itself. */
  async function forward(id: string): Promise<void> {
    await at.subgraph.sql(`UPDATE applications.application SET authority_id = $2, state = 'SUBMITTED' WHERE id = $1`, [
      id,
      NEIGHBOUR,
    ]);
    const [told] = (await at.subgraph.published('application.received')).filter(({ key }) => key === id);
    await at.subgraph.sql(
      `INSERT INTO applications.outbox (type, key, payload, occurred_at) VALUES ('application.forwarded', $1, $2, now())`,
      [
        id,
        JSON.stringify({ ...told!.payload, authorityId: NEIGHBOUR, fromAuthorityId: AUTHORITY, state: 'SUBMITTED' }),
      ],
    );
    await at.subgraph.published();
  }

  test('a desk hears once more, without content, of a case that was forwarded away, and then no more', async () => {
    const { id } = await at.received();
    await forward(id);
    const feed = inbox();
    expect(await about(feed, id)).toMatchObject({ kind: 'FORWARDED', application: null });
    const { id: next } = await at.received();
    expect((await about(feed, next)).kind).toBe('SUBMITTED');
    feed.close();
  });

  test('a staff member who leaves gets no more events: the stream ends', async () => {
    const leaver = staff({ authorityId: AUTHORITY });
    const membership = {
      staffMemberId: leaver.staffMemberId,
      authorityId: AUTHORITY,
      departmentId: null,
      scopes: leaver.scopes,
    };
    await at.subgraph.publish('identity', 'staff.changed', leaver.staffMemberId, { ...membership, active: true });
    const feed = inbox({}, leaver);
    expect((await feed.next()).data.inboxChanged.kind).toBeDefined();
    await at.subgraph.publish('identity', 'staff.changed', leaver.staffMemberId, { ...membership, active: false });
    await at.received();
    await expect(
      (async () => {
        for (;;) await feed.next();
      })(),
    ).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('applicants are told of their own cases, and never of what is internal or decided before its notice', async () => {
    const owner = person();
    const { id } = await at.received(owner);
    await at.received(at.klara);
    const [told] = (await at.subgraph.published('application.received')).filter(({ key }) => key === id);
    for (const type of ['assigned', 'internal', 'decided', 'handover-changed', 'undeliverable', 'closed']) {
      await at.subgraph.sql(
        `INSERT INTO applications.outbox (type, key, payload, occurred_at) VALUES ($1, $2, $3, now())`,
        [`application.${type}`, id, JSON.stringify(told!.payload)],
      );
    }
    const feed = at.subgraph.as(owner).subscribe(MINE, { after: start });
    const kinds: string[] = [];
    while (!kinds.includes('CLOSED')) {
      const { applicationChanged } = (await feed.next()).data;
      expect(applicationChanged.applicationId).toBe(id);
      kinds.push(applicationChanged.kind);
    }
    expect(kinds).toEqual(['SUBMITTED', 'RECEIVED', 'CLOSED']);
    feed.close();
  });

  test('an agent whose mandate is for other services by now hears no more; a member who may only read does', async () => {
    const principal = person();
    const agent = person({ actingFor: principal.accountId });
    const reader = person({ actingFor: principal.accountId, readOnly: true });
    const mandate = {
      mandateId: newId(),
      principalAccountId: principal.accountId,
      agentAccountId: agent.accountId,
      leikaKeys: ['99000000000000'],
      validFrom: '2026-01-01T00:00:00Z',
      validTo: null,
    };
    await at.subgraph.publish('identity', 'mandate.changed', principal.accountId, mandate);
    const { id } = await at.received(principal);
    const feed = at.subgraph.as(agent).subscribe(MINE, { after: start });
    const heardNothing = expect(feed.next()).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    const read = at.subgraph.as(reader).subscribe(MINE, { after: start });
    expect((await read.next()).data.applicationChanged.applicationId).toBe(id);
    expect((await read.next()).data.applicationChanged.kind).toBe('RECEIVED');
    read.close();
    // the end of the mandate ends the stream, and nothing came before it
    const ended = { ...mandate, validTo: '2026-01-02T00:00:00Z' };
    await at.subgraph.publish('identity', 'mandate.changed', principal.accountId, ended);
    await at.received(principal);
    await heardNothing;
  });

  test('watching a case that is not the asker’s, or as staff, is refused', async () => {
    const { id } = await at.received();
    const foreign = at.subgraph.as(person()).subscribe(MINE, { id });
    await expect(foreign.next()).rejects.toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const officer = at.subgraph.as(at.max).subscribe(MINE, { id });
    await expect(officer.next()).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
  });

  test('a cursor is a position, not a permission: Jonas gets nothing of Klara’s with hers', async () => {
    const jonas = person();
    const { id: klaras } = await at.received();
    const { id: own } = await at.received(jonas);
    const feed = at.subgraph.as(jonas).subscribe(MINE, { after: start });
    const { applicationChanged } = (await feed.next()).data;
    expect(applicationChanged).toMatchObject({ applicationId: own, kind: 'SUBMITTED' });
    expect(applicationChanged.applicationId).not.toBe(klaras);
    feed.close();
    const forged = at.subgraph.as(jonas).subscribe(MINE, { after: newId() });
    await expect(forged.next()).rejects.toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
    await untilState(at.subgraph, own, 'RECEIVED');
  });
});
