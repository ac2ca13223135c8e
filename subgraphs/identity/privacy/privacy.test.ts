/** A copy and the deletion of one's data: asked by the holder, answered by every part, kept as long as the law says. */
import { addDays, shiftClock, today } from '../../../kernel/clock';
import { rows } from '../../../kernel/database/database';
import { newId } from '../../../kernel/ids';
import { type Person, type Principal, serviceOf } from '../../../kernel/principal';
import { sealingKey } from '../../../kernel/seal';
import { TrustLevel } from '../../../kernel/trust';
import type { Retained } from '../../../schema/events';
import { ANONYMOUS, staff } from '../../../tests/setup/subgraph';
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';
import { type Asked, parts } from '../testing/privacy';
import { PrivacyRequest } from './privacy.entity';
import { retireIdleAccounts } from './privacy.idle';
import { expireCopies, MOST_ROUNDS, privacyQueue } from './privacy.queue';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());
afterEach(() => shiftClock(0));

const SHOWN = `id kind state requestedAt completedAt downloadUrl expiresAt retained { description legalBasis until }`;
const EXPORT = `mutation ($key: String!) { requestDataExport(input: { idempotencyKey: $key }) {
  privacyRequest { ${SHOWN} } refusal { code message allowedActions } } }`;
const ERASE = `mutation ($key: String!, $name: String!) { requestErasure(input: { idempotencyKey: $key, confirmation: $name }) {
  privacyRequest { ${SHOWN} } refusal { code allowedActions problems { path code } } } }`;
const LIST = `query ($first: Int, $after: String) { privacyRequests(first: $first, after: $after) {
  nodes { ${SHOWN} } pageInfo { hasNextPage endCursor } } }`;

const exporting = async (who: Person, key = newId()) =>
  (await identity.as(who).query(EXPORT, { key })).data.requestDataExport;
const erasing = async (who: Person, name: string, key = newId()) =>
  (await identity.as(who).query(ERASE, { key, name })).data.requestErasure;
const listed = async (who: Person, language: 'de' | 'en' = 'de') =>
  (await identity.as(who, language).query(LIST)).data.privacyRequests.nodes;

const { asked, answer, until } = parts(() => identity);

const download = (url: string) => fetch(identity.url + new URL(url).pathname + new URL(url).search);
const code = (answered: { errors?: { extensions: { code: string } }[] }) => answered.errors?.[0]?.extensions.code;

