/** What directories really send – Entra ID, Okta, Keycloak, OneLogin and others –, as tables of requests. */
import { newId } from '../../../kernel/ids';
import { startTestIdentity, type TestIdentity } from '../testing/identity';
import { askScim, ENTERPRISE, PATCH, PERSON, tokenFor, scimUser as user } from '../testing/scim';

const CORE = 'urn:ietf:params:scim:schemas:core:2.0:User';
const GROUP = 'urn:ietf:params:scim:schemas:core:2.0:Group';

let identity: TestIdentity;
let authorityId: string;
let token: string;

beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());
beforeEach(async () => {
  authorityId = newId();
  token = await tokenFor(identity, authorityId);
});

const scim = (method: string, path: string, body?: object | string) => askScim(identity, token, method, path, body);
const create = async (name: string, given: object = {}): Promise<string> => {
  const { status, body } = await scim('POST', '/Users', user(name, given));
  expect(status).toBe(201);
  return body.id;
};
const patch = (path: string, ...Operations: object[]) => scim('PATCH', path, { ...PATCH, Operations });
const query = (path: string, given: Record<string, string | number>) =>
  scim('GET', `${path}?${new URLSearchParams(given as Record<string, string>)}`);
const holders = async (role = 'CASEWORKER'): Promise<string[]> => {
  const { body } = await scim('GET', `/Groups/${role}`);
  return ((body.members ?? []) as { value: string }[]).map(({ value }) => value);
};
const rolesOf = async (id: string): Promise<string[]> =>
  (await identity.sql<{ roles: string[] }>('SELECT roles FROM identity.staff_member WHERE id = $1', [id]))[0]!.roles;

/** Letters that cannot be packed. */
const rare = (length: number): string =>
  Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7_919) % 20_000))).join('');

/** Anna, Bea and Carl, who all hold CASEWORKER. */
async function three(): Promise<[string, string, string]> {
  const ids = [await create('anna'), await create('bea'), await create('carl')] as [string, string, string];
  const given = { displayName: 'CASEWORKER', members: ids.map(value => ({ value })) };
  expect((await scim('PUT', '/Groups/CASEWORKER', given)).status).toBe(200);
  return ids;
}

describe('a role is a group that is always there:', () => {
  test.each<[string, { members?: string | object[]; externalId?: string }]>([
    ['CASEWORKER', {}],
    ['caseworker', {}],
    ['Caseworker', { externalId: '8aa1a0c0-c4c3-4bc0-b4a5-2ef676900159', members: [] }],
    [' CASEWORKER ', {}],
    ['CaseWorker', { members: 'somebody' }],
  ])('to create “%s” %j once more is a conflict, and who holds it keeps it', async (displayName, given) => {
    const ids = await three();
    const members = given.members === 'somebody' ? [{ value: ids[0] }] : given.members;
    const answer = await scim('POST', '/Groups', {
      schemas: [GROUP],
      displayName,
      ...given,
      ...(members && { members }),
    });
    expect([answer.status, answer.body.scimType]).toEqual([409, 'uniqueness']);
    expect((await holders()).sort()).toEqual([...ids].sort());
  });

  test('it is found by its name in any case, and keeps its name', async () => {
    for (const filter of [
      'displayName eq "caseworker"',
      `${GROUP}:displayName eq "Caseworker"`,
      'DISPLAYNAME Eq "caseWorker"',
    ])
      expect((await query('/Groups', { filter })).body).toMatchObject({
        totalResults: 1,
        Resources: [{ id: 'CASEWORKER' }],
      });
    const ids = await three();
    expect(
      (await patch('/Groups/CASEWORKER', { op: 'replace', value: { id: 'CASEWORKER', displayName: 'Caseworker' } }))
        .status,
    ).toBe(200);
    expect(
      (await scim('PUT', '/Groups/CASEWORKER', { displayName: 'caseworker', members: ids.map(value => ({ value })) }))
        .status,
    ).toBe(200);
    expect(
      (await patch('/Groups/CASEWORKER', { op: 'replace', path: 'displayName', value: 'Clerks' })).body.scimType,
    ).toBe('mutability');
    expect((await patch('/Groups/CASEWORKER', { op: 'Replace', path: 'externalId', value: newId() })).status).toBe(200);
    expect((await scim('GET', '/Groups/CASEWORKER')).body.displayName).toBe('CASEWORKER');
    expect(await holders()).toHaveLength(3);
  });
});

