import { newId } from '../../../kernel/ids';
import type { Staff } from '../../../kernel/principal';
import { person, staff } from '../../../tests/setup/subgraph';
import { AUTHORITY, COMPLETE, DEPARTMENT, NEIGHBOUR, type Stage, stage } from '../testing';

const ROW =
  'id version reference state publicStatus receivedAt service { leikaKey } applicant { id displayName } agent { displayName } assignee { id } deadlines { id kind } documents { id } documentRequests { id } possibleActions';
const INBOX = `query ($a: ID!, $first: Int, $after: String, $filter: InboxFilter, $sort: InboxSort) {
  inbox(authorityId: $a, first: $first, after: $after, filter: $filter, sort: $sort) { totalCount nodes { ${ROW} } pageInfo { hasNextPage endCursor } } }`;

describe('the inbox', () => {
  let at: Stage;
  const cases: { id: string; reference: string }[] = [];
  beforeAll(async () => {
    at = await stage();
    for (let i = 0; i < 20; i++) cases.push(await at.received(person(), { ...COMPLETE, trade: `Laden ${i + 1}` }));
  });
  afterAll(() => at.stop());

  const inbox = (variables: object = {}, by: Staff = at.max) =>
    at.subgraph.as(by).query(INBOX, { a: AUTHORITY, first: 100, ...variables });
  const idsOf = async (variables: object) =>
    (await inbox(variables)).data.inbox.nodes.map(({ id }: { id: string }) => id);

  test('shows an authority’s cases oldest first, with what its staff may do', async () => {
    const { data } = await inbox();
    expect(data.inbox.totalCount).toBe(20);
    expect(data.inbox.nodes.map(({ id }: { id: string }) => id)).toEqual(cases.map(({ id }) => id));
    expect(data.inbox.nodes[0]).toMatchObject({
      state: 'RECEIVED',
      publicStatus: 'RECEIVED',
      assignee: null,
      possibleActions: [
        'claimApplication',
        'assignApplication',
        'forwardApplication',
        'requestUpload',
        'addNote',
        'addFollowUp',
      ],
    });
  });

  test('costs the same number of statements for 2 and 20 rows', async () => {
    const few = await inbox({ first: 2 });
    const many = await inbox({ first: 20 });
    expect(few.data.inbox.nodes).toHaveLength(2);
    expect(many.data.inbox.nodes).toHaveLength(20);
    expect(many.statements).toBe(few.statements);
  });

  test.each(['OLDEST_FIRST', 'NEWEST_FIRST', 'DEADLINE_FIRST', 'CHANGED_FIRST'])(
    'pages through %s without gap or repetition',
    async sort => {
      const whole = await idsOf({ sort });
      const seen: string[] = [];
      for (let after: string | null = null; ; ) {
        const { data }: Awaited<ReturnType<typeof inbox>> = await inbox({ sort, first: 7, after });
        seen.push(...data.inbox.nodes.map(({ id }: { id: string }) => id));
        if (!data.inbox.pageInfo.hasNextPage) break;
        after = data.inbox.pageInfo.endCursor;
      }
      expect(seen).toEqual(whole);
      expect(new Set(seen).size).toBe(20);
    },
  );

  test('finds words of the reference, the name and the answers, and takes % and _ as they are', async () => {
    const one = cases[6]!;
    expect(await idsOf({ filter: { text: one.reference.toLowerCase() } })).toEqual([one.id]);
    expect(await idsOf({ filter: { text: 'klara MUSTER  laden 17' } })).toEqual([cases[16]!.id]);
    expect(await idsOf({ filter: { text: '%' } })).toEqual([]);
    expect(await idsOf({ filter: { text: 'laden_1' } })).toEqual([]);
    expect((await inbox({ filter: { text: 'x'.repeat(201) } })).errors?.[0]?.extensions.code).toBe('BAD_INPUT');
  });

  describe('finds a name however it is stored and typed:', () => {
    const ids = new Map<string, string>();
    beforeAll(async () => {
      for (const familyName of [
        'Karl-Heinz Größmüller',
        'Karlheinz Groessmueller',
        'Karl Heinz Gro\u0308ßmu\u0308ller',
      ])
        ids.set(familyName, (await at.received(person(), { ...COMPLETE, familyName })).id);
      ids.set('Łukasz O’Đorđević', (await at.received(person(), { ...COMPLETE, familyName: 'Łukasz O’Đorđević' })).id);
    });

    test.each([
      'Größmüller',
      'GRÖẞMÜLLER',
      'Gro\u0308ßmu\u0308ller',
      'Groessmueller',
      'grossmuller',
      'Größm',
      'karl-heinz größmüller',
      'Karl Heinz Groessm\u00fcller',
      'Größmüller karl‑heinz',
    ])('“%s”', async text => {
      const found: string[] = await idsOf({ filter: { text } });
      expect(found.sort()).toEqual([...ids.values()].slice(0, 3).sort());
    });

    test.each(['Lukasz', '\u202aLukasz\u202c \u2068Dordevic\u2069', "O'Dordevic", 'ODORDEVIC', 'Đorđević łukasz'])(
      '“%s”',
      async text => {
        expect(await idsOf({ filter: { text } })).toEqual([ids.get('Łukasz O’Đorđević')]);
      },
    );

    test('the parts of the applicant’s name joined or not', async () => {
      const [one] = [...ids.values()];
      for (const name of ['Hans-Jürgen Abc', 'Hans Juergen Abc', 'Hansjürgen Abc']) {
        await at.subgraph.sql(`UPDATE applications.application SET applicant_name = $2 WHERE id = $1`, [one, name]);
        for (const text of ['Hansjürgen', 'Hans-Jurgen', 'abc hans juergen'])
          expect([name, text, await idsOf({ filter: { text } })]).toEqual([name, text, [one]]);
      }
    });

    test('and no other', async () => {
      for (const text of ['Großmutter', 'Karl-Heinz Dordevic', 'Grßmllr'])
        expect(await idsOf({ filter: { text } })).toEqual([]);
    });

    // the other tests count what is there
    afterAll(() =>
      at.subgraph.sql(`UPDATE applications.application SET authority_id = $2 WHERE id = ANY($1)`, [
        [...ids.values()],
        newId(),
      ]),
    );
  });

  test('filters by state, service, person, day of receipt and answered requests', async () => {
    const [first, second] = [cases[0]!, cases[1]!];
    await at.subgraph.sql(
      `UPDATE applications.application SET state = 'IN_REVIEW', assignee_id = $2, next_due_on = '2026-12-01' WHERE id = $1`,
      [first.id, at.max.staffMemberId],
    );
    await at.subgraph.sql(`UPDATE applications.application SET received_at = '2026-10-25T22:30:00Z' WHERE id = $1`, [
      second.id,
    ]);
    expect(await idsOf({ filter: { states: ['IN_REVIEW'] } })).toEqual([first.id]);
    expect(await idsOf({ filter: { assigneeId: at.max.staffMemberId } })).toEqual([first.id]);
    expect(await idsOf({ filter: { unassignedOnly: true } })).not.toContain(first.id);
    expect(await idsOf({ filter: { deadlineBy: '2026-12-01', assigneeId: at.max.staffMemberId } })).toEqual([first.id]);
    expect(await idsOf({ filter: { deadlineBy: '2026-11-01' } })).toEqual([]);
    expect(await idsOf({ filter: { leikaKeys: ['99000000000000'] } })).toEqual([]);
    // 23:30 on the 25th in Berlin, winter time having begun that day
    expect(await idsOf({ filter: { receivedFrom: '2026-10-25', receivedTo: '2026-10-25' } })).toEqual([second.id]);
    expect(await idsOf({ filter: { receivedTo: '2026-10-24' } })).toEqual([]);
    expect(await idsOf({ filter: { answeredOnly: true } })).toEqual([]);
  });

  test('lists the open cases of somebody who has left as nobody’s', async () => {
    const leaver = newId();
    const changed = (active: boolean) =>
      at.subgraph.publish('identity', 'staff.changed', leaver, {
        staffMemberId: leaver,
        authorityId: AUTHORITY,
        departmentId: null,
        scopes: ['staff:work'],
        active,
      });
    await changed(true);
    const [open, closed] = [cases[2]!, cases[3]!];
    for (const [{ id }, state] of [
      [open, 'IN_REVIEW'],
      [closed, 'CLOSED'],
    ] as const) {
      await at.subgraph.sql(`UPDATE applications.application SET state = $2, assignee_id = $3 WHERE id = $1`, [
        id,
        state,
        leaver,
      ]);
    }
    const nobodys = () => idsOf({ filter: { unassignedOnly: true } });
    expect(await nobodys()).not.toContain(open.id);
    await changed(false);
    expect(await nobodys()).toContain(open.id);
    expect(await nobodys()).not.toContain(closed.id);
  });

  test('of a department shows that department’s cases; any other unit does not exist', async () => {
    expect(await idsOf({ a: DEPARTMENT })).toHaveLength(20);
    for (const unit of [NEIGHBOUR, newId()]) {
      expect(await inbox({ a: unit })).toMatchObject({
        data: { inbox: null },
        errors: [{ extensions: { code: 'NOT_FOUND' } }],
      });
    }
  });

  test('hides every case from another authority, on each path, and from row to row in the database', async () => {
    const { id, reference } = cases[3]!;
    expect((await inbox({ a: NEIGHBOUR }, at.nora)).data.inbox.nodes).toEqual([]);
    expect((await inbox({}, at.nora)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const nora = at.subgraph.as(at.nora);
    const paths = [
      ['query ($id: ID!) { application(id: $id) { id } }', { id }],
      ['query ($reference: String!) { applicationByReference(reference: $reference) { id } }', { reference }],
    ] as const;
    for (const [query, variables] of paths) {
      expect((await nora.query(query, variables)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      expect((await at.subgraph.as(at.max).query(query, variables)).errors).toBeUndefined();
    }
    const { data } = await nora.query(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Application { id } } }',
      { r: [{ __typename: 'Application', id }] },
    );
    expect(data._entities).toEqual([null]);
    const rows = await at.subgraph.running.db.tx(at.nora, tx =>
      tx.query(
        'SELECT id FROM application UNION ALL SELECT application_id FROM history_entry UNION ALL SELECT id FROM document',
      ),
    );
    expect(rows).toEqual([]);
  });

  test('needs the scope to read', async () => {
    const { errors } = await inbox({}, staff({ authorityId: AUTHORITY, scopes: [] }));
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('writes down whose case was read, by whom and under which reference', async () => {
    await inbox({ first: 1 });
    const notes = (await at.subgraph.published('data.accessed')).map(({ payload }) => payload);
    expect(notes).toContainEqual(
      expect.objectContaining({
        applicationId: cases[0]!.id,
        purpose: cases[0]!.reference,
        action: 'read',
        staffMemberId: at.max.staffMemberId,
        authorityId: AUTHORITY,
      }),
    );
  });

  test('staff read the staff’s history with its states, the applicant an own chain without them', async () => {
    const { id } = await at.received();
    const HISTORY = `query ($id: ID!, $first: Int, $after: String) { application(id: $id) { history(first: $first, after: $after) {
      nodes { sequence action actorName publicStatus state canonical } pageInfo { hasNextPage endCursor } chain { valid length headHash } } } }`;
    const read = async (by: Parameters<typeof at.subgraph.as>[0], variables = {}) =>
      at.subgraph.as(by).query(HISTORY, { id, ...variables });
    const official = (await read(at.max)).data.application.history;
    expect(official.nodes.map(({ action, state }: { action: string; state: string }) => [action, state])).toEqual([
      ['createDraft', 'DRAFT'],
      ['submitApplication', 'SUBMITTED'],
      ['receive', 'RECEIVED'],
    ]);
    const own = await read(at.klara);
    expect(own.data.application.history.nodes.map(({ state }: { state: null }) => state)).toEqual([null, null, null]);
    expect(own.data.application.history.nodes[1].canonical).not.toContain('"state"');
    expect(own.data.application.history.nodes[1].canonical).not.toContain('Klara');
    expect(own.data.application.history.chain).toMatchObject({ valid: true, length: 3 });
    expect(own.data.application.history.chain.headHash).not.toBe(official.chain.headHash);
    const page = (await read(at.max, { first: 2 })).data.application.history;
    expect(page.pageInfo.hasNextPage).toBe(true);
    const rest = (await read(at.max, { first: 2, after: page.pageInfo.endCursor })).data.application.history;
    expect(rest.nodes.map(({ sequence }: { sequence: number }) => sequence)).toEqual([3]);
    expect((await read(at.max, { after: 'x' })).errors?.[0]?.extensions.code).toBe('BAD_INPUT');
  });
});
