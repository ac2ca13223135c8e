/** Mail domains of a directory's token: whom it may name, and that none learns by it who works for another authority. */
import { EventEmitter, once } from 'node:events';
import type { QueryRunner } from 'typeorm';
import { eventually } from '../../../dev/demo/player';
import { setting } from '../../../kernel/config';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { ScimDomains1764000006000 } from '../../../migrations/identity/1764000006000-scim-domains';
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';
import { askScim, ENTERPRISE, PATCH, tokenFor, scimUser as user } from '../testing/scim';
import { mailDomainsOf, revokeTokens } from './scim.token';

let identity: TestIdentity;
const authorityId = newId();
let token: string;

beforeAll(async () => {
  identity = await startTestIdentity();
  token = await tokenOf(authorityId);
});
afterAll(() => identity.stop());

const tokenOf = (authority: string, mailDomains?: string[]) => tokenFor(identity, authority, mailDomains);
const scim = (method: string, path: string, body?: object | string, bearer = token) =>
  askScim(identity, bearer, method, path, body);
const create = async (name: string) => {
  const { status, body } = await scim('POST', '/Users', user(name));
  expect(status).toBe(201);
  return body.id as string;
};

describe('of two authorities', () => {
  /** What an answer tells, without what it repeats or what is new each time. */
  const told = ({ status, body }: Awaited<ReturnType<typeof scim>>) => ({
    status,
    detail: body.detail,
    scimType: body.scimType,
    fields: Object.keys(body).sort(),
  });
  const at = (domain: string, name: string) => user(name, { emails: [{ value: `${name}@${domain}` }] });

  test('neither learns whether an address is one of the other’s people, at its domains or at one they share', async () => {
    const [ours, theirs] = [newId(), newId()];
    const [we, they] = [
      await tokenOf(ours, ['ours.example', 'shared.example']),
      await tokenOf(theirs, ['shared.example']),
    ];
    for (const body of [at('ours.example', 'olga'), at('shared.example', 'sina')])
      expect((await scim('POST', '/Users', body, we)).status).toBe(201);
    const ask = async (body: object) => told(await scim('POST', '/Users', body, they));

    const [taken, free] = [await ask(at('ours.example', 'olga')), await ask(at('ours.example', 'nobody'))];
    expect(taken).toEqual(free);
    expect(taken).toMatchObject({ status: 400, scimType: 'invalidValue' });
    expect(JSON.stringify(taken)).not.toContain('ours');
    expect(await ask(at('shared.example', 'sina'))).toEqual(await ask(at('shared.example', 'nobody-either')));
    const { body: mine } = await scim('POST', '/Users', at('shared.example', 'mine'), they);
    const moved = async (value: string) =>
      told(
        await scim(
          'PATCH',
          `/Users/${mine.id}`,
          { ...PATCH, Operations: [{ op: 'replace', path: 'emails', value: [{ value, primary: true }] }] },
          they,
        ),
      );
    expect(await moved('olga@ours.example')).toEqual(await moved('nobody@ours.example'));
    expect(await moved('olga@ours.example')).toMatchObject({ status: 400, scimType: 'invalidValue' });
  });

  test('none waits for what the other has not committed yet: time would tell as well', async () => {
    const insert = `INSERT INTO identity.staff_member (id, version, display_name, email, authority_id, roles, active, created_at)
      VALUES ($1, 1, 'Tim', 'tim@amt.example', $2, '{}', true, now())`;
    await identity.sql('BEGIN');
    try {
      await identity.sql(insert, [newId(), newId()]);
      await create('tim');
    } finally {
      await identity.sql('ROLLBACK');
    }
  });

  test('many that write at once, the catalogue being slow, hold up neither each other nor anybody who signs in', async () => {
    const directories = await Promise.all(
      Array.from({ length: 2 * Number(setting('DATABASE_POOL')) }, async () => {
        const authority = newId();
        return { authority, bearer: await tokenOf(authority) };
      }),
    );
    const gate = new EventEmitter();
    const opened = once(gate, 'open');
    let asked = 0;
    identity.answerAsk('authority', async ({ id }) => {
      asked += 1;
      await opened;
      return { authority: { id, name: 'Ordnungsamt', kind: 'DEPARTMENT', parent: { id: newId() } } };
    });
    const department = { [ENTERPRISE]: { department: newId() } };
    const writes = directories.map(({ bearer }) => scim('POST', '/Users', user('many', department), bearer));
    await eventually(
      async () => asked,
      count => count > 2,
      'the catalogue is asked',
    );
    expect((await identity.principal(claimsOf('somebody'))).status).toBe(200);
    gate.emit('open');
    expect(new Set((await Promise.all(writes)).map(({ status }) => status))).toEqual(new Set([400]));
    const plain = await Promise.all(directories.map(({ bearer }) => scim('POST', '/Users', user('many'), bearer)));
    expect(new Set(plain.map(({ status }) => status))).toEqual(new Set([201]));
  });

  test('who is entered at both signs on for the one whose directory speaks for the domain, else for the first', async () => {
    const [ours, theirs] = [newId(), newId()];
    const [we, they] = [
      await tokenOf(ours, ['both.example']),
      await tokenOf(theirs, ['both.example', 'other.example']),
    ];
    const signsOn = async (email: string) => {
      const claims = claimsOf(`sub-${email}`, { population: 'staff', acr: undefined, email });
      return (await identity.principal(claims)).principal;
    };
    for (const bearer of [they, we]) await scim('POST', '/Users', at('both.example', 'first'), bearer);
    expect(await signsOn('first@both.example')).toMatchObject({ authorityId: theirs });

    await scim('POST', '/Users', at('both.example', 'late'), they);
    await scim('POST', '/Users', at('both.example', 'late'), we);
    await identity.running.db.tx(serviceOf('identity'), tx => revokeTokens(tx, theirs));
    expect(await signsOn('late@both.example')).toMatchObject({ authorityId: ours });
  });

  test('who leaves one for the other signs on there with a new session', async () => {
    const theirs = newId();
    const they = await tokenOf(theirs);
    const id = await create('wanda');
    const claims = (sid: string) =>
      claimsOf('sub-wanda', { population: 'staff', acr: undefined, email: 'wanda@amt.example', sid });
    expect((await identity.principal(claims('before'))).principal).toMatchObject({ authorityId });
    await scim('POST', '/Users', user('wanda'), they);
    expect((await identity.principal(claims('still'))).principal).toMatchObject({ authorityId });
    await scim('DELETE', `/Users/${id}`);
    expect((await identity.principal(claims('before'))).status).toBe(401);
    expect((await identity.principal(claims('after'))).principal).toMatchObject({ authorityId: theirs });
  });
});