describe('to take a role from one person takes it from nobody else:', () => {
  const ref = (id: string) => `https://scim.example/scim/v2/Users/${id}`;
  test.each<[string, (id: string) => object]>([
    ['Entra ID', id => ({ op: 'Remove', path: 'members', value: [{ value: id }] })],
    ['Entra ID, old', id => ({ op: 'Remove', path: 'members', value: [{ $ref: null, value: id }] })],
    ['Okta', id => ({ op: 'remove', path: `members[value eq "${id}"]` })],
    ['OneLogin', id => ({ op: 'remove', path: 'members', value: [{ value: id, display: 'Anna A.' }] })],
    [
      'what GET has shown',
      id => ({ op: 'remove', path: 'members', value: { value: id, display: 'x', type: 'User', $ref: ref(id) } }),
    ],
    ['by reference', id => ({ op: 'remove', path: 'members', value: [{ $ref: ref(id) }] })],
    ['by relative reference', id => ({ op: 'remove', path: 'members', value: [{ $ref: `../Users/${id}` }] })],
    ['a text', id => ({ op: 'remove', path: 'members', value: id })],
    ['blanks around the id', id => ({ op: 'remove', path: 'members', value: [{ value: ` ${id}\t` }] })],
    ['blanks in the filter', id => ({ op: 'remove', path: `members[value eq " ${id} "]` })],
    ['a reference with a query', id => ({ op: 'remove', path: 'members', value: [{ $ref: `${ref(id)}/?a=/b#c/d` }] })],
    ['a list of texts', id => ({ op: 'remove', path: 'members', value: [id] })],
    ['other case', id => ({ op: 'REMOVE', path: 'Members', value: [{ Value: id, Display: 'Anna' }] })],
    ['other case in the filter', id => ({ op: 'remove', path: `MEMBERS[Value EQ "${id}"]` })],
    ['upper-case id', id => ({ op: 'remove', path: `members[value eq "${id.toUpperCase()}"]` })],
    ['full name', id => ({ op: 'remove', path: `${GROUP}:members[value eq "${id}"]` })],
    ['full name, lower case', id => ({ op: 'remove', path: `${GROUP.toLowerCase()}:members`, value: [{ value: id }] })],
    ['filter by reference', id => ({ op: 'remove', path: `members[$ref eq "${ref(id)}"]` })],
    ['filter by name', () => ({ op: 'remove', path: 'members[display eq "Person anna"]' })],
    ['filter of two conditions', id => ({ op: 'remove', path: `members[type eq "User" and value eq "${id}"]` })],
    ['spaces', id => ({ op: 'remove', path: `members[ value  eq "${id}" ]` })],
    ['by sub-attribute', id => ({ op: 'remove', path: 'members.value', value: id })],
  ])('%s', async (_, operation) => {
    const [anna, bea, carl] = await three();
    expect((await patch('/Groups/CASEWORKER', operation(anna))).status).toBe(200);
    expect((await holders()).sort()).toEqual([bea, carl].sort());
    expect(await rolesOf(anna)).toEqual([]);
    expect((await patch('/Groups/CASEWORKER', operation(anna))).status).toBe(200);
    expect(await holders()).toHaveLength(2);
  });

  test.each<[string, (ids: string[]) => object[]]>([
    ['a list', ids => [{ op: 'remove', path: 'members', value: ids.map(value => ({ value, display: 'x' })) }]],
    ['operations', ids => ids.map(id => ({ op: 'remove', path: `members[value eq "${id}"]` }))],
    ['a filter', ([one, two]) => [{ op: 'remove', path: `members[value eq "${one}" or value eq "${two}"]` }]],
    [
      'a filter with not',
      ([one, two]) => [{ op: 'remove', path: `members[not (value ne "${one}" and value ne "${two}")]` }],
    ],
  ])('several by %s', async (_, operations) => {
    const [anna, bea, carl] = await three();
    expect((await patch('/Groups/CASEWORKER', ...operations([anna, bea]))).status).toBe(200);
    expect(await holders()).toEqual([carl]);
  });

  test.each<[string, object]>([
    ['nothing named', { op: 'remove', path: 'members', value: null }],
    ['empty names', { op: 'remove', path: 'members', value: [{}] }],
    ['a name of nothing', { op: 'remove', path: 'members', value: [{ value: null }] }],
    ['an empty text', { op: 'remove', path: 'members', value: '' }],
    ['a number', { op: 'remove', path: 'members', value: 5 }],
    ['a list of nothing', { op: 'remove', path: 'members', value: [null] }],
    ['the attribute that names', { op: 'remove', path: 'members.value' }],
    ['an unknown attribute', { op: 'remove', path: 'members[nobody eq "x"]' }],
    ['a broken filter', { op: 'remove', path: 'members[value eq' }],
    ['a filter without quotes', { op: 'remove', path: 'members[value eq abc]' }],
    ['an empty filter', { op: 'remove', path: 'members[]' }],
    ['a filter that compares with nothing', { op: 'remove', path: 'members[value ne ""]' }],
    ['a filter that finds nothing in all', { op: 'remove', path: 'members[display co ""]' }],
    ['a filter that compares with null', { op: 'remove', path: 'members[value ne null]' }],
    ['a user name for an id', { op: 'remove', path: 'members', value: [{ value: 'anna' }] }],
    ['a user name for an id, in a filter', { op: 'remove', path: 'members[value eq "anna@amt.example"]' }],
    ['an id in braces', { op: 'remove', path: 'members', value: '{0195f0a0-0000-7000-8000-000000000000}' }],
    ['an id with NUL', { op: 'remove', path: 'members[value eq "\\u0000"]' }],
    ['half a letter', { op: 'add', path: 'members', value: '\ud800' }],
    ['no path', { op: 'remove', value: { members: [] } }],
    ['a list as path', { op: 'remove', path: ['members'] }],
    ['an unknown path', { op: 'remove', path: 'member' }],
    ['nothing in its place', { op: 'replace', path: 'members', value: null }],
    ['nothing in its place, without path', { op: 'replace', value: { members: null } }],
    ['no value', { op: 'replace', path: 'members' }],
    ['a text in its place', { op: 'replace', path: 'members', value: 'nobody' }],
    ['an unknown person', { op: 'add', path: 'members', value: [{ value: '0195f0a0-0000-7000-8000-000000000000' }] }],
    ['two names for one', { op: 'add', path: 'members', value: [{ value: 'a', $ref: '../Users/b' }] }],
    ['one attribute twice', { op: 'replace', value: { members: [], Members: [] } }],
    ['an unknown operation', { op: 'move', path: 'members', value: [] }],
    ['no operation', { path: 'members', value: [] }],
    ['a list for an operation', [] as object],
  ])('%s empties no role, and is refused', async (_, operation) => {
    const ids = await three();
    const { status, body } = await patch('/Groups/CASEWORKER', operation);
    expect([status, body.scimType]).toEqual([400, expect.any(String)]);
    expect(body.detail).not.toMatch(/undefined|Cannot|function|object Object/);
    expect((await holders()).sort()).toEqual([...ids].sort());
  });

  test('a list that names nobody takes it from nobody', async () => {
    await three();
    expect((await patch('/Groups/CASEWORKER', { op: 'remove', path: 'members', value: [] })).status).toBe(200);
    expect(await holders()).toHaveLength(3);
  });

  test.each<[string, object]>([
    ['remove', { op: 'remove', path: 'members' }],
    ['replace', { op: 'replace', path: 'members', value: [] }],
  ])('what says so empties it: %s', async (_, operation) => {
    await three();
    expect((await patch('/Groups/CASEWORKER', operation)).status).toBe(200);
    expect(await holders()).toEqual([]);
  });
});

