/** The gateway’s two questions: whose token is this, and whose rights have changed? */
import { eventually } from '../../../dev/demo/player';
import { type Person, type Staff, serviceOf } from '../../../kernel/principal';
import { startSubgraph } from '../../../kernel/server/subgraph.server';
import manifest from '../subgraph';
import { claimsOf, inSeconds, startTestIdentity, type TestIdentity } from '../testing/identity';
import { openPersonSession } from './principal.service';
import { forgetOld } from './session.service';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());

describe('the principal of a token', () => {
  test('answers nobody but the gateway', async () => {
    const response = await fetch(`${identity.url}/internal/principal`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(401);
    expect((await fetch(`${identity.url}/internal/revocations`)).status).toBe(401);
  });

  test('of a citizen seen for the first time makes one account, also when ten tokens arrive at once', async () => {
    const claims = claimsOf('klara');
    const answers = await Promise.all(Array.from({ length: 10 }, () => identity.principal(claims)));
    const people = answers.map(({ principal }) => principal as Person);
    expect(new Set(people.map(({ accountId }) => accountId)).size).toBe(1);
    expect(people[0]).toMatchObject({
      kind: 'person',
      actingFor: people[0]!.accountId,
      services: null,
      readOnly: false,
      trustLevel: 'SUBSTANTIAL',
    });
    const events = await identity.published('account.changed');
    expect(events.map(({ payload }) => payload)).toEqual([
      { accountId: people[0]!.accountId, kind: 'PERSON', displayName: 'Klara Muster', email: 'klara@post.example' },
    ]);
    expect(await identity.sql('SELECT count(*)::int FROM identity.account')).toEqual([{ count: 1 }]);
  });

  test('is the same account for the same subject, and another one for another subject or issuer', async () => {
    const first = await identity.citizen('jonas');
    const again = await identity.citizen('jonas');
    expect(again.accountId).toBe(first.accountId);
    expect(again.sessionId).not.toBe(first.sessionId);
    const elsewhere = await identity.citizen('jonas', { population: 'organisation' });
    expect(elsewhere.accountId).not.toBe(first.accountId);
  });

  test('holds the level of its own token, and an unknown level counts as the lowest', async () => {
    expect((await identity.citizen('ada', { acr: 'STORK-QAA-Level-4' })).trustLevel).toBe('HIGH');
    expect((await identity.citizen('ada', { acr: 'STORK-QAA-Level-5' })).trustLevel).toBe('BASIC');
    expect((await identity.citizen('ada', { acr: undefined })).trustLevel).toBe('BASIC');
    expect((await identity.citizen('ada', { acr: 'constructor' })).trustLevel).toBe('BASIC');
  });

  test('of staff names authority, department and the scopes of the roles; unknown or inactive staff get none', async () => {
    const max = await identity.employ('max', ['CASEWORKER', 'CASHIER'], { departmentId: crypto.randomUUID() });
    expect(max).toMatchObject({
      kind: 'staff',
      departmentId: expect.any(String),
      scopes: ['payment:read', 'payment:reconcile', 'payment:refund', 'staff:decide', 'staff:read', 'staff:work'],
    });
    const claims = claimsOf('nobody', { population: 'staff' });
    expect(await identity.principal(claims)).toMatchObject({ status: 401, principal: null });
    await identity.sql('UPDATE identity.staff_member SET active = false WHERE id = $1', [max.staffMemberId]);
    expect((await identity.principal(claimsOf('max', { population: 'staff' }))).status).toBe(401);
  });

  test('says when a substitution or a mandate will change it by the clock alone', async () => {
    const until = async (claims: Parameters<TestIdentity['principal']>[0]) =>
      (await identity.principal(claims)).changesInMs;
    const absent = await identity.employ('absent', ['CASEWORKER']);
    const { authorityId, staffMemberId } = await identity.employ('covers', ['CASEWORKER']);
    const covers = claimsOf('covers', { population: 'staff' });
    expect(await until(covers)).toBeNull();
    const substitution = (from: number, to: number, revoked: boolean) =>
      identity.sql(
        `INSERT INTO identity.substitution (id, version, absent_staff_member_id, substitute_staff_member_id, authority_id, valid_from, valid_to,
           revoked_at, arranged_by_id, created_at)
         VALUES (gen_random_uuid(), 1, $1, $2, $3, now() + $4 * interval '1 second', now() + $5 * interval '1 second',
           CASE WHEN $6 THEN now() END, $1, now())`,
        [absent.staffMemberId, staffMemberId, authorityId, from, to, revoked],
      );
    await substitution(-60, 600, false);
    expect(within(await until(covers), 600)).toBe(true);
    await substitution(300, 900, false);
    expect(within(await until(covers), 300)).toBe(true);
    await substitution(30, 900, true);
    expect(within(await until(covers), 300)).toBe(true);

    const firm = await identity.organisation('radwelt');
    const claims = claimsOf('agent', { sid: 'of the agent' });
    const agent = (await identity.principal(claims)).principal as Person;
    await identity.sql(
      `INSERT INTO identity.mandate (id, version, principal_account_id, agent_account_id, leika_keys, valid_from, valid_to, granted_by_id, created_at)
       VALUES (gen_random_uuid(), 1, $1, $2, '{}', now() - interval '1 minute', now() + interval '1 minute', $1, now())`,
      [firm.accountId, agent.accountId],
    );
    expect(await until(claims)).toBeNull();
    await identity.sql('UPDATE identity.session SET acting_for_id = $2 WHERE id = $1', [
      agent.sessionId,
      firm.accountId,
    ]);
    expect(within(await until(claims), 60)).toBe(true);
  });

  test('of staff who were entered with their e-mail finds them by it once, and only active ones', async () => {
    await identity.sql(
      `INSERT INTO identity.staff_member (id, version, display_name, email, authority_id, roles, active, created_at)
       VALUES (gen_random_uuid(), 1, 'Neu', 'Neu@Amt.example', gen_random_uuid(), '{AUDITOR}', true, now()),
              (gen_random_uuid(), 1, 'Weg', 'weg@amt.example', gen_random_uuid(), '{AUDITOR}', false, now())`,
    );
    const first = await identity.principal(claimsOf('neu.1', { population: 'staff', email: 'neu@amt.example' }));
    expect(first.principal).toMatchObject({ kind: 'staff', scopes: ['audit:read', 'staff:read'] });
    const other = await identity.principal(claimsOf('neu.2', { population: 'staff', email: 'neu@amt.example' }));
    expect(other.status).toBe(401);
    const left = await identity.principal(claimsOf('weg', { population: 'staff', email: 'weg@amt.example' }));
    expect(left.status).toBe(401);
    const citizen = await identity.principal(claimsOf('sly', { email: 'neu@amt.example' }));
    expect(citizen.principal?.kind).toBe('person');
  });

  describe('of staff who sign on for the first time', () => {
    const enter = (email: string) =>
      identity.sql(
        `INSERT INTO identity.staff_member (id, version, display_name, email, authority_id, roles, active, created_at)
         VALUES (gen_random_uuid(), 1, 'Neu', $1, gen_random_uuid(), '{AUDITOR}', true, now())`,
        [email],
      );
    const signsOn = async (sub: string, email: string, email_verified: unknown) => {
      const given = { population: 'staff', email, email_verified } as object;
      return (await identity.principal(claimsOf(sub, given))).status;
    };
    afterEach(() => {
      delete process.env.STAFF_EMAIL_BY_DIRECTORY;
    });

    test('is nobody unless the provider says that it has verified the address: it could be a colleague’s', async () => {
      await enter('boss@amt.example');
      for (const said of [undefined, false, null, 'true', 'false', 1])
        expect([said, await signsOn(`sly.${said}`, 'boss@amt.example', said)]).toEqual([said, 401]);
      expect(await signsOn('boss', 'boss@amt.example', true)).toBe(200);
    });

    test('may say nothing of it where the directory alone writes addresses, but never the contrary', async () => {
      process.env.STAFF_EMAIL_BY_DIRECTORY = 'true';
      await enter('head@amt.example');
      for (const said of [false, null, 'true'])
        expect([said, await signsOn(`sly.${said}`, 'head@amt.example', said)]).toEqual([said, 401]);
      expect(await signsOn('head', 'head@amt.example', undefined)).toBe(200);
    });

    test('is answered to each of many first requests, for the one authority that was chosen', async () => {
      const email = 'twice@amt.example';
      await enter(email);
      await enter(email);
      await identity.sql('BEGIN');
      await identity.sql('SELECT FROM identity.staff_member WHERE email = $1 FOR UPDATE', [email]);
      const first = Array.from({ length: 6 }, () =>
        identity.principal(claimsOf('twice', { population: 'staff', email })),
      );
      await eventually(
        () =>
          identity.sql<{ count: number }>(
            `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
          ),
        ([waiting]) => waiting!.count === first.length,
        'all of them wait',
      );
      await identity.sql('COMMIT');
      const people = (await Promise.all(first)).map(({ principal }) => principal as Staff | null);
      expect(new Set(people.map(one => one?.staffMemberId)).size).toBe(1);
      expect(people[0]).toMatchObject({ kind: 'staff' });
    });
  });

  test('of a machine holds only scopes that machines may have', async () => {
    const claims = claimsOf('gewerberegister', {
      population: 'machine',
      scope: 'openid handover:acknowledge staff:admin',
    });
    const { principal } = await identity.principal(claims);
    expect(principal).toEqual({ kind: 'machine', name: 'gewerberegister', scopes: ['handover:acknowledge'] });
  });

  test.each([['https://other.example'], ['toString']])('of the unknown issuer %s is nobody', async iss => {
    expect((await identity.principal(claimsOf('x', { iss }))).status).toBe(401);
  });

  test('is what its issuer vouches for, whatever the token says of itself', async () => {
    await identity.employ('only.staff', ['CASEWORKER']);
    for (const population of ['staff', 'machine', 'organisation']) {
      const claims = { ...claimsOf('only.staff'), population, scope: 'handover:acknowledge' };
      expect((await identity.principal(claims)).principal?.kind).toBe('person');
    }
  });

  test('needs one statement once the session is known', async () => {
    const claims = claimsOf('eva');
    await identity.principal(claims);
    const spy = jest.spyOn(identity.running.db.source, 'query');
    await identity.principal(claims);
    const statements = spy.mock.calls.map(([text]) => String(text)).filter(text => /session/.test(text));
    spy.mockRestore();
    expect(statements).toHaveLength(1);
  });
});

const END =
  'mutation ($everywhere: Boolean!) { endSession(input: { everywhere: $everywhere }) { session { expiresAt } refusal { code } } }';

describe('ending a session', () => {
  test('refuses its token from then on, and the gateway hears of it', async () => {
    const claims = claimsOf('klara');
    const other = claimsOf('klara');
    const klara = (await identity.principal(claims)).principal as Person;
    await identity.principal(other);
    const revocations = await identity.revocations();
    const { data } = await identity.as(klara).query(END, { everywhere: false });
    expect(data.endSession.refusal).toBeNull();
    expect(new Date(data.endSession.session.expiresAt).getTime()).toBeLessThanOrEqual(Date.now());
    expect(await revocations.next()).toEqual({ sessionId: klara.sessionId });
    revocations.close();
    expect((await identity.principal(claims)).status).toBe(401);
    expect((await identity.principal(other)).status).toBe(200);
    expect((await identity.as(klara).query(END, { everywhere: false })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await identity.as(klara).query('{ session { expiresAt } }')).data.session).toBeNull();
  });

  test('is not for ever: a sign-in just now opens it anew, but not for tokens of before', async () => {
    const claims = claimsOf('klara', { iat: inSeconds(-10) });
    const klara = (await identity.principal(claims)).principal as Person;
    await identity.as(klara).query(END, { everywhere: false });
    const later = { ...claims, iat: inSeconds(0), jti: 'later' };
    expect((await identity.principal(later)).status).toBe(401);
    await identity.running.db.tx(serviceOf('identity'), tx =>
      openPersonSession(tx, later, { fresh: { sector: 'localhost' } }),
    );
    expect((await identity.principal(later)).principal).toMatchObject({ accountId: klara.accountId });
    expect((await identity.principal(claims)).status).toBe(401);
  });

  test('everywhere ends tokens that were never seen, but none issued later', async () => {
    const claims = claimsOf('jonas');
    const unseen = claimsOf('jonas', { iat: inSeconds(-5) });
    const jonas = (await identity.principal(claims)).principal as Person;
    const revocations = await identity.revocations();
    await identity.as(jonas).query(END, { everywhere: true });
    expect(await revocations.next()).toEqual({ accountId: jonas.accountId });
    revocations.close();
    expect((await identity.principal(claims)).status).toBe(401);
    expect((await identity.principal(unseen)).status).toBe(401);
    expect((await identity.principal(claimsOf('jonas', { iat: inSeconds(1) }))).status).toBe(200);
  });

  test('is heard of at another replica too', async () => {
    const replica = await startSubgraph(manifest, { port: 0 });
    try {
      const klara = await identity.citizen('klara');
      const revocations = await identity.revocations(`http://127.0.0.1:${replica.port}`);
      await identity.as(klara).query(END, { everywhere: false });
      expect(await revocations.next()).toEqual({ sessionId: klara.sessionId });
      revocations.close();
    } finally {
      await replica.stop();
    }
  });

  test('a day after its tokens have expired it is forgotten, and so are sign-ins that never came back', async () => {
    const [old, young] = [await identity.citizen('old'), await identity.citizen('young')];
    await identity.sql(`UPDATE identity.session SET expires_at = now() - interval '25 hours' WHERE id = $1`, [
      old.sessionId,
    ]);
    await identity.sql(`UPDATE identity.session SET expires_at = now() - interval '23 hours' WHERE id = $1`, [
      young.sessionId,
    ]);
    await identity.sql(
      `INSERT INTO identity.sign_in VALUES ('old', 'b', 'n', 'v', 'r', 'LOW', NULL, now() - interval '1 minute'),
                                           ('young', 'b', 'n', 'v', 'r', 'LOW', NULL, now() + interval '1 minute')`,
    );
    await identity.running.db.tx(serviceOf('identity'), forgetOld);
    const left = await identity.sql('SELECT id FROM identity.session WHERE id = ANY($1)', [
      [old.sessionId, young.sessionId],
    ]);
    expect(left).toEqual([{ id: young.sessionId }]);
    expect(await identity.sql('SELECT state_hash FROM identity.sign_in')).toEqual([{ state_hash: 'young' }]);
  });

  test('everywhere works for staff too', async () => {
    const claims = claimsOf('mia', { population: 'staff' });
    const mia = await identity.employ('mia', ['AUDITOR']);
    const second = (await identity.principal(claims)).principal as Staff;
    await identity.as(mia).query(END, { everywhere: true });
    expect(second.staffMemberId).toBe(mia.staffMemberId);
    expect((await identity.principal(claims)).status).toBe(401);
  });
});

describe('the session in the graph', () => {
  const SESSION = `{ session { account { id displayName kind attributes { name value trustLevel method } } staffMember { id displayName roles
    authority { id } } actingFor { id } canActFor { id } scopes trustLevel method expiresAt } }`;

  test('shows a citizen who they are, how surely, and until when', async () => {
    const claims = claimsOf('lena', { exp: inSeconds(900) });
    const lena = (await identity.principal(claims)).principal as Person;
    const { data } = await identity.as(lena).query(SESSION);
    expect(data.session).toMatchObject({
      account: { id: lena.accountId, displayName: 'Lena Muster', kind: 'PERSON' },
      staffMember: null,
      actingFor: null,
      canActFor: [],
      scopes: [],
      trustLevel: 'SUBSTANTIAL',
      method: 'EID',
      expiresAt: new Date(claims.exp * 1000).toISOString(),
    });
    expect(data.session.account.attributes).toEqual([
      { name: 'dateOfBirth', value: '1989-04-12', trustLevel: 'SUBSTANTIAL', method: 'EID' },
      { name: 'email', value: 'lena@post.example', trustLevel: 'BASIC', method: 'EID' },
      { name: 'familyName', value: 'Muster', trustLevel: 'SUBSTANTIAL', method: 'EID' },
      { name: 'givenName', value: 'Lena', trustLevel: 'SUBSTANTIAL', method: 'EID' },
    ]);
  });

  test('lives longer with a refreshed token', async () => {
    const claims = claimsOf('lara');
    const lara = (await identity.principal(claims)).principal as Person;
    await identity.principal({ ...claims, exp: claims.exp + 600, jti: 'refreshed' });
    const { data } = await identity.as(lara).query(SESSION);
    expect(data.session.expiresAt).toBe(new Date((claims.exp + 600) * 1000).toISOString());
  });

  test('shows staff their desk, and nobody anything when not signed in', async () => {
    const max = await identity.employ('moritz', ['CASEWORKER'], { departmentId: crypto.randomUUID() });
    const { data } = await identity.as(max).query(SESSION);
    expect(data.session).toMatchObject({
      account: null,
      staffMember: {
        id: max.staffMemberId,
        displayName: 'Staff moritz',
        roles: ['CASEWORKER'],
        authority: { id: max.authorityId },
      },
      canActFor: [],
      scopes: ['staff:decide', 'staff:read', 'staff:work'],
      trustLevel: 'BASIC',
      method: 'STAFF_SIGN_ON',
    });
    expect((await identity.as({ kind: 'anonymous' }).query(SESSION)).data.session).toBeNull();
  });

  test('keeps a fact that was proven more surely, and takes one proven at least as surely', async () => {
    const read = async (given: Parameters<typeof claimsOf>[1]) => {
      const who = await identity.citizen('otto', given);
      const { data } = await identity.as(who).query(SESSION);
      return data.session.account;
    };
    expect((await read({ family_name: 'Alt' })).displayName).toBe('Otto Alt');
    const low = await read({ family_name: 'Falsch', acr: 'STORK-QAA-Level-1', method: 'PASSWORD' });
    expect(low.displayName).toBe('Otto Alt');
    expect(low.attributes).toContainEqual({
      name: 'familyName',
      value: 'Alt',
      trustLevel: 'SUBSTANTIAL',
      method: 'EID',
    });
    const high = await read({ family_name: 'Neu', acr: 'STORK-QAA-Level-4' });
    expect(high.displayName).toBe('Otto Neu');
    expect(high.attributes).toContainEqual({ name: 'familyName', value: 'Neu', trustLevel: 'HIGH', method: 'EID' });
  });
});

/** Whether so many milliseconds are the seconds that something was set to, but for those since then. */
const within = (ms: number | null, seconds: number): boolean =>
  ms !== null && ms <= seconds * 1000 && ms > (seconds - 20) * 1000;
