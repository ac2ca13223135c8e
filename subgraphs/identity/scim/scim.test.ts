/** An authority's directory keeps its staff by SCIM 2.0, over HTTP, as Entra ID or Keycloak would. */
import net from 'node:net';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { claimsOf, inSeconds, startTestIdentity, type TestIdentity } from '../testing/identity';
import { askScim, ENTERPRISE, PATCH, PERSON, scimUser, tokenFor } from '../testing/scim';
import { revokeTokens } from './scim.token';

let identity: TestIdentity;
const authorityId = newId();
const departmentId = newId();
let token: string;

beforeAll(async () => {
  identity = await startTestIdentity();
  token = await tokenOf(authorityId);
  identity.answerAsk('authority', ({ id }) => ({
    authority: id === departmentId ? { id, kind: 'DEPARTMENT', parent: { id: authorityId } } : null,
  }));
});
afterAll(() => identity.stop());

const tokenOf = (authority: string) => tokenFor(identity, authority);
const scim = (method: string, path: string, body?: object | string, bearer = token) =>
  askScim(identity, bearer, method, path, body);
const user = (name: string, given: object = {}) =>
  scimUser(name, { [ENTERPRISE]: { department: departmentId }, ...given });
const create = async (name: string, given: object = {}) => {
  const { status, body } = await scim('POST', '/Users', user(name, given));
  expect(status).toBe(201);
  return body.id as string;
};
/** Objects that have nothing to do with it are as they were. */
const untouched = async () =>
  !('polluted' in {}) &&
  typeof Object.assign === 'function' &&
  !('get' in {}) &&
  (await scim('GET', '/Users?count=1')).status === 200;
const toldOf = async (id: string) =>
  (await identity.published('staff.changed')).filter(({ key }) => key === id).map(({ payload }) => payload);

describe('a directory', () => {
  test.each([
    ['its path', { Operations: [{ op: 'Replace', path: 'active', value: 'False' }] }],
    ['a set of attributes', { Operations: [{ op: 'Replace', value: { active: 'False' } }] }],
    ['the whole person', null],
  ])('lets somebody go by the text "False", as Entra ID writes it, in %s', async (_, patch) => {
    const name = `gone-${newId().slice(-6)}`;
    const id = await create(name, { active: 'True' });
    const claims = claimsOf(`sub-${name}`, { population: 'staff', acr: undefined, email: `${name}@amt.example` });
    expect((await identity.principal(claims)).status).toBe(200);
    const { status } = patch
      ? await scim('PATCH', `/Users/${id}`, { ...PATCH, ...patch })
      : await scim('PUT', `/Users/${id}`, user(name, { active: 'False' }));
    expect(status).toBeLessThan(300);
    expect((await identity.principal(claims)).status).toBe(401);
    expect((await toldOf(id)).at(-1)).toMatchObject({ active: false });
    expect((await scim('PUT', `/Users/${id}`, user(name, { active: 'perhaps' }))).status).toBe(400);
  });

  test('creates a person, who can sign on, holds what its groups say, and is known by their birthday to nobody', async () => {
    const id = await create('anna');
    const { body } = await scim('GET', `/Users/${id}`);
    expect(body).toMatchObject({
      id,
      userName: 'anna',
      externalId: 'ext-anna',
      active: true,
      [ENTERPRISE]: { department: departmentId },
    });
    expect(JSON.stringify(body)).not.toContain('1985');
    const members = { op: 'add', path: 'members', value: [{ value: id }] };
    expect((await scim('PATCH', '/Groups/CASEWORKER', { ...PATCH, Operations: [members] })).status).toBeLessThan(300);
    const claims = claimsOf('sub-anna', {
      population: 'staff',
      acr: undefined,
      email: 'ANNA@amt.example',
      given_name: 'Anna',
      family_name: 'Amtlich',
      birthdate: undefined,
    });
    expect((await identity.principal(claims)).principal).toMatchObject({
      kind: 'staff',
      staffMemberId: id,
      authorityId,
      departmentId,
      scopes: ['staff:decide', 'staff:read', 'staff:work'],
    });
    const { accountId } = await identity.citizen('anna-at-home', {
      given_name: 'Anna',
      family_name: 'Amtlich',
      birthdate: '1985-03-04',
    });
    expect((await identity.published('staff.recognised')).map(({ payload }) => payload)).toContainEqual({
      staffMemberId: id,
      accountId,
      same: true,
    });
  });

  test('finds by user name and external id, and pages', async () => {
    const id = await create('bodo', { userName: 'Bodo.B' });
    for (const filter of ['userName eq "bodo.b"', 'externalId eq "ext-bodo"', 'displayName eq "Person bodo"']) {
      const { body } = await scim('GET', `/Users?filter=${encodeURIComponent(filter)}`);
      expect(body.Resources.map((one: { id: string }) => one.id)).toEqual([id]);
    }
    await create('bea');
    const { body } = await scim('GET', '/Users?startIndex=2&count=1');
    expect(body).toMatchObject({ startIndex: 2, itemsPerPage: 1 });
    expect(body.Resources).toHaveLength(1);
    expect(body.totalResults).toBeGreaterThan(2);
    const groups = await scim('GET', `/Groups?filter=${encodeURIComponent('displayName eq "CASHIER"')}`);
    expect(groups.body.Resources).toEqual([expect.objectContaining({ id: 'CASHIER' })]);
  });

  test('lets somebody go: access ends at once, and who comes back is the same person without roles', async () => {
    const id = await create('carl');
    await scim('PATCH', '/Groups/TEAM_LEAD', {
      ...PATCH,
      Operations: [{ op: 'add', path: 'members', value: [{ value: id }] }],
    });
    const claims = claimsOf('sub-carl', { population: 'staff', acr: undefined, email: 'carl@amt.example' });
    expect((await identity.principal(claims)).status).toBe(200);
    const inactive = { ...PATCH, Operations: [{ op: 'replace', path: 'active', value: false }] };
    expect((await scim('PATCH', `/Users/${id}`, inactive)).status).toBeLessThan(300);
    expect((await identity.principal(claims)).status).toBe(401);
    expect((await toldOf(id)).at(-1)).toMatchObject({ active: false });

    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(204);
    expect((await scim('GET', `/Users/${id}`)).status).toBe(404);
    expect((await scim('DELETE', `/Users/${id}`)).status).toBe(404);
    const { status, body } = await scim('POST', '/Users', user('carl'));
    expect({ status, id: body.id }).toEqual({ status: 201, id });
    expect((await toldOf(id)).at(-1)).toMatchObject({ active: true, scopes: [] });
    expect((await identity.principal(claims)).status).toBe(401);
    expect((await identity.principal({ ...claims, sid: newId(), iat: inSeconds(2) })).status).toBe(200);
  });

  test('adds many members at once without losing one', async () => {
    const ids = await Promise.all(['d1', 'd2', 'd3', 'd4', 'd5'].map(name => create(name)));
    const answers = await Promise.all(
      ids.map(value =>
        scim('PATCH', '/Groups/AUDITOR', {
          ...PATCH,
          Operations: [{ op: 'add', path: 'members', value: [{ value }] }],
        }),
      ),
    );
    expect(answers.every(({ status }) => status < 300)).toBe(true);
    const { body } = await scim('GET', '/Groups/AUDITOR');
    expect(body.members.map((one: { value: string }) => one.value).sort()).toEqual([...ids].sort());
  });
});