describe('to give a role to one person:', () => {
  test.each<[string, (id: string) => object]>([
    ['Entra ID', id => ({ op: 'Add', path: 'members', value: [{ $ref: null, value: id }] })],
    ['Okta', id => ({ op: 'add', path: 'members', value: [{ value: id, display: 'dora@amt.example' }] })],
    ['without path', id => ({ op: 'add', value: { members: [{ value: id }] } })],
    ['one object', id => ({ op: 'add', path: 'members', value: { value: id } })],
    ['a text', id => ({ op: 'add', path: 'members', value: id })],
    ['other case', id => ({ op: 'ADD', path: 'Members', value: [{ VALUE: id }] })],
    ['other case without path', id => ({ op: 'add', value: { Members: [{ value: id }] } })],
    ['a reference', id => ({ op: 'add', path: 'members', value: [{ $ref: `https://x.example/v2/Users/${id}` }] })],
    ['a full name', id => ({ op: 'add', path: `${GROUP}:members`, value: [{ value: id, type: 'User' }] })],
    ['a full name without path', id => ({ op: 'add', value: { [`${GROUP}:members`]: [{ value: id }] } })],
    ['twice', id => ({ op: 'add', path: 'members', value: [{ value: id }, { value: id.toUpperCase() }] })],
  ])('%s', async (_, operation) => {
    const ids = await three();
    const dora = await create('dora');
    for (let time = 0; time < 2; time++) expect((await patch('/Groups/CASEWORKER', operation(dora))).status).toBe(200);
    expect((await holders()).sort()).toEqual([...ids, dora].sort());
    expect(await rolesOf(dora)).toEqual(['CASEWORKER']);
  });

  test('replaces, removes and adds in one request count in their order', async () => {
    const [anna, bea, carl] = await three();
    const answer = await patch(
      '/Groups/CASEWORKER',
      { op: 'replace', path: 'members', value: [{ value: anna }] },
      { op: 'add', path: 'members', value: [{ value: bea }, { value: carl }] },
      { op: 'remove', path: `members[value eq "${anna}"]` },
    );
    expect(answer.status).toBe(200);
    expect((await holders()).sort()).toEqual([bea, carl].sort());
  });

  test('`Members` of a whole group counts as well, and a list that is none is refused', async () => {
    const [anna] = await three();
    expect(
      (await scim('PUT', '/Groups/CASEWORKER', { DisplayName: 'CASEWORKER', Members: [{ Value: anna }] })).status,
    ).toBe(200);
    expect(await holders()).toEqual([anna]);
    for (const members of [null, 5, 'x', [5], [null], [{}], [[]], { display: 'x' }, true])
      expect((await scim('PUT', '/Groups/CASEWORKER', { displayName: 'CASEWORKER', members })).status).toBe(400);
    for (const body of [[], '"x"', '5', 'null', '', '{'])
      expect((await scim('PUT', '/Groups/CASEWORKER', body)).status).toBe(400);
    expect(await holders()).toEqual([anna]);
  });

  test('too many operations are refused at once', async () => {
    await three();
    const Operations = Array.from({ length: 1_001 }, () => ({ op: 'remove', path: 'members' }));
    expect((await scim('PATCH', '/Groups/CASEWORKER', { ...PATCH, Operations })).status).toBe(413);
    expect((await scim('PATCH', '/Groups/CASEWORKER', { ...PATCH, Operations: [] })).status).toBe(400);
    expect((await scim('PATCH', '/Groups/CASEWORKER', PATCH)).status).toBe(400);
    expect(
      (await scim('PATCH', '/Groups/CASEWORKER', { schemas: [CORE], Operations: Operations.slice(0, 1) })).status,
    ).toBe(400);
    expect(await holders()).toHaveLength(3);
  });
});

