/** The names of applicant and agent in a desk's inbox: from identity's events, for nobody else, and noted. */
import { parse } from 'graphql';
import { Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { newId } from '../../../kernel/ids';
import { type Person, type Principal, type Staff, serviceOf } from '../../../kernel/principal';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { doing } from '../casework/desk.testing';
import { AUTHORITY, NEIGHBOUR, type Stage, stage } from '../testing';
import { Application } from './application.entity';
import { Party, provideNames } from './party.loaders';

const CASE = 'id applicant { id displayName } agent { id displayName }';
const INBOX = `query ($a: ID!) { inbox(authorityId: $a, first: 100) { nodes { ${CASE} } edges { node { ${CASE} } } } }`;

/** What a resolver is told of a query for names. */
const INFO = { fieldNodes: parse(`{ ${CASE} }`).definitions, fragments: {} } as never;

let at: Stage;
beforeAll(async () => {
  at = await stage();
});
afterAll(() => at.stop());

const named = (accountId: string, displayName: string) =>
  at.subgraph.publish('identity', 'account.changed', accountId, {
    accountId,
    kind: 'PERSON',
    displayName,
    email: null,
  });

/** A received case of somebody, sent in by somebody who may act for them. */
async function sentByAgent(): Promise<{
  id: string;
  reference: string;
  version: number;
  owner: Person;
  agent: Person;
}> {
  const owner = person();
  const agent = person({ actingFor: owner.accountId });
  await at.subgraph.publish('identity', 'mandate.changed', owner.accountId, {
    mandateId: newId(),
    principalAccountId: owner.accountId,
    agentAccountId: agent.accountId,
    leikaKeys: [],
    validFrom: '2026-01-01T00:00:00Z',
    validTo: null,
  });
  await named(owner.accountId, 'Petra Person');
  await named(agent.accountId, 'Anton Agent');
  return { ...(await at.received(agent)), owner, agent };
}

interface Shown {
  readonly id: string;
  readonly applicant: { readonly displayName: string | null };
  readonly agent: { readonly displayName: string | null } | null;
}

/** What the inbox of somebody's authority shows of a case, by both ways through its page. */
async function inInbox(
  id: string,
  who: Principal = at.max,
  authorityId = AUTHORITY,
): Promise<(string | null)[] | null> {
  const { data } = await at.subgraph.as(who).query(INBOX, { a: authorityId });
  const of = (found: Shown | undefined) =>
    found ? [found.applicant.displayName, found.agent?.displayName ?? null] : null;
  const [one, other] = [
    data.inbox.nodes.find((node: Shown) => node.id === id),
    data.inbox.edges.find(({ node }: { node: Shown }) => node.id === id)?.node,
  ];
  expect(of(one)).toEqual(of(other));
  return of(one);
}

const notesAbout = async ({ accountId }: Person) =>
  (await at.subgraph.published('data.accessed')).filter(({ key }) => key === accountId).map(({ payload }) => payload);

test('follow what identity tells, to the neutral name of who was erased', async () => {
  const { id, owner } = await sentByAgent();
  expect(await inInbox(id)).toEqual(['Petra Person', 'Anton Agent']);
  await named(owner.accountId, 'Petra Neuname');
  expect(await inInbox(id)).toEqual(['Petra Neuname', 'Anton Agent']);
  await named(owner.accountId, 'Gelöschtes Konto');
  expect(await inInbox(id)).toEqual(['Gelöschtes Konto', 'Anton Agent']);
  const { id: unheard } = await at.received(person());
  expect(await inInbox(unheard)).toEqual([null, null]);
});

test('stay the newest where a migration has filled them in from events that are still to be handled', async () => {
  const { id, owner } = await sentByAgent();
  await at.subgraph.sql(`UPDATE applications.account_name SET position = position + 10000 WHERE account_id = $1`, [
    owner.accountId,
  ]);
  await named(owner.accountId, 'Petra Vorher');
  expect(await inInbox(id)).toEqual(['Petra Person', 'Anton Agent']);
});

test('cost one statement a page, in whatever form they are asked for, and none where they are not', async () => {
  await sentByAgent();
  const inbox = (fields: string, fragments = '') =>
    at.subgraph
      .as(at.max)
      .query(`query ($a: ID!) { inbox(authorityId: $a, first: 100) ${fields} } ${fragments}`, { a: AUTHORITY });
  await inbox('{ nodes { agent { displayName } } }'); // what is read is noted, and no more for an hour
  const none = await inbox('{ nodes { id applicant { id } } }');
  for (const [fields, fragments] of [
    ['{ nodes { id applicant { displayName } } }'],
    ['{ nodes { id agent { displayName } } edges { node { applicant { name: displayName } } } }'],
    ['{ ... on ApplicationConnection { edges { node { ... { agent { displayName } } } } } }'],
    [
      '{ ...P }',
      'fragment P on ApplicationConnection { nodes { ...C } } fragment C on Application { agent { displayName } }',
    ],
  ] as const) {
    const named = await inbox(fields, fragments);
    expect(named.statements).toBe(none.statements + 1);
    expect(JSON.stringify(named.data)).toMatch(/Petra Person|Anton Agent/);
  }
});

test('go with the case: the authority that forwarded it sees them no more, the new one does', async () => {
  const { id, version, owner, agent } = await sentByAgent();
  expect(await inInbox(id, at.nora, NEIGHBOUR)).toBeNull();
  const input = { applicationId: id, authorityId: NEIGHBOUR, reason: 'Umzug', expectedVersion: version };
  expect((await doing(at, at.max, 'forwardApplication', input)).refusal).toBeNull();
  expect(await inInbox(id)).toBeNull();
  expect(await inInbox(id, at.nora, NEIGHBOUR)).toEqual(['Petra Person', 'Anton Agent']);
  expect(await stored(at.max, owner, agent)).toEqual([]);
});

test('are told on no other path, where identity is asked: not by id, not by reference, not in a feed of one’s own', async () => {
  const { id, owner, agent } = await sentByAgent();
  const nobody = staff({ authorityId: AUTHORITY, scopes: [] });
  for (const who of [owner, agent, at.max, at.nora, at.olaf, nobody, person(), ANONYMOUS]) {
    const asked = at.subgraph.as(who);
    const answers = await Promise.all([
      asked.query(`query ($id: ID!) { application(id: $id) { ${CASE} } }`, { id }),
      asked.query(`{ myApplications { nodes { ${CASE} } } }`),
      asked.query(`query ($of: [_Any!]!) { _entities(representations: $of) { ... on Application { ${CASE} } } }`, {
        of: [{ __typename: 'Application', id }],
      }),
      asked.query('query ($of: [_Any!]!) { _entities(representations: $of) { ... on Account { displayName } } }', {
        of: [{ __typename: 'Account', id: owner.accountId }],
      }),
    ]);
    expect(JSON.stringify(answers)).not.toMatch(/Petra|Anton/);
  }
  for (const who of [at.olaf, nobody, owner, ANONYMOUS]) {
    const { data } = await at.subgraph.as(who).query(INBOX, { a: AUTHORITY });
    expect(data.inbox).toBeNull();
  }
});

test('are judged once more where they are read, also past the second wall', async () => {
  const { id, owner, agent } = await sentByAgent();
  const { db, stream } = at.subgraph.running;
  const nameFor = async (who: Person | Staff) => {
    const ctx = new Context(db, stream, {
      principal: serviceOf('applications', who),
      language: 'de',
      requestId: newId(),
    });
    const [application] = await ctx.read(tx => rows(tx, Application, 'SELECT * FROM application WHERE id = $1', [id]));
    await provideNames(ctx, [application!], INFO);
    const name = new Party(owner.accountId, application!, ctx).displayName;
    await ctx.close();
    return name;
  };
  expect(await nameFor(at.max)).toBe('Petra Person');
  for (const who of [at.nora, at.olaf, staff({ authorityId: AUTHORITY, scopes: [] }), owner, agent]) {
    expect(await nameFor(who)).toBeNull();
  }
});

test('come with an event of the inbox, and with none of any other feed', async () => {
  const feed = at.subgraph
    .as(at.max)
    .subscribe(`subscription ($a: ID!) { inboxChanged(authorityId: $a) { kind cursor application { ${CASE} } } }`, {
      a: AUTHORITY,
    });
  const first = feed.next();
  let cursor: string | null = null;
  void first.then(({ data }) => {
    cursor = data.inboxChanged.cursor;
  });
  while (cursor === null) await at.received(); // the stream is ready when it tells of a case
  const { id, owner } = await sentByAgent();
  for (;;) {
    const { application } = (await feed.next()).data.inboxChanged;
    if (application.id !== id) continue;
    expect(application).toMatchObject({
      applicant: { displayName: 'Petra Person' },
      agent: { displayName: 'Anton Agent' },
    });
    break;
  }
  feed.close();
  const operator = staff({ authorityId: AUTHORITY, scopes: ['staff:read', 'ops:deliveries'] });
  const { staffMemberId, scopes } = operator;
  await at.subgraph.publish('identity', 'staff.changed', staffMemberId, {
    ...{ staffMemberId, authorityId: AUTHORITY, departmentId: null, scopes, active: true },
  });
  const [told] = (await at.subgraph.published('application.received')).filter(({ key }) => key === id);
  await at.subgraph.sql(
    `INSERT INTO applications.outbox (type, key, payload, occurred_at) VALUES ('application.undeliverable', $1, $2, now())`,
    [id, JSON.stringify(told!.payload)],
  );
  for (const [who, feedOf] of [
    [owner, 'applicationChanged'],
    [operator, 'undeliverableApplicationsChanged'],
  ] as const) {
    const other = at.subgraph
      .as(who)
      .subscribe(`subscription ($c: String) { ${feedOf}(after: $c) { application { ${CASE} } } }`, { c: cursor });
    expect((await other.next()).data[feedOf].application).toMatchObject({
      id,
      applicant: { displayName: null },
      agent: { displayName: null },
    });
    other.close();
  }
});

test('are noted: the agent’s for the agent, the applicant’s with the reading of the case', async () => {
  const { id, reference, owner, agent } = await sentByAgent();
  await at.subgraph
    .as(at.max)
    .query('query ($a: ID!) { inbox(authorityId: $a, first: 100) { nodes { id } } }', { a: AUTHORITY });
  expect(await notesAbout(agent)).toEqual([]);
  await inInbox(id);
  const noted = { applicationId: id, action: 'read', purpose: reference, staffMemberId: at.max.staffMemberId };
  expect(await notesAbout(owner)).toEqual([
    expect.objectContaining({ ...noted, subjectType: 'Application', subjectId: id }),
  ]);
  expect(await notesAbout(agent)).toEqual([
    expect.objectContaining({ ...noted, subjectType: 'Account', subjectId: agent.accountId, authorityId: AUTHORITY }),
  ]);
});

/** Whose names the second wall lets somebody read, were the code to forget to ask. */
async function stored(who: Principal, ...about: Person[]): Promise<string[]> {
  const accounts = about.map(({ accountId }) => accountId);
  const found: { display_name: string }[] = await at.subgraph.running.db.tx(who, tx =>
    tx.query('SELECT display_name FROM account_name WHERE account_id = ANY($1) ORDER BY 1', [accounts]),
  );
  return found.map(({ display_name }) => display_name);
}

test('are walled off in the database from everybody but the authority in charge, and people from all but their own', async () => {
  const { owner, agent } = await sentByAgent();
  const draft = person();
  await named(draft.accountId, 'Dora Draft');
  await at.draft(draft);
  const everybody = [owner, agent, draft] as const;
  expect(await stored(at.max, ...everybody)).toEqual(['Anton Agent', 'Petra Person']);
  expect(await stored(owner, ...everybody)).toEqual(['Petra Person']);
  expect(await stored(agent, ...everybody)).toEqual(['Anton Agent']);
  for (const who of [at.nora, at.olaf, { kind: 'machine', name: 'register', scopes: [] } as const, ANONYMOUS]) {
    expect(await stored(who, ...everybody)).toEqual([]);
  }
});

test('are looked up by index, however many cases their authority has', async () => {
  const plan: { 'QUERY PLAN': string }[] = await at.subgraph.running.db.tx(at.max, async tx => {
    await tx.query('SET LOCAL enable_seqscan = off');
    return tx.query('EXPLAIN SELECT display_name FROM account_name WHERE account_id = ANY($1)', [[newId(), newId()]]);
  });
  const text = plan.map(line => line['QUERY PLAN']).join('\n');
  expect(text).toMatch(/Index (Only )?Scan using application_a/);
  expect(text).not.toContain('hashed');
});