describe('a copy of one’s data', () => {
  test('holds every part as JSON and as PDF, for its owner and for a week', async () => {
    const klara = await identity.citizen('klara');
    const { privacyRequest, refusal } = await exporting(klara);
    expect(refusal).toBeNull();
    expect(privacyRequest).toMatchObject({ kind: 'EXPORT', state: 'REQUESTED', completedAt: null, downloadUrl: null });
    const question = await asked(privacyRequest.id);
    expect((await listed(klara))[0].state).toBe('RUNNING');
    await answer(question, { applications: { data: { applications: [{ answers: { trade: 'Fahrradladen' } }] } } });
    await until(privacyRequest.id, 'COMPLETED');
    const [done] = await listed(klara);
    expect(done.completedAt).not.toBeNull();
    const response = await download(done.downloadUrl);
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(response.headers.get('content-disposition')).toContain('attachment');
    const copy = JSON.parse(await response.text());
    expect(copy.parts).toMatchObject({
      identity: {
        account: { id: klara.accountId, displayName: 'Klara Muster' },
        attributes: expect.arrayContaining([expect.objectContaining({ name: 'dateOfBirth', value: '1989-04-12' })]),
        identities: [{ subject: 'klara' }],
        cut: [],
      },
      applications: { applications: [{ answers: { trade: 'Fahrradladen' } }] },
      messaging: { of: 'messaging' },
      payment: { of: 'payment' },
    });
    const pdf = Buffer.from(await (await download(`${done.downloadUrl}?format=pdf`)).arrayBuffer());
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');

    shiftClock(7 * 24 * 60 * 60_000 + 1_000);
    expect((await listed(klara))[0].downloadUrl).toBeNull();
    await identity.running.db.tx({ kind: 'service', subgraph: 'identity', onBehalfOf: null }, expireCopies);
    expect((await listed(klara))[0]).toMatchObject({ state: 'EXPIRED', downloadUrl: null });
    expect(await identity.sql(`SELECT 1 FROM identity.privacy_copy`)).toEqual([]);
  });

  test('whose parts never open is not asked for without end', async () => {
    const klara = await identity.citizen('unopened');
    const { privacyRequest } = await exporting(klara);
    const { id } = privacyRequest;
    const question = await asked(id);
    const foreign = { ...question, sealFor: sealingKey('identity', 'of another secret') };
    // as if it had been asked so often
    await identity.sql(`UPDATE identity.privacy_request SET round = $2 WHERE id = $1`, [id, MOST_ROUNDS - 1]);
    await answer({ ...foreign, round: MOST_ROUNDS - 1 });
    await asked(id, MOST_ROUNDS);
    await answer({ ...foreign, round: MOST_ROUNDS });
    const { db } = identity.running;
    const due = () =>
      db.tx(serviceOf('identity'), tx =>
        rows(tx, PrivacyRequest, 'SELECT * FROM privacy_request WHERE id = $1 AND is_due', [id]),
      );
    let [row] = await due();
    for (; !row; [row] = await due()) await new Promise(resolve => setTimeout(resolve, 25));
    await expect(privacyQueue.work(db, row)).rejects.toThrow();
    const rounds = (await identity.published('privacy.requested')).map(({ payload }) => payload as unknown as Asked);
    const last = Math.max(...rounds.filter(({ requestId }) => requestId === id).map(({ round }) => round));
    expect(last).toBe(MOST_ROUNDS);
    expect((await listed(klara))[0].state).toBe('RUNNING');
    await identity.sql(`DELETE FROM identity.privacy_part WHERE request_id = $1`, [id]);
    await identity.sql(`DELETE FROM identity.privacy_request WHERE id = $1`, [id]);
  });

  test('cannot be opened any more by what passed through the event stream', async () => {
    const klara = await identity.citizen('klara');
    const { privacyRequest } = await exporting(klara);
    await answer(await asked(privacyRequest.id), { messaging: { data: 'CANARY-IN-A-MESSAGE' } });
    await until(privacyRequest.id, 'COMPLETED');
    const [row] = await identity.sql(`SELECT seal_salt FROM identity.privacy_request WHERE id = $1`, [
      privacyRequest.id,
    ]);
    expect(row).toEqual({ seal_salt: null });
    expect(await identity.sql(`SELECT 1 FROM identity.privacy_part`)).toEqual([]);
    expect(await identity.sql(`SELECT 1 FROM events.event WHERE payload::text LIKE '%CANARY%'`)).toEqual([]);
  });

  test('is made once: the same key is the same request, another one is refused while it runs', async () => {
    const klara = await identity.citizen('once');
    const [one, two] = await Promise.all([exporting(klara, 'same'), exporting(klara, 'same')]);
    expect(one.privacyRequest.id).toBe(two.privacyRequest.id);
    const other = await exporting(klara);
    expect(other).toMatchObject({
      privacyRequest: { id: one.privacyRequest.id },
      refusal: { code: 'ALREADY_REQUESTED' },
    });
    await answer(await asked(one.privacyRequest.id));
    await until(one.privacyRequest.id, 'COMPLETED');
    expect((await exporting(klara)).refusal).toBeNull();
  });

  test('needs a session as sure as the account ever was, and as what is in it', async () => {
    const sure = await identity.citizen('sure');
    const unsure = { ...sure, trustLevel: TrustLevel.BASIC };
    expect((await exporting(unsure)).refusal).toMatchObject({
      code: 'TRUST_TOO_LOW',
      message: expect.stringMatching(/verlangt ist .* SUBSTANTIAL, diese Sitzung hat BASIC\. .*eID.*ELSTER/),
      allowedActions: ['startSignIn'],
    });
    const { privacyRequest } = await exporting(sure);
    await answer(await asked(privacyRequest.id), { applications: { requiredTrustLevel: TrustLevel.HIGH } });
    await until(privacyRequest.id, 'COMPLETED');
    expect((await listed(sure))[0].downloadUrl).toBeNull();
    expect((await listed({ ...sure, trustLevel: TrustLevel.HIGH }))[0].downloadUrl).not.toBeNull();
  });

  test('is nobody else’s: not in lists, by reference, by mandate or by address', async () => {
    const klara = await identity.citizen('own');
    const { privacyRequest } = await exporting(klara);
    await answer(await asked(privacyRequest.id));
    await until(privacyRequest.id, 'COMPLETED');
    const jonas = await identity.citizen('jonas');
    const ENTITY = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on PrivacyRequest { id state downloadUrl } } }`;
    const byKey = async (who: Principal) =>
      (await identity.as(who).query(ENTITY, { r: [{ __typename: 'PrivacyRequest', id: privacyRequest.id }] })).data
        ?._entities[0] ?? null;
    expect(await byKey(klara)).toMatchObject({ id: privacyRequest.id });
    const agent = { ...jonas, actingFor: klara.accountId };
    for (const who of [jonas, agent, staff({ scopes: ['staff:read', 'audit:read'] }), ANONYMOUS]) {
      expect(await byKey(who)).toBeNull();
    }
    expect(await listed(jonas)).toEqual([]);
    expect(code(await identity.as(agent).query(LIST))).toBe('FORBIDDEN');
    expect(code(await identity.as(staff()).query(LIST))).toBe('FORBIDDEN');
    expect(code(await identity.as(ANONYMOUS).query(LIST))).toBe('UNAUTHENTICATED');
    expect((await identity.as(agent).query(EXPORT, { key: 'x' })).data.requestDataExport.refusal.code).toBe(
      'BEYOND_OWN_RIGHTS',
    );
    const [{ downloadUrl }] = await listed(klara);
    expect((await download(downloadUrl)).status).toBe(200);
    expect((await download(downloadUrl.slice(0, -2))).status).toBe(404);
    shiftClock(61_000);
    expect((await download(downloadUrl)).status).toBe(404);
    shiftClock(0);
    await identity.as(klara).query(`mutation { endSession(input: { everywhere: false }) { refusal { code } } }`);
    expect((await download(downloadUrl)).status).toBe(404);
  });

  test('comes in pages that cost the same for two and for five', async () => {
    const klara = await identity.citizen('pages');
    for (let i = 0; i < 5; i++) {
      const { privacyRequest } = await exporting(klara);
      await answer(await asked(privacyRequest.id));
      await until(privacyRequest.id, 'COMPLETED');
    }
    const few = await identity.as(klara).query(LIST, { first: 2 });
    const many = await identity.as(klara).query(LIST, { first: 5 });
    expect(many.statements).toBe(few.statements);
    const rest = await identity.as(klara).query(LIST, { first: 5, after: few.data.privacyRequests.pageInfo.endCursor });
    expect(rest.data.privacyRequests.nodes).toHaveLength(3);
  });
});

const KEPT: Retained = {
  description: { de: 'Zahlung 17', en: 'Payment 17' },
  legalBasis: '§ 147 AO',
  until: '2034-12-31',
};

describe('the deletion of one’s data', () => {
  test('needs the name of the account as confirmation', async () => {
    const klara = await identity.citizen('confirm');
    const { refusal } = await erasing(klara, 'Confirm');
    expect(refusal).toMatchObject({
      code: 'VALIDATION_FAILED',
      problems: [{ path: '/confirmation', code: 'CONFIRMATION_WRONG' }],
    });
    expect(await listed(klara)).toEqual([]);
  });

  test('erases the person, ends every other session and right, and says what is kept (Art. 17 DSGVO)', async () => {
    const marker = `canary${newId().slice(-8)}`;
    const klara = await identity.citizen(marker);
    const elsewhere = await identity.citizen(marker, { sid: 'elsewhere' });
    const jonas = await identity.citizen('agent');
    await identity
      .as(klara)
      .query(
        `mutation { grantMandate(input: { agentAccountId: "${jonas.accountId}", idempotencyKey: "g" }) { refusal { code } } }`,
      );
    const read = {
      accountId: klara.accountId,
      applicationId: null,
      subjectType: 'Account',
      subjectId: klara.accountId,
    };
    await identity.publish('applications', 'data.accessed', klara.accountId, {
      ...read,
      action: 'read',
      purpose: 'GA-1',
      staffMemberId: newId(),
      authorityId: newId(),
      machine: null,
    });
    const name = `${marker[0]!.toUpperCase()}${marker.slice(1)} Muster`;
    const { privacyRequest, refusal } = await erasing(klara, name);
    expect(refusal).toBeNull();
    await answer(await asked(privacyRequest.id), { payment: { retained: [KEPT] } });
    await until(privacyRequest.id, 'COMPLETED');

    const [done] = await listed(klara, 'en');
    expect(done).toMatchObject({ kind: 'ERASURE', state: 'COMPLETED', expiresAt: null });
    expect(done.retained).toEqual([
      { description: 'Payment 17', legalBasis: '§ 147 AO', until: '2034-12-31T00:00:00.000Z' },
      expect.objectContaining({ description: expect.stringContaining('Access log') }),
    ]);
    const tables = await identity.sql<{ table: string }>(
      `SELECT tablename AS table FROM pg_tables WHERE schemaname = 'identity'`,
    );
    expect(tables.length).toBeGreaterThan(15);
    for (const { table } of tables) {
      const found = await identity.sql(`SELECT 1 FROM identity.${table} AS t WHERE lower(t::text) LIKE '%${marker}%'`);
      expect([table, found]).toEqual([table, []]);
    }
    await identity.published();
    expect(await identity.sql(`SELECT 1 FROM events.event WHERE lower(payload::text) LIKE '%${marker}%'`)).toEqual([]);
    expect((await identity.published('account.changed')).at(-1)?.payload).toMatchObject({
      accountId: klara.accountId,
      email: null,
    });
    expect((await identity.published('mandate.changed')).at(-1)?.payload.validTo).not.toBeNull();
    const ended = (await identity.published('session.ended')).map(({ payload }) => payload.sessionId);
    expect(ended).toContain(elsewhere.sessionId);
    expect(ended).not.toContain(klara.sessionId);

    // the chain of the access log stays whole, and the session that asked reads on and writes no more
    const log = await identity.as(klara).query('{ accessLog { nodes { purpose } chain { valid length } } }');
    expect(log.data.accessLog).toMatchObject({ nodes: [{ purpose: 'GA-1' }], chain: { valid: true, length: 1 } });
    expect((await exporting(klara).catch(() => null))?.privacyRequest ?? null).toBeNull();
    const again = await identity.citizen(marker, { sid: 'later' });
    expect(again.accountId).not.toBe(klara.accountId);
  });

  test('leaves the asking session to read only', async () => {
    const claims = claimsOf('last', { sid: 'last' });
    const before = (await identity.principal(claims)).principal as Person;
    const { privacyRequest } = await erasing(before, 'Last Muster');
    await answer(await asked(privacyRequest.id));
    await until(privacyRequest.id, 'COMPLETED');
    expect((await identity.principal(claims)).principal).toMatchObject({
      accountId: before.accountId,
      readOnly: true,
    });
  });

  test('waits for running cases, is asked again the next day, and says so meanwhile', async () => {
    const klara = await identity.citizen('waits');
    const { privacyRequest } = await erasing(klara, 'Waits Muster');
    await answer(await asked(privacyRequest.id), { applications: { retained: [KEPT], running: true } });
    for (let tries = 0; tries < 400 && (await listed(klara))[0].retained.length === 0; tries++) {
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    expect((await listed(klara))[0]).toMatchObject({
      state: 'RUNNING',
      retained: [{ description: 'Zahlung 17' }, { description: expect.stringContaining('laufenden Verfahren') }],
    });
    expect(
      (await identity.as(klara).query(`{ account(id: "${klara.accountId}") { displayName } }`)).data.account,
    ).toEqual({
      displayName: 'Waits Muster',
    });
    await identity.sql(`UPDATE identity.privacy_request SET next_attempt_at = now() WHERE id = $1`, [
      privacyRequest.id,
    ]);
    const question = await asked(privacyRequest.id, 2);
    await answer({ ...question, round: 1 }); // late answers of the first round count no more
    expect((await listed(klara))[0].state).toBe('RUNNING');
    await answer(question);
    await until(privacyRequest.id, 'COMPLETED');
  });
});

describe('an account that nobody uses', () => {
  const idleFor = (person: Person, days: number) =>
    identity.sql(`UPDATE identity.account SET last_seen_on = $2 WHERE id = $1`, [
      person.accountId,
      addDays(today(), -days),
    ]);
  const told = async (person: Person) =>
    (await identity.published('account.idle')).filter(({ key }) => key === person.accountId).map(one => one.payload);

  test('is told of before, and erased when nobody signs in', async () => {
    const idle = await identity.citizen('idle');
    const used = await identity.citizen('used');
    await idleFor(idle, 1095 - 30);
    await retireIdleAccounts(identity.running.db);
    expect(await told(idle)).toEqual([{ accountId: idle.accountId, erasedOn: addDays(today(), 30) }]);
    expect(await told(used)).toEqual([]);
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 0 });
    await idleFor(idle, 1095);
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 0 }); // told of today only
    await identity.sql(`UPDATE identity.account SET idle_notice_on = $2 WHERE id = $1`, [
      idle.accountId,
      addDays(today(), -30),
    ]);
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 1 });
    const [made] = await identity.sql<{ id: string }>(
      `SELECT id FROM identity.privacy_request WHERE account_id = $1 AND requested_by_id IS NULL`,
      [idle.accountId],
    );
    await answer(await asked(made!.id));
    await until(made!.id, 'COMPLETED');
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 0 });
  });

  test('is none that others act for: an organisation by its people, a person by their agent', async () => {
    const lastSeen = async ({ accountId }: { accountId: string }) => {
      const [row] = await identity.sql<{ day: string }>(
        'SELECT last_seen_on::text AS day FROM identity.account WHERE id = $1',
        [accountId],
      );
      return row?.day;
    };
    const organisation = { id: 'DE-HRB-1', name: 'Werft GmbH', role: 'REPRESENTATIVE' };
    const clerk = () => identity.citizen('clerk', { population: 'organisation', organisation });
    const company = { accountId: (await clerk()).actingFor } as Person;
    await idleFor(company, 1095 - 30);
    await clerk();
    expect(await lastSeen(company)).toBe(today());

    const [principal, agent] = [await identity.citizen('aged'), await identity.citizen('daughter')];
    await identity
      .as(principal)
      .query(
        'mutation ($id: ID!) { grantMandate(input: { agentAccountId: $id, idempotencyKey: "aged" }) { refusal { code } } }',
        { id: agent.accountId },
      );
    await idleFor(principal, 1095 - 30);
    const act = 'mutation ($id: ID!) { actFor(input: { accountId: $id }) { refusal { code } } }';
    const { data } = await identity.as(agent).query(act, { id: principal.accountId });
    expect(data.actFor.refusal).toBeNull();
    expect(await lastSeen(principal)).toBe(today());
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 0 });
  });

  test('is kept when its holder signs in after the notice', async () => {
    const back = await identity.citizen('back');
    await idleFor(back, 1095 - 30);
    await retireIdleAccounts(identity.running.db);
    expect(await told(back)).toHaveLength(1);
    await identity.citizen('back', { sid: 'again' });
    const [row] = await identity.sql(`SELECT last_seen_on::text, idle_notice_on FROM identity.account WHERE id = $1`, [
      back.accountId,
    ]);
    expect(row).toEqual({ last_seen_on: today(), idle_notice_on: null });
    expect(await retireIdleAccounts(identity.running.db)).toEqual({ told: 0, ended: 0 });
  });
});