describe('a person’s own account is recognised', () => {
  /** Whether a new account of that name is surely the staff member’s own. */
  const recognised = async (staffMemberId: string, family: string, birthdate = '1985-03-04') => {
    const { accountId } = await identity.citizen(`at-home-${newId()}`, {
      given_name: 'Anna',
      family_name: family,
      birthdate,
    });
    const told = (await identity.published('staff.recognised')).map(({ payload }) => payload);
    return told.some(
      one => one.staffMemberId === staffMemberId && one.accountId === accountId && one.same && one.certain !== false,
    );
  };
  const anna = () => create('anna', { name: { givenName: 'Anna', familyName: 'Amtlich' } });

  test.each<[string, object[]]>([
    ['a path', [{ op: 'replace', path: 'name.familyName', value: 'Neumann' }]],
    [
      'Entra ID',
      [
        { op: 'Replace', path: 'name.familyName', value: 'Neumann' },
        { op: 'Replace', path: 'name.formatted', value: 'Anna Neumann' },
      ],
    ],
    [
      'Entra ID, dotted names',
      [{ op: 'replace', value: { 'name.familyName': 'Neumann', 'name.formatted': 'Anna Neumann' } }],
    ],
    ['Entra ID, old', [{ op: 'Add', path: 'name.familyName', value: [{ $ref: null, value: 'Neumann' }] }]],
    [
      'Okta',
      [{ op: 'replace', value: { name: { familyName: 'Neumann', givenName: 'Anna' }, displayName: 'Anna Neumann' } }],
    ],
    ['the object', [{ op: 'replace', path: 'name', value: { familyName: 'Neumann' } }]],
    ['add', [{ op: 'add', path: 'name', value: { familyName: 'Neumann' } }]],
    ['a full name', [{ op: 'replace', path: `${CORE}:name.familyName`, value: 'Neumann' }]],
    ['a full name without path', [{ op: 'replace', value: { [`${CORE}:name.familyName`]: 'Neumann' } }]],
    ['other case', [{ op: 'REPLACE', path: 'NAME.familyname', value: 'Neumann' }]],
    ['other case of a full name', [{ op: 'replace', path: `${CORE.toUpperCase()}:Name.FamilyName`, value: 'Neumann' }]],
    [
      'remove and add',
      [
        { op: 'remove', path: 'name.familyName' },
        { op: 'add', path: 'name.familyName', value: 'Neumann' },
      ],
    ],
  ])('by the name that a PATCH has changed: %s', async (_, operations) => {
    const id = await anna();
    expect(await recognised(id, 'Amtlich')).toBe(true);
    const { status, body } = await patch(`/Users/${id}`, ...operations);
    expect([status, body.name]).toEqual([200, expect.objectContaining({ givenName: 'Anna', familyName: 'Neumann' })]);
    expect(await recognised(id, 'Neumann')).toBe(true);
    expect(await recognised(id, 'Amtlich')).toBe(false);
  });

  test.each<[string, object]>([
    ['a path', { op: 'replace', path: `${PERSON}:dateOfBirth`, value: '1986-05-06' }],
    ['other case', { op: 'replace', path: `${PERSON.toUpperCase()}:DATEOFBIRTH`, value: '1986-05-06' }],
    ['the extension', { op: 'add', path: PERSON, value: { dateOfBirth: '1986-05-06' } }],
    ['no path', { op: 'replace', value: { [PERSON]: { dateOfBirth: '1986-05-06' } } }],
    ['a dotted name', { op: 'replace', value: { [`${PERSON}:dateOfBirth`]: '1986-05-06' } }],
  ])('by the day of birth that a PATCH has changed: %s', async (_, operation) => {
    const id = await anna();
    const { status, body } = await patch(`/Users/${id}`, operation);
    expect([status, JSON.stringify(body).includes('1986')]).toEqual([200, false]);
    expect(await recognised(id, 'Amtlich', '1986-05-06')).toBe(true);
    expect(await recognised(id, 'Amtlich', '1985-03-04')).toBe(false);
  });

  test('by a new name of the whole person, and of who was entered before names were kept', async () => {
    const id = await anna();
    expect(
      (await scim('PUT', `/Users/${id}`, user('anna', { name: { givenName: 'Anna', familyName: 'Neumann' } }))).status,
    ).toBe(200);
    expect(await recognised(id, 'Neumann')).toBe(true);
    await patch(`/Users/${id}`, { op: 'replace', path: 'title', value: 'Dr.' });
    expect(await recognised(id, 'Neumann')).toBe(true);
  });

  test('the name that is shown follows the name it was made of, and stays when it was given', async () => {
    const made = await create('made', { displayName: undefined, name: { givenName: 'Anna', familyName: 'Amtlich' } });
    const given = await create('given');
    const rename = { op: 'replace', path: 'name.familyName', value: 'Neumann' };
    expect((await patch(`/Users/${made}`, rename)).body.displayName).toBe('Anna Neumann');
    expect((await patch(`/Users/${given}`, rename)).body.displayName).toBe('Person given');
  });
});