describe('is refused', () => {
  test('what is malformed, taken or not theirs, and nothing is written', async () => {
    await create('erna');
    const before = (await identity.published('staff.changed')).length;
    const refused = async (given: object, status: number, scimType: string) =>
      expect((await scim('POST', '/Users', user('frieda', given))).body).toMatchObject({
        status: String(status),
        scimType,
      });
    await refused({ emails: [{ value: 'no address' }] }, 400, 'invalidValue');
    await refused({ displayName: 'x'.repeat(201) }, 400, 'invalidValue');
    await refused({ emails: [{ value: 'ERNA@amt.example' }] }, 409, 'uniqueness');
    await refused({ userName: 'Erna' }, 409, 'uniqueness');
    await refused({ [ENTERPRISE]: { department: newId() } }, 400, 'invalidValue');
    await refused({ [ENTERPRISE]: { department: "' OR 1=1" } }, 400, 'invalidValue');
    const group = (id: string, body: object) => scim('PUT', `/Groups/${id}`, body);
    expect((await group('OPERATOR', { displayName: 'OPERATOR', members: [] })).status).toBe(404);
    expect((await group('AUDITOR', { displayName: 'CASHIER', members: [] })).body.scimType).toBe('mutability');
    expect((await group('CASHIER', { displayName: 'CASHIER', members: [{ value: newId() }] })).status).toBe(400);
    expect((await scim('POST', '/Groups', { displayName: 'Everybody' })).status).toBe(400);
    expect((await scim('POST', '/Bulk', { Operations: [] })).status).toBe(501);
    expect((await identity.published('staff.changed')).length).toBe(before);
  });

  test('a directory without a token, with an unknown one, one that has ended, or that of another authority', async () => {
    const id = await create('gesa');
    const other = await tokenOf(newId());
    for (const bearer of ['', 'scim_unknown'])
      expect((await scim('GET', `/Users/${id}`, undefined, bearer)).status).toBe(401);
    expect((await scim('GET', `/Users/${id}`, undefined, other)).status).toBe(404);
    expect((await scim('DELETE', `/Users/${id}`, undefined, other)).status).toBe(404);
    expect((await scim('PUT', `/Users/${id}`, user('gesa', { [ENTERPRISE]: undefined }), other)).status).toBe(404);
    expect((await scim('GET', '/Users', undefined, other)).body.totalResults).toBe(0);
    const steal = { displayName: 'CASEWORKER', members: [{ value: id }] };
    expect((await scim('PUT', '/Groups/CASEWORKER', steal, other)).status).toBe(400);
    const ended = newId();
    const short = await tokenOf(ended);
    expect((await scim('GET', '/Users', undefined, short)).status).toBe(200);
    expect(await identity.running.db.tx(serviceOf('identity'), tx => revokeTokens(tx, ended))).toBe(1);
    expect((await scim('GET', '/Users', undefined, short)).status).toBe(401);
  });

  test.each([
    'filter=__proto__.get%20pr',
    'filter=__proto__%20eq%20"x"',
    'filter=Constructor.polluted%20pr',
    'filter=constructor.prototype%20pr',
    'filter=userName%20eq%20"x"%20and%20constructor.assign%20eq%20"x"',
    'filter=emails%5B__proto__.x%20pr%5D',
    'filter=name.__proto__.x%20pr',
    'attributes=__proto__',
    'excludedAttributes=userName,constructor',
    'sortBy=__proto__.x',
    'filter=aaaa',
    'filter=name.familyName%20eq%205',
    'filter=userName%20eq%20"%00"',
    `filter=userName%20eq%20"${'x'.repeat(1_500)}"`,
    '__proto__%5Bx%5D=1&filter=toString%20pr',
  ])('a query that reaches for what all objects share, or makes no sense: %s', async query => {
    await create(`query-${newId()}`);
    const { status, body } = await scim('GET', `/Users?${query}`);
    expect([status, body.scimType]).toEqual([400, expect.any(String)]);
    expect(JSON.stringify(body)).not.toMatch(/Cannot|undefined|function/);
    expect(await untouched()).toBe(true);
  });

  test.each<[string, string, object]>([
    ['POST', '/Users', JSON.parse('{"__proto__":{"polluted":true},"userName":"x"}')],
    ['POST', '/Users', user('x', { name: { constructor: { prototype: {} } } })],
    ['POST', '/Users', user('nul\u0000')],
    ['POST', '/Users', user('x'.repeat(5_000))],
    ['POST', '/Users', user('born', { [PERSON]: { dateOfBirth: 'x' } })],
    ['POST', '/Users', user('born', { [PERSON]: { dateOfBirth: '2026-02-30' } })],
    ['POST', '/Users', user('born', { [PERSON]: { dateOfBirth: '0000-00-00' } })],
    ['POST', '/Users', user('born', { [PERSON]: { dateOfBirth: '2999-01-01' } })],
    ['POST', '/Users', user('born', { [PERSON]: { dateOfBirth: '1990-00-31-00' } })],
    ['POST', '/Users/.search', { schemas: [], filter: '__proto__.get pr' }],
    ['POST', '/Users/.search', { schemas: [], attributes: ['__proto__.x'] }],
    ['PATCH', '/Users/:id', { ...PATCH, Operations: [{ op: 'replace', path: '__proto__.x', value: 1 }] }],
    ['PATCH', '/Users/:id', { ...PATCH, Operations: [{ op: 'add', value: null }] }],
    ['PATCH', '/Groups/AUDITOR', { ...PATCH, Operations: [{ op: 'add', path: 'members', value: [null, 5, {}] }] }],
  ])('a body of that kind: %s %s %#', async (method, path, body) => {
    const id = await create(`body-${newId()}`);
    const answer = await scim(method, path.replace(':id', id), body);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(answer.body)).not.toMatch(/Cannot|undefined|function/);
    expect(await untouched()).toBe(true);
  });

  test.each(['/Schemas/', '/ResourceTypes/', '/Users/', '/Groups/', '/'])(
    'a name that every object has, as an address: %s',
    async path => {
      for (const name of ['__proto__', 'constructor', 'toString'])
        expect((await scim('GET', `${path}${name}`)).status).toBe(404);
      expect(await untouched()).toBe(true);
    },
  );

  test('a body that is nested without end', async () => {
    const levels = 100_000;
    const answer = await scim('POST', '/Users', `{"userName":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect([answer.status, answer.body.scimType]).toEqual([400, 'invalidValue']);
  });

  test('nobody else’s write because one sender stalls in the middle of a body', async () => {
    const other = await tokenOf(newId());
    const { hostname, port } = new URL(identity.url);
    const stalled = net.connect(Number(port), hostname);
    stalled.write(
      `POST /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${other}\r\nContent-Type: application/scim+json\r\nContent-Length: 100\r\n\r\n{`,
    );
    try {
      expect((await scim('POST', '/Users', user('quick', { [ENTERPRISE]: undefined }), other)).status).toBe(201);
      await create('quick-too');
    } finally {
      stalled.destroy();
    }
  });

  test('with a fault rather than with "not found" when the database does not answer', async () => {
    const id = await create('hanna');
    await identity.sql('ALTER TABLE identity.scim_user RENAME TO scim_user_away');
    try {
      const { status, body } = await scim('GET', `/Users/${id}`);
      expect(status).toBe(500);
      expect(JSON.stringify(body)).not.toMatch(/scim_user|relation|select/i);
    } finally {
      await identity.sql('ALTER TABLE identity.scim_user_away RENAME TO scim_user');
    }
  });
});
