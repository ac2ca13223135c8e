/** Accounts: who sees that one exists, who sees its name, its facts and its members. */
import { shiftClock } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import { type Person, type Principal, serviceOf } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
let klara: Person;
let jonas: Person;
beforeAll(async () => {
  identity = await startTestIdentity();
  klara = await identity.citizen('klara');
  jonas = await identity.citizen('jonas');
});
afterAll(() => identity.stop());

const ENTITIES = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on Account {
  id version kind displayName attributes { name value } members { role account { id displayName } } } } }`;
const byReference = async (who: Principal, ...ids: string[]) =>
  identity.as(who).query(ENTITIES, { r: ids.map(id => ({ __typename: 'Account', id })) });

const change = (application: string, account: Person, authorityId: string, agent: Person | null = null) => ({
  applicationId: application,
  version: 3,
  state: 'SUBMITTED',
  publicStatus: 'SUBMITTED',
  accountId: account.accountId,
  agentAccountId: agent?.accountId ?? null,
  leikaKey: '99050012104000',
  authorityId,
  departmentId: null,
  reference: 'GA-1',
  requiredTrustLevel: TrustLevel.SUBSTANTIAL,
});

describe('what a token says of a person', () => {
  const said = async (sub: string, given: object) => {
    const who = await identity.citizen(sub, given);
    const { data, errors } = await byReference(who, who.accountId);
    expect(errors).toBeUndefined();
    const attributes = data._entities[0].attributes as { name: string; value: string }[];
    return {
      displayName: data._entities[0].displayName,
      ...Object.fromEntries(attributes.map(({ name, value }) => [name, value])),
    } as Record<string, string>;
  };

  test.each([
    ['1989-04-12', '1989-04-12'],
    ['1988-02-29', '1988-02-29'],
    ['1990-05-00', '1990-05-00'],
    ['1990-00-00', '1990-00-00'],
    ['0000-00-00', '0000-00-00'],
    ['0000-05-06', '0000-05-06'],
    ['1990', '1990-00-00'],
    ['1990-05', '1990-05-00'],
  ])('keeps the date of birth %s as %s', async (birthdate, kept) => {
    expect((await said(newId(), { birthdate })).dateOfBirth).toBe(kept);
  });

  test.each<[unknown]>([
    ['1990-02-30'],
    ['1989-02-29'],
    ['1990-13-01'],
    ['1990-04-31'],
    ['1990-00-32'],
    ['2999-01-01'],
    ['0900-01-01'],
    ['30.02.1990'],
    ['gestern'],
    ['1990-02-30T00:00:00Z'],
    [''],
    [19900230],
    [null],
    [{ year: 1990 }],
  ])('leaves the date of birth %j out, and nobody is kept from signing in by it', async (birthdate: unknown) => {
    const sub = newId();
    for (const acr of ['STORK-QAA-Level-4', 'STORK-QAA-Level-1', 'STORK-QAA-Level-4']) {
      expect((await said(sub, { birthdate, acr })).dateOfBirth).toBeUndefined();
    }
    const staff = await identity.employ(newId(), ['CASEWORKER'], {}, { birthdate: birthdate as string });
    expect(staff.kind).toBe('staff');
  });

  test('may be one name, whichever it is', async () => {
    const nobody = { given_name: undefined, family_name: undefined };
    expect((await said(newId(), { ...nobody, family_name: 'Suharto' })).displayName).toBe('Suharto');
    expect((await said(newId(), { ...nobody, given_name: 'Suharto' })).displayName).toBe('Suharto');
    expect((await said(newId(), { ...nobody, name: 'Suharto' })).displayName).toBe('Suharto');
    expect((await said(newId(), nobody)).displayName).toMatch(/^Konto /);
  });
});

describe('an account', () => {
  test('tells who belongs to an organisation, in whatever role', async () => {
    const told = async () => (await identity.published('organisation.member-changed')).map(({ payload }) => payload);
    const organisation = await identity.organisation('belongs');
    const set = (role: string | null, expectedVersion: number) =>
      identity
        .as(organisation)
        .query(
          'mutation ($i: SetOrganisationMemberInput!) { setOrganisationMember(input: $i) { refusal { code } account { version } } }',
          {
            i: {
              organisationAccountId: organisation.accountId,
              personAccountId: jonas.accountId,
              role,
              expectedVersion,
            },
          },
        );
    const { data } = await set('READER', 1);
    expect(data.setOrganisationMember.refusal).toBeNull();
    const about = { organisationId: organisation.accountId, accountId: jonas.accountId };
    expect((await told()).at(-1)).toEqual({ ...about, member: true });
    await set(null, data.setOrganisationMember.account.version);
    expect((await told()).at(-1)).toEqual({ ...about, member: false });
  });

  test('shows its holder everything', async () => {
    const { data } = await byReference(klara, klara.accountId);
    expect(data._entities[0]).toMatchObject({ kind: 'PERSON', displayName: 'Klara Muster', members: null });
    expect(data._entities[0].attributes).toHaveLength(4);
    const root = await identity.as(klara).query(`{ account(id: "${klara.accountId}") { displayName } }`);
    expect(root.data.account.displayName).toBe('Klara Muster');
  });

  test('tells a subgraph that asks for itself how surely its facts are proven, and nobody it asks for', async () => {
    const asks = `query ($id: ID!) { account(id: $id) { attributes { name trustLevel } } }`;
    const facts = async (who: Principal) =>
      (await identity.as(who).query(asks, { id: klara.accountId })).data?.account?.attributes ?? null;
    expect(await facts(serviceOf('applications'))).toContainEqual({ name: 'dateOfBirth', trustLevel: 'SUBSTANTIAL' });
    const agent = { ...jonas, actingFor: klara.accountId };
    for (const who of [agent, staff(), ANONYMOUS]) expect(await facts(serviceOf('applications', who))).toBeNull();
  });

  test('shows another citizen, staff of elsewhere and machines only that it exists', async () => {
    const machine: Principal = { kind: 'machine', name: 'gewerberegister', scopes: ['handover:acknowledge'] };
    for (const who of [jonas, staff(), machine]) {
      const { data } = await byReference(who, klara.accountId);
      expect(data._entities[0]).toEqual({
        id: klara.accountId,
        version: 1,
        kind: 'PERSON',
        displayName: null,
        attributes: null,
        members: null,
      });
      const root = await identity.as(who).query(`{ account(id: "${klara.accountId}") { displayName } }`);
      expect(root).toMatchObject({ data: { account: null }, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
    const nowhere = await identity.as(jonas).query(`{ account(id: "${newId()}") { displayName } }`);
    expect(nowhere.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('shows nobody anything who is not signed in, and an unknown one is null', async () => {
    const { data, errors } = await byReference(ANONYMOUS, klara.accountId);
    expect(data._entities).toEqual([null]);
    expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect((await byReference(klara, newId())).data._entities).toEqual([null]);
  });

  test('shows its name to the authority in charge, until the case is forwarded', async () => {
    const [here, there] = [staff(), staff()];
    const application = newId();
    const name = async (who: Principal) => (await byReference(who, klara.accountId)).data._entities[0].displayName;
    await identity.publish('applications', 'application.draft-created', application, {
      ...change(application, klara, here.authorityId),
      authorityId: undefined,
      ars: '010995999001',
    });
    expect(await name(here)).toBeNull();
    await identity.publish('applications', 'application.submitted', application, {
      ...change(application, klara, here.authorityId),
      serviceTitle: 'Gewerbeanmeldung',
      applicantName: 'Klara Muster',
    });
    expect(await name(here)).toBe('Klara Muster');
    expect(await name(there)).toBeNull();
    expect(await name({ ...here, scopes: ['catalogue:edit'] })).toBeNull();
    expect(await name(serviceOf('applications', here))).toBe('Klara Muster');
    expect(await name(serviceOf('applications', there))).toBeNull();
    expect((await byReference(here, klara.accountId)).data._entities[0].attributes).toBeNull();
    await identity.publish('applications', 'application.forwarded', application, {
      ...change(application, klara, there.authorityId),
      fromAuthorityId: here.authorityId,
      serviceTitle: 'Gewerbeanmeldung',
    });
    expect(await name(here)).toBeNull();
    expect(await name(there)).toBe('Klara Muster');
  });

  test('shows the authority also who acts for the applicant, and nothing of a deleted draft', async () => {
    const here = staff();
    const application = newId();
    await identity.publish('applications', 'application.received', application, {
      ...change(application, klara, here.authorityId, jonas),
    });
    const { data } = await byReference(here, klara.accountId, jonas.accountId);
    expect(data._entities.map((account: { displayName: string }) => account.displayName)).toEqual([
      'Klara Muster',
      'Jonas Muster',
    ]);
    await identity.publish('applications', 'application.draft-deleted', application, { applicationId: application });
    expect((await byReference(here, klara.accountId)).data._entities[0].displayName).toBeNull();
  });

  test('notes for the access log by which case staff have read a name, once an hour, and nothing for all others', async () => {
    const [petra, agent] = [await identity.citizen('petra'), await identity.citizen('agent')];
    const here = staff();
    const application = newId();
    await identity.publish('applications', 'application.received', application, {
      ...change(application, petra, here.authorityId, agent),
      reference: 'GA-77',
    });
    const about = [petra.accountId, agent.accountId];
    const accesses = async () =>
      (await identity.published('data.accessed')).filter(({ key }) => about.includes(key)).map(one => one.payload);
    await byReference(petra, ...about);
    await byReference(staff(), ...about);
    await byReference({ ...here, scopes: ['catalogue:edit'] }, ...about);
    expect(await accesses()).toEqual([]);
    await byReference(here, ...about);
    const noted = {
      applicationId: application,
      subjectType: 'Account',
      action: 'read',
      purpose: 'GA-77',
      staffMemberId: here.staffMemberId,
      authorityId: here.authorityId,
      machine: null,
    };
    const expected = about.map(accountId => ({ ...noted, accountId, subjectId: accountId }));
    expect(await accesses()).toEqual(expected);
    await byReference(here, ...about);
    await byReference(serviceOf('applications', here), ...about);
    expect(await accesses()).toEqual(expected);
    const colleague = staff({ authorityId: here.authorityId });
    // on whose behalf is read, has read
    await byReference(serviceOf('applications', colleague), petra.accountId);
    expect((await accesses()).at(-1)).toMatchObject({ staffMemberId: colleague.staffMemberId });
    shiftClock(60 * 60_000);
    await byReference(here, petra.accountId);
    shiftClock(0);
    expect(await accesses()).toHaveLength(4);
  });

  test('is not shown when the note of it cannot be written', async () => {
    const petra = await identity.citizen('petra');
    const here = staff();
    await identity.sql(`INSERT INTO identity.case_party VALUES (gen_random_uuid(), $1, NULL, $2, 'GA-9')`, [
      petra.accountId,
      here.authorityId,
    ]);
    await identity.sql(`REVOKE INSERT ON identity.outbox FROM identity_app`);
    const answer = await byReference(here, petra.accountId).catch(() => null);
    await identity.sql(`GRANT INSERT ON identity.outbox TO identity_app`);
    expect(JSON.stringify(answer)).not.toContain('Petra');
    expect((await byReference(here, petra.accountId)).data._entities[0].displayName).toBe('Petra Muster');
  });

  test('costs the same number of SQL statements for two and for twenty', async () => {
    const ids = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => (await identity.citizen(`p${i}`)).accountId),
    );
    const who = staff();
    for (const id of ids) {
      await identity.sql(`INSERT INTO identity.case_party VALUES (gen_random_uuid(), $1, NULL, $2)`, [
        id,
        who.authorityId,
      ]);
    }
    const few = await byReference(who, ...ids.slice(0, 2));
    const many = await byReference(who, ...ids);
    expect(many.data._entities.every((account: { displayName: string | null }) => account.displayName)).toBe(true);
    expect(many.statements).toBe(few.statements);
    expect(many.statements).toBeLessThanOrEqual(10);
  });
});

const SET = `mutation ($input: SetOrganisationMemberInput!) { setOrganisationMember(input: $input) {
  account { version members { role account { id displayName } } } refusal { code problems { path code } } } }`;

describe('an organisation', () => {
  let company: Person;
  const set = async (who: Person, personAccountId: string, role: string | null, expectedVersion: number) =>
    identity
      .as(who)
      .query(SET, { input: { organisationAccountId: company.accountId, personAccountId, role, expectedVersion } });

  beforeAll(async () => {
    company = await identity.organisation('radladen');
  });

  test('takes members, who see each other and act for it by their role', async () => {
    const made = (await set(company, klara.accountId, 'ADMINISTRATOR', 1)).data.setOrganisationMember;
    expect(made).toMatchObject({
      refusal: null,
      account: { version: 2, members: [{ role: 'ADMINISTRATOR', account: { displayName: null } }] },
    });
    const events = await identity.published('mandate.changed');
    expect(events.at(-1)?.payload).toMatchObject({
      principalAccountId: company.accountId,
      agentAccountId: klara.accountId,
      leikaKeys: [],
      validTo: null,
    });
    const reader = await identity.citizen('rita');
    await set(klara, reader.accountId, 'READER', 2);
    expect((await identity.published('mandate.changed')).at(-1)?.payload.validTo).not.toBeNull();
    const seen = (await byReference(reader, company.accountId)).data._entities[0];
    expect(seen.displayName).toBe('radladen GmbH');
    const namesFor = async (who: Person) =>
      (await byReference(who, company.accountId)).data._entities[0].members.map(
        (one: { account: { displayName: string | null } }) => one.account.displayName,
      );
    // whoever enters the id of an account must not read its name by that
    expect(await namesFor(company)).toEqual([null, null]);
    expect(await namesFor(reader)).toEqual([null, 'Rita Muster']);
    for (const [who, id] of [
      [klara, company.accountId],
      [klara, null],
    ] as const) {
      const { data } = await identity
        .as(who)
        .query('mutation ($id: ID) { actFor(input: { accountId: $id }) { refusal { code } } }', { id });
      expect(data.actFor.refusal).toBeNull();
    }
    for (const who of [company, reader, klara]) expect((await namesFor(who))[0]).toBe('Klara Muster');
    expect((await namesFor(company))[1]).toBeNull();
    expect((await byReference(jonas, company.accountId)).data._entities[0]).toMatchObject({
      displayName: null,
      members: null,
    });
  });

  test('is acted for by members; readers only read, and who is taken out acts for themself again', async () => {
    const claims = { sid: 'reader', jti: 'reader' };
    const reader = await identity.citizen('rita', claims);
    const acted = await identity
      .as(reader)
      .query(
        `mutation { actFor(input: { accountId: "${company.accountId}" }) { session { actingFor { id displayName } canActFor { id } } refusal { code } } }`,
      );
    expect(acted.data.actFor).toEqual({
      session: {
        actingFor: { id: company.accountId, displayName: 'radladen GmbH' },
        canActFor: [{ id: company.accountId }],
      },
      refusal: null,
    });
    const acting = await identity.citizen('rita', claims);
    expect(acting).toMatchObject({ actingFor: company.accountId, readOnly: true });
    const revocations = await identity.revocations();
    await set(klara, reader.accountId, null, 3);
    expect(await revocations.next()).toEqual({ accountId: reader.accountId });
    revocations.close();
    expect(await identity.citizen('rita', claims)).toMatchObject({ actingFor: reader.accountId, readOnly: false });
  });

  test('is changed by its administrators alone, with the version they have seen', async () => {
    const member = await identity.citizen('rep');
    await set(klara, member.accountId, 'REPRESENTATIVE', 4);
    expect((await set(jonas, jonas.accountId, 'ADMINISTRATOR', 5)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await set(member, jonas.accountId, 'READER', 5)).data.setOrganisationMember.refusal.code).toBe(
      'BEYOND_OWN_RIGHTS',
    );
    expect((await set(klara, jonas.accountId, 'READER', 4)).data.setOrganisationMember).toMatchObject({
      account: { version: 5 },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    expect((await set(klara, klara.accountId, 'READER', 5)).data.setOrganisationMember.refusal.code).toBe(
      'LAST_ADMINISTRATOR',
    );
    const problem = async (id: string, role: string | null) =>
      (await set(klara, id, role, 5)).data.setOrganisationMember.refusal.problems;
    expect(await problem(newId(), 'READER')).toEqual([{ path: '/personAccountId', code: 'UNKNOWN' }]);
    expect(await problem(company.accountId, 'READER')).toEqual([{ path: '/personAccountId', code: 'UNKNOWN' }]);
    expect(await problem(jonas.accountId, null)).toEqual([{ path: '/personAccountId', code: 'NO_MEMBER' }]);
    expect(
      (await set({ ...person(), accountId: klara.accountId }, jonas.accountId, 'READER', 5)).errors?.[0]?.extensions
        .code,
    ).toBe('FORBIDDEN');
  });
});