describe('a person is changed by', () => {
  test.each<[string, object[], object]>([
    [
      'Entra ID’s address',
      [{ op: 'Replace', path: 'emails[type eq "work"].value', value: 'new@amt.example' }],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    [
      'Entra ID’s first address',
      [{ op: 'Add', path: 'emails[type eq "work"].value', value: 'new@amt.example' }],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    [
      'the primary address',
      [{ op: 'replace', path: 'emails[primary eq true].value', value: 'new@amt.example' }],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    [
      'Okta’s addresses',
      [
        {
          op: 'replace',
          value: {
            emails: [
              { value: 'new@amt.example', primary: true, type: 'work' },
              { value: 'p@home.example', type: 'home' },
            ],
          },
        },
      ],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    [
      'a second address that is primary now',
      [{ op: 'add', path: 'emails', value: [{ value: 'new@amt.example', primary: true }] }],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    [
      'a second address',
      [{ op: 'add', path: 'emails', value: [{ value: 'p@home.example', type: 'home' }] }],
      { emails: [{ value: 'zoe@amt.example' }] },
    ],
    [
      'the attribute of addresses',
      [{ op: 'replace', path: 'emails.value', value: 'new@amt.example' }],
      { emails: [{ value: 'new@amt.example' }] },
    ],
    ['userName', [{ op: 'replace', path: 'USERNAME', value: 'zoe.z' }], { userName: 'zoe.z' }],
    ['a full name', [{ op: 'replace', path: `${CORE}:userName`, value: 'zoe.z' }], { userName: 'zoe.z' }],
    ['external id', [{ op: 'Add', path: 'externalId', value: 'e-1' }], { externalId: 'e-1' }],
    ['active as a text', [{ op: 'Replace', path: 'Active', value: 'False' }], { active: false }],
    [
      'active in an old list',
      [{ op: 'Replace', path: 'active', value: [{ $ref: null, value: 'False' }] }],
      { active: false },
    ],
    ['a full name of active', [{ op: 'Replace', path: `${CORE}:active`, value: false }], { active: false }],
    ['the operations in another case', [{ OP: 'replace', Path: 'active', Value: false }], { active: false }],
    [
      'an address in letters that are put together',
      [{ op: 'replace', path: 'emails[type eq "work"].value', value: 'jürgen@amt.example'.normalize('NFD') }],
      { emails: [{ value: 'jürgen@amt.example'.normalize('NFC') }] },
    ],
    [
      'what is not kept, beside what is',
      [
        { op: 'Add', path: 'title', value: 'Referentin' },
        { op: 'Add', path: 'phoneNumbers[type eq "work"].value', value: '+49 431 1' },
        { op: 'Add', path: 'addresses[type eq "work"].formatted', value: '18/2111' },
        { op: 'Add', path: `${ENTERPRISE}:manager`, value: newId() },
        { op: 'Add', path: `${ENTERPRISE}:manager.value`, value: newId() },
        { op: 'Add', path: `${ENTERPRISE}:employeeNumber`, value: '7' },
        { op: 'Remove', path: 'preferredLanguage' },
        { op: 'Replace', path: 'active', value: 'False' },
      ],
      { active: false, displayName: 'Person zoe' },
    ],
    [
      'what is not kept, without path',
      [
        {
          op: 'replace',
          value: {
            id: 'x',
            schemas: [CORE],
            meta: {},
            groups: [],
            nickName: 'Z',
            [ENTERPRISE]: { costCenter: '1' },
            active: false,
          },
        },
      ],
      { active: false },
    ],
  ])('%s', async (_, operations, shown) => {
    const id = await create('zoe');
    expect(await patch(`/Users/${id}`, ...operations)).toMatchObject({ status: 200, body: { id, ...shown } });
    expect((await scim('GET', `/Users/${id}`)).body).toMatchObject(shown);
  });

  test.each<[string, object]>([
    ['an unknown attribute', { op: 'replace', path: 'activ', value: false }],
    ['an unknown attribute without path', { op: 'replace', value: { activ: false } }],
    ['an unknown schema', { op: 'replace', path: 'urn:example:User:active', value: false }],
    ['an unknown part', { op: 'replace', path: 'name.lastName', value: 'x' }],
    ['an unknown part of a value', { op: 'replace', path: 'name', value: { lastName: 'x' } }],
    ['a part of a text', { op: 'replace', path: 'userName.value', value: 'x' }],
    ['a filter of a text', { op: 'replace', path: 'userName[value eq "x"]', value: 'x' }],
    ['an id', { op: 'replace', path: 'id', value: 'x' }],
    ['roles, which are given by groups', { op: 'add', path: 'roles', value: [{ value: 'ADMINISTRATOR' }] }],
    ['a number for a text', { op: 'replace', path: 'displayName', value: 5 }],
    ['an object for a text', { op: 'replace', path: 'displayName', value: { a: 1 } }],
    ['a list for a text', { op: 'replace', path: 'displayName', value: ['a', 'b'] }],
    ['a text for an object', { op: 'replace', path: 'name', value: 'Anna' }],
    ['a list for an object', { op: 'replace', path: 'name', value: [] }],
    ['a text for yes or no', { op: 'replace', path: 'active', value: 'perhaps' }],
    ['a number for yes or no', { op: 'replace', path: 'active', value: 1 }],
    ['a number for addresses', { op: 'replace', path: 'emails', value: 5 }],
    ['numbers for addresses', { op: 'replace', path: 'emails', value: [5] }],
    ['nothing for the user name', { op: 'remove', path: 'userName' }],
    ['null for the user name', { op: 'replace', path: 'userName', value: null }],
    ['a text without path', { op: 'replace', value: 'x' }],
    ['a list without path', { op: 'replace', value: [] }],
    ['null without path', { op: 'add', value: null }],
    ['dots', { op: 'replace', path: '..', value: 'x' }],
    ['brackets', { op: 'replace', path: 'emails]type[', value: 'x' }],
    ['words after the path', { op: 'replace', path: 'userName x', value: 'x' }],
    [
      'a value that no element has',
      { op: 'replace', path: 'emails[value co "nowhere"].value', value: 'x@amt.example' },
    ],
    ['one value for many', { op: 'replace', path: 'emails[type eq 5].value', value: 'x@amt.example' }],
  ])('nothing that makes no sense: %s', async (_, operation) => {
    const id = await create('zoe');
    const before = (await scim('GET', `/Users/${id}`)).body;
    const { status, body } = await patch(`/Users/${id}`, operation);
    expect([status, body.scimType]).toEqual([400, expect.any(String)]);
    expect(body.detail).not.toMatch(/undefined|Cannot|function|object Object/);
    expect((await scim('GET', `/Users/${id}`)).body).toEqual(before);
  });

  test('a whole person in another case or with full names; who was let go is not brought back by what says nothing of it', async () => {
    const body = {
      Schemas: [CORE],
      UserName: 'kim',
      DISPLAYNAME: 'Kim',
      NAME: { GivenName: 'Kim', familyname: 'Klein' },
      Emails: [{ Value: 'kim@amt.example', Primary: 'True' }],
    };
    const created = await scim('POST', '/Users', body);
    expect(created).toMatchObject({
      status: 201,
      body: { userName: 'kim', displayName: 'Kim', name: { givenName: 'Kim', familyName: 'Klein' }, active: true },
    });
    const full = {
      [`${CORE}:userName`]: 'kim',
      [`${CORE}:displayName`]: 'Kim K.',
      [`${CORE}:active`]: false,
      emails: [{ value: 'kim@amt.example' }],
    };
    expect((await scim('PUT', `/Users/${created.body.id}`, full)).body).toMatchObject({
      displayName: 'Kim K.',
      active: false,
    });
    expect((await scim('PUT', `/Users/${created.body.id}`, body)).body).toMatchObject({
      displayName: 'Kim',
      active: false,
    });
    expect((await scim('POST', '/Users', { ...body, username: 'kim' })).body.scimType).toBe('invalidSyntax');
  });

  test.each<[string, string | object]>([
    ['a list', []],
    ['a text', '"x"'],
    ['null', 'null'],
    ['nothing', ''],
    ['an unfinished object', '{"userName":'],
    ['an empty object', {}],
    ['a number for a name', user('x', { name: 5 })],
    ['a truth for addresses', user('x', { emails: true })],
    ['numbers for addresses', user('x', { emails: [1] })],
    ['null for addresses', user('x', { emails: [null] })],
    ['a list for a department', user('x', { [ENTERPRISE]: [] })],
    ['a text for schemas', user('x', { schemas: 'x' })],
    ['other schemas', user('x', { schemas: [GROUP] })],
    ['half a letter in a name', user('x', { name: { familyName: '\ud800' } })],
    ['half a letter in a shown name', user('x', { displayName: 'x\udc00' })],
    ['a user name that no index holds', user('x', { userName: rare(321) })],
    ['a family name that no index holds', user('x', { name: { familyName: rare(1_000) } })],
    ['letters that fold to eighteen each', user('x', { name: { familyName: '\ufdfa'.repeat(200) } })],
    ['a name of too many parts', user('x', { name: { givenName: rare(201), familyName: 'x' } })],
  ])('no body that makes no sense: %s', async (_, body) => {
    const { status, body: answer } = await scim('POST', '/Users', body);
    expect([status, answer.scimType]).toEqual([400, expect.any(String)]);
    expect((await scim('GET', '/Users')).body.totalResults).toBe(0);
  });
});

describe('a list', () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const ids = (body: { Resources?: { id: string }[] }) => (body.Resources ?? []).map(({ id }) => id);

  test.each<[Record<string, string | number>, { total?: number; from?: number; shown: number }]>([
    [{}, { shown: 5 }],
    [{ startIndex: 1, count: 2 }, { shown: 2 }],
    [
      { startIndex: 4, count: 2 },
      { from: 4, shown: 2 },
    ],
    [
      { startIndex: 5, count: 2 },
      { from: 5, shown: 1 },
    ],
    [
      { startIndex: 6, count: 2 },
      { from: 6, shown: 0 },
    ],
    [{ startIndex: 6 }, { from: 6, shown: 0 }],
    [
      { startIndex: 1_000_000, count: 100 },
      { from: 1_000_000, shown: 0 },
    ],
    [
      { startIndex: '99999999999999999999', count: 1 },
      { from: Number.MAX_SAFE_INTEGER, shown: 0 },
    ],
    [{ startIndex: 0, count: 2 }, { shown: 2 }],
    [{ startIndex: -7, count: 2 }, { shown: 2 }],
    [{ count: 0 }, { shown: 0 }],
    [{ count: -1 }, { shown: 0 }],
    [
      { startIndex: 3, count: 0 },
      { from: 3, shown: 0 },
    ],
    [{ count: 100_000 }, { shown: 5 }],
    [
      { STARTINDEX: 5, Count: 3 },
      { from: 5, shown: 1 },
    ],
    [
      { filter: 'userName sw "a"', startIndex: 2 },
      { total: 1, from: 2, shown: 0 },
    ],
    [
      { filter: 'userName eq "a"', startIndex: 2 },
      { total: 1, from: 2, shown: 0 },
    ],
    [
      { filter: 'userName eq "a"', count: 0 },
      { total: 1, shown: 0 },
    ],
    [{ filter: 'userName eq "nobody"' }, { total: 0, shown: 0 }],
  ])('with %j', async (given, { total = 5, from = 1, shown }) => {
    for (const name of names) await create(name);
    const all = ids((await query('/Users', {})).body);
    const { status, body } = await query('/Users', given);
    expect({ status, ...body }).toMatchObject({
      status: 200,
      totalResults: total,
      startIndex: from,
      itemsPerPage: shown,
    });
    expect(body.Resources).toHaveLength(shown);
    if (!given.filter) expect(ids(body)).toEqual(all.slice(from - 1, from - 1 + shown));
    const search = Object.fromEntries(
      Object.entries(given).filter(([, value]) => typeof value !== 'string' || !/^\d/.test(value)),
    );
    if (Object.keys(search).length === Object.keys(given).length)
      expect(
        (
          await scim('POST', '/Users/.search', {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:SearchRequest'],
            ...search,
          })
        ).body,
      ).toEqual(body);
  });

  test('walks through all of it, each once', async () => {
    for (const name of names) await create(name);
    const seen: string[] = [];
    for (let startIndex = 1; ; startIndex += 2) {
      const page = ids((await query('/Users', { startIndex, count: 2 })).body);
      if (page.length === 0) break;
      seen.push(...page);
    }
    expect(seen).toEqual(ids((await query('/Users', {})).body));
    expect((await query('/Groups', { startIndex: 9 })).body).toMatchObject({ totalResults: 8, Resources: [] });
  });

  test.each([
    'startIndex=abc',
    'count=1.5',
    'count=',
    'startIndex=1&startIndex=2',
    'filter=',
    'filter=userName eq "a"&filter=userName eq "b"',
    'count=1e3',
    'sortOrder=upwards&sortBy=userName',
  ])('is refused where it makes no sense: %s', async text => {
    const { status, body } = await scim('GET', `/Users?${encodeURI(text)}`);
    expect([status, body.scimType]).toEqual([400, expect.any(String)]);
  });

  test.each<[string, string[]]>([
    ['userName eq "o\\"neil"', ['o"neil']],
    ['userName eq "back\\\\slash"', ['back\\slash']],
    ['userName eq "\\u0061nna"', ['anna']],
    ['userName eq "ANNA"', ['anna']],
    ['USERNAME EQ "anna"', ['anna']],
    [`${CORE}:userName eq "anna"`, ['anna']],
    [`${CORE.toLowerCase()}:username eq "anna"`, ['anna']],
    ['userName eq "a) or (b"', ['a) or (b']],
    ['userName eq "x] and ["', ['x] and [']],
    ['userName eq "constructor"', ['constructor']],
    ['displayName co "\\"neil"', ['o"neil']],
    ['userName sw "an" and active eq true', ['anna']],
    ['userName sw "an" and active eq "True"', ['anna']],
    ['not (userName co "n")', ['back\\slash', 'a) or (b']],
    ['userName eq "anna" or userName eq "constructor"', ['anna', 'constructor']],
    ['userName eq "anna" or userName eq "constructor" and active eq false', ['anna']],
    ['(userName eq "anna" or userName eq "constructor") and active eq false', []],
    ['emails.value eq "anna@amt.example"', ['anna']],
    ['emails eq "anna@amt.example"', ['anna']],
    ['emails[type eq "work" and value sw "anna"]', ['anna']],
    ['emails[type eq "work"].value eq "anna@amt.example"', ['anna']],
    ['name.familyName eq "amtlich" and name.givenName eq "anna"', ['anna']],
    ['externalId eq "ext-anna"', ['anna']],
    ['externalId eq "EXT-anna"', []],
    ['externalId pr and userName ew "nna"', ['anna']],
    ['id pr and userName gt "w"', ['x] and [']],
    ['userName ne "anna" and userName sw "an"', []],
    ['userName eq "anna" and userName eq "constructor"', []],
    ['emails[value eq "anna@amt.example" and value eq "constructor@amt.example"]', []],
    ['userName eq "jürgen"'.normalize('NFD'), ['jürgen'.normalize('NFC')]],
    ['userName eq "JÜRGEN"'.normalize('NFC'), ['jürgen'.normalize('NFC')]],
    [`${CORE} pr and userName eq "anna"`, ['anna']],
    ['title pr', []],
    ['title eq "Dr."', []],
    ['meta.created gt "2020-01-01T00:00:00Z" and userName eq "anna"', ['anna']],
    [`${ENTERPRISE}:department pr`, []],
  ])('finds by %s', async (filter, wanted) => {
    for (const name of [
      'o"neil',
      'back\\slash',
      'anna',
      'a) or (b',
      'x] and [',
      'constructor',
      'jürgen'.normalize('NFD'),
    ])
      await create(name, {
        emails: [{ value: `${name.replace(/\W/g, '')}@amt.example`, type: 'work', primary: true }],
      });
    const { status, body } = await query('/Users', { filter });
    expect(status).toBe(200);
    expect(body.Resources.map((one: { userName: string }) => one.userName).sort()).toEqual([...wanted].sort());
  });

  test.each([
    'userName eq "a',
    'userName eq "a\\"',
    'userName eq',
    'userName',
    'eq "a"',
    'userName is "a"',
    'userName eq "a" and',
    '(userName eq "a"',
    'userName eq "a")',
    'userName eq "a" userName eq "b"',
    'emails[type eq "work"',
    'emails[]',
    'nobody eq "a"',
    'name.nobody eq "a"',
    'userName.value eq "a"',
    'userName eq 5',
    'active eq "perhaps"',
    'active gt true',
    'userName eq "\\x"',
    'userName eq a',
    'not userName',
    'name eq "x"',
    `${'('.repeat(400)}`,
    'userName pr "x"',
    `userName[value eq "x"]`,
    '"a" eq userName',
    `${CORE} eq "x"`,
    `${CORE}: ne "x"`,
    `${CORE}[userName eq "x"]`,
    `${ENTERPRISE} eq "x"`,
    'userName eq "\\u0000"',
    'externalId eq "a\\u0000"',
    'userName co "\\ud800"',
  ])('refuses the filter %s', async filter => {
    const { status, body } = await query('/Users', { filter });
    expect([status, body.scimType]).toEqual([400, 'invalidFilter']);
    expect(body.detail).not.toMatch(/undefined|Cannot|function|JSON/);
  });

  test('is sorted by time, and finds by a time to the millisecond', async () => {
    const days = ['2026-01-05', '2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09']; // by their names in another order
    const made = await Promise.all(days.map(day => create(`on-${day}`)));
    for (const [i, day] of days.entries())
      await identity.sql('UPDATE identity.staff_member SET created_at = $2 WHERE id = $1', [
        made[i],
        `${day}T10:00:00.123Z`,
      ]);
    expect(ids((await query('/Users', { sortBy: 'meta.created' })).body)).toEqual(made);
    expect(ids((await query('/Users', { sortBy: 'meta.created', sortOrder: 'Descending' })).body)).toEqual(
      made.toReversed(),
    );
    const exactly = await query('/Users', { filter: 'meta.created eq "2026-01-07T11:00:00.123+01:00"' });
    expect(ids(exactly.body)).toEqual([made[2]]);
  });

  test('an address that cannot be read is refused as SCIM says', async () => {
    for (const path of ['/Users/%E0%A4%A', '/Groups/%']) {
      const { status, body } = await scim('GET', path);
      expect([status, body.schemas]).toEqual([400, ['urn:ietf:params:scim:api:messages:2.0:Error']]);
    }
  });

  test('shows what is asked for', async () => {
    const id = await create('anna');
    await patch('/Groups/CASEWORKER', { op: 'add', path: 'members', value: [{ value: id }] });
    expect((await query(`/Users/${id}`, { attributes: 'USERNAME,name.familyName' })).body).toEqual({
      schemas: expect.any(Array),
      id,
      userName: 'anna',
      name: { familyName: 'Amtlich' },
    });
    expect((await query('/Users', { attributes: `${CORE}:userName` })).body.Resources).toEqual([
      { schemas: expect.any(Array), id, userName: 'anna' },
    ]);
    const without = (await query('/Groups', { excludedAttributes: 'members', filter: 'displayName eq "CASEWORKER"' }))
      .body.Resources[0];
    expect(without).toMatchObject({ id: 'CASEWORKER', displayName: 'CASEWORKER' });
    expect(without).not.toHaveProperty('members');
    const isMember = (member: string) =>
      query('/Groups', { excludedAttributes: 'members', filter: `id eq "CASEWORKER" and members eq "${member}"` });
    expect((await isMember(id)).body.totalResults).toBe(1);
    expect((await isMember(newId())).body.totalResults).toBe(0);
    expect((await query('/Groups', { filter: `members[value eq "${id}"]` })).body.Resources).toHaveLength(1);
  });

  test('the service describes itself', async () => {
    expect((await scim('GET', '/ServiceProviderConfig')).body).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
      filter: { supported: true, maxResults: 200 },
    });
    const types = (await scim('GET', '/ResourceTypes')).body;
    expect(types).toMatchObject({
      totalResults: 2,
      Resources: [
        { id: 'User', endpoint: '/Users', schema: CORE },
        { id: 'Group', endpoint: '/Groups', schema: GROUP },
      ],
    });
    const schemas = (await scim('GET', '/Schemas')).body.Resources as { id: string }[];
    expect(schemas.map(({ id }) => id)).toEqual([CORE, ENTERPRISE, PERSON, GROUP]);
    expect((await scim('GET', `/Schemas/${PERSON}`)).body.attributes).toEqual([
      expect.objectContaining({ name: 'dateOfBirth', mutability: 'writeOnly', returned: 'never' }),
    ]);
    expect((await scim('GET', '/ResourceTypes/Group')).body).toMatchObject({ id: 'Group' });
    expect((await scim('GET', '/Schemas/urn:nobody')).status).toBe(404);
    expect((await scim('PUT', '/Users', user('x'))).status).toBe(405);
    expect((await scim('GET', '/Me')).status).toBe(501);
  });
});