describe('mail domains', () => {
  test('are compared whole, and somebody at another one can still be let go', async () => {
    for (const address of [
      'x@sub.amt.example',
      'x@evil-amt.example',
      'x@amt.example.evil',
      'x@amt.example.',
      'x@example',
    ])
      expect((await scim('POST', '/Users', user('wrong', { emails: [{ value: address }] }))).status).toBe(400);
    expect((await scim('POST', '/Users', user('upper', { emails: [{ value: 'upper@AMT.Example' }] }))).status).toBe(
      201,
    );
    const id = await create('quitter');
    const narrow = await tokenOf(authorityId, []);
    const inactive = { ...PATCH, Operations: [{ op: 'replace', path: 'active', value: false }] };
    expect((await scim('PATCH', `/Users/${id}`, inactive, narrow)).status).toBe(200);
    expect((await scim('POST', '/Users', user('none'), narrow)).body.detail).toMatch(/needs a new token/);
  });

  test('of a token made before there were any are those its authority’s people had, also for an owner behind the walls', async () => {
    const [ours, theirs, empty] = [newId(), newId(), newId()];
    const owner = `owner_${newId().replaceAll('-', '')}`;
    const { sql } = identity;
    await sql('BEGIN');
    try {
      await sql(`ALTER TABLE identity.scim_token DROP COLUMN mail_domains;
        CREATE ROLE ${owner}; GRANT CREATE, USAGE ON SCHEMA identity TO ${owner};
        ALTER TABLE identity.scim_token OWNER TO ${owner}; ALTER TABLE identity.staff_member OWNER TO ${owner}`);
      for (const [authority, email, active] of [
        [ours, 'Berta@Ours.example', true],
        [ours, 'bruno@ours.example', true],
        [ours, 'left@former.example', false],
        [theirs, 'tim@theirs.example', true],
      ])
        await sql(
          `INSERT INTO identity.staff_member (id, version, display_name, email, authority_id, roles, active, created_at)
           VALUES (gen_random_uuid(), 1, 'Wer', $2, $1, '{}', $3, now())`,
          [authority, email, active],
        );
      for (const authority of [ours, theirs, empty])
        await sql(`INSERT INTO identity.scim_token VALUES (sha256($1::text::bytea), $1::uuid, now())`, [authority]);
      await sql(`SET LOCAL ROLE ${owner}`);
      await new ScimDomains1764000006000().up({ query: sql } as unknown as QueryRunner);
      await sql('RESET ROLE');
      const held = await sql<{ authority_id: string; mail_domains: string[] }>(
        'SELECT authority_id, mail_domains FROM identity.scim_token WHERE authority_id = ANY($1)',
        [[ours, theirs, empty]],
      );
      const domains = new Map(held.map(row => [row.authority_id, row.mail_domains.sort()]));
      expect(domains).toEqual(
        new Map([
          [ours, ['former.example', 'ours.example']],
          [theirs, ['theirs.example']],
          [empty, []],
        ]),
      );
    } finally {
      await sql('ROLLBACK');
    }
  });

  test('of a token are a list without wildcards', () => {
    expect(mailDomainsOf('Amt.example, ämter.example,amt.example')).toEqual(['amt.example', 'ämter.example']);
    for (const wrong of ['', 'example', '*.example', 'a@b.example', 'a.example,', 'a/b.example', 'a.example.'])
      expect(() => mailDomainsOf(wrong)).toThrow('is no mail domain');
  });
});
