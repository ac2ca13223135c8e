/** Substitutions: who may arrange and end them, what is refused, what others hear. */
import { newId } from '../../../kernel/ids';
import type { Principal, Staff } from '../../../kernel/principal';
import { person } from '../../../tests/setup/subgraph';
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
const authorityId = newId();
const departmentId = newId();
let max: Staff;
let mia: Staff;
let lead: Staff;
let otherLead: Staff;
let admin: Staff;
let nora: Staff;
beforeAll(async () => {
  identity = await startTestIdentity();
  max = await identity.employ('max', ['CASEWORKER'], { authorityId, departmentId });
  mia = await identity.employ('mia', ['CASEWORKER'], { authorityId, departmentId });
  lead = await identity.employ('lead', ['TEAM_LEAD'], { authorityId, departmentId });
  otherLead = await identity.employ('otherlead', ['TEAM_LEAD'], { authorityId, departmentId: newId() });
  admin = await identity.employ('admin', ['ADMINISTRATOR'], { authorityId });
  nora = await identity.employ('nora', ['CASEWORKER']);
});
afterAll(() => identity.stop());

const ARRANGE = `mutation ($input: ArrangeSubstitutionInput!) { arrangeSubstitution(input: $input) {
  substitution { id version state absent { id displayName substitutedBy { id } } substitute { id substitutingFor { id } } arrangedBy { id } validFrom validTo }
  refusal { code problems { path code } } } }`;
const END = `mutation ($id: ID!, $version: Int!) { endSubstitution(input: { substitutionId: $id, expectedVersion: $version }) {
  substitution { version state } refusal { code } } }`;
const LIST = `query ($id: ID!, $states: [GrantState!], $first: Int) { substitutions(authorityId: $id, states: $states, first: $first) {
  nodes { id state absent { displayName } substitute { displayName } arrangedBy { displayName } } } }`;
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const arrange = (who: Principal, given: Record<string, unknown> = {}) =>
  identity.as(who).query(ARRANGE, {
    input: {
      absentStaffMemberId: max.staffMemberId,
      substituteStaffMemberId: mia.staffMemberId,
      validFrom: inDays(0),
      validTo: inDays(7),
      idempotencyKey: newId(),
      ...given,
    },
  });
const arranged = async (who: Principal, given = {}) => (await arrange(who, given)).data.arrangeSubstitution;
const end = (who: Principal, id: string, version = 1) => identity.as(who).query(END, { id, version });

describe('a substitution', () => {
  test('is arranged for oneself, seen on both people, told to every subgraph, and ended at once', async () => {
    const { substitution, refusal } = await arranged(max);
    expect(refusal).toBeNull();
    expect(substitution).toMatchObject({
      version: 1,
      state: 'ACTIVE',
      absent: { id: max.staffMemberId, displayName: 'Staff max', substitutedBy: [{ id: mia.staffMemberId }] },
      substitute: { id: mia.staffMemberId, substitutingFor: [{ id: max.staffMemberId }] },
      arrangedBy: { id: max.staffMemberId },
    });
    const told = (await identity.published('substitution.changed')).at(-1);
    expect(told).toMatchObject({
      key: substitution.id,
      payload: {
        absentStaffMemberId: max.staffMemberId,
        substituteStaffMemberId: mia.staffMemberId,
        authorityId,
        validFrom: substitution.validFrom,
        validTo: substitution.validTo,
      },
    });
    const ended = (await end(mia, substitution.id)).data.endSubstitution;
    expect(ended).toMatchObject({ substitution: { version: 2, state: 'REVOKED' }, refusal: null });
    const last = (await identity.published('substitution.changed')).at(-1)!.payload;
    expect(new Date(String(last.validTo)).getTime()).toBeLessThanOrEqual(Date.now());
    expect((await end(max, substitution.id, 2)).data.endSubstitution.refusal.code).toBe('INVALID_TRANSITION');
    expect((await end(max, substitution.id, 1)).data.endSubstitution).toMatchObject({
      substitution: { version: 2 },
      refusal: { code: 'VERSION_CONFLICT' },
    });
  });

  test('lends casework, and nothing else, to who handles no cases, by word of the lead and at once', async () => {
    const claims = claimsOf('erika', { population: 'staff', acr: undefined });
    const erika = await identity.employ('erika', ['CATALOGUE_EDITOR'], { authorityId });
    const scopes = async () => ((await identity.principal(claims)).principal as Staff).scopes;
    const own = ['catalogue:edit', 'catalogue:publish'];
    expect(await scopes()).toEqual(own);
    const heard = await identity.revocations();
    const absentStaffMemberId = lead.staffMemberId;
    const given = { absentStaffMemberId, substituteStaffMemberId: erika.staffMemberId };
    const { substitution, refusal } = await arranged(lead, given);
    expect(refusal).toBeNull();
    expect(await heard.next()).toEqual({ staffMemberId: erika.staffMemberId });
    expect(await scopes()).toEqual([...own, 'staff:decide', 'staff:read', 'staff:work']);
    // what was lent cannot be passed on
    const passed = await arrange((await identity.principal(claims)).principal as Staff, given);
    expect(passed.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await end(lead, substitution.id);
    expect(await heard.next()).toEqual({ staffMemberId: erika.staffMemberId });
    heard.close();
    expect(await scopes()).toEqual(own);
    await arranged(lead, { ...given, validFrom: inDays(1), validTo: inDays(2) });
    expect(await scopes()).toEqual(own);
  });

  test('is arranged by the lead of the team and the administration, not by colleagues, other leads or others', async () => {
    for (const who of [lead, admin]) expect((await arranged(who)).refusal).toBeNull();
    for (const who of [mia, otherLead]) expect((await arrange(who)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await arrange(person())).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const foreign = (await arranged(nora)).refusal;
    expect(foreign.problems).toEqual([
      { path: '/absentStaffMemberId', code: 'UNKNOWN' },
      { path: '/substituteStaffMemberId', code: 'UNKNOWN' },
    ]);
    const former = await identity.employ('former', ['CASEWORKER'], { authorityId });
    await identity.sql('UPDATE identity.staff_member SET active = false WHERE id = $1', [former.staffMemberId]);
    expect((await arrange(former, { absentStaffMemberId: former.staffMemberId })).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
  });

  test('has a reason for those concerned and the administration, and for no other colleague', async () => {
    const substitution = (await arranged(lead, { reason: ' Elternzeit ', validFrom: inDays(20), validTo: inDays(21) }))
      .substitution;
    const reasonFor = async (who: Principal) => {
      const { data } = await identity
        .as(who)
        .query('query ($id: ID!) { substitutions(authorityId: $id, first: 100) { nodes { id reason } } }', {
          id: authorityId,
        });
      return data.substitutions?.nodes.find((one: { id: string }) => one.id === substitution.id)?.reason;
    };
    for (const who of [max, mia, lead, admin]) expect(await reasonFor(who)).toBe('Elternzeit');
    expect(await reasonFor(otherLead)).toBeNull();
    expect(await reasonFor(nora)).toBeUndefined();
    const { refusal } = await arranged(max, { reason: 'x'.repeat(201) });
    expect(refusal.problems).toEqual([{ path: '/reason', code: 'LENGTH' }]);
    expect((await arranged(max, { reason: '  ', validFrom: inDays(22), validTo: inDays(23) })).refusal).toBeNull();
    await end(mia, substitution.id);
    expect(
      await identity.sql('SELECT reason, revoked_by_id FROM identity.substitution WHERE id = $1', [substitution.id]),
    ).toEqual([{ reason: 'Elternzeit', revoked_by_id: mia.staffMemberId }]);
  });

  test.each([
    ['by oneself', () => ({ substituteStaffMemberId: max.staffMemberId }), '/substituteStaffMemberId', 'ONESELF'],
    [
      'by somebody of elsewhere',
      () => ({ substituteStaffMemberId: nora.staffMemberId }),
      '/substituteStaffMemberId',
      'UNKNOWN',
    ],
    [
      'by who handles no cases',
      () => ({ substituteStaffMemberId: admin.staffMemberId }),
      '/substituteStaffMemberId',
      'NO_CASEWORK',
    ],
    ['from yesterday', () => ({ validFrom: inDays(-1) }), '/validFrom', 'IN_PAST'],
    ['that is over', () => ({ validTo: inDays(-0.5) }), '/validTo', 'IN_PAST'],
    ['that ends before it begins', () => ({ validFrom: inDays(3), validTo: inDays(2) }), '/validTo', 'BEFORE_START'],
  ])('%s is refused with its place', async (_, given, path, code) => {
    const { substitution, refusal } = await arranged(max, given());
    expect(substitution).toBeNull();
    expect(refusal.code).toBe('VALIDATION_FAILED');
    expect(refusal.problems).toContainEqual({ path, code });
  });

  test('is made once for one key, also when asked twice at once', async () => {
    const input = { idempotencyKey: 'twice', validFrom: inDays(1), validTo: inDays(2) };
    const [one, two] = await Promise.all([arranged(max, input), arranged(max, input)]);
    expect(one.substitution.id).toBe(two.substitution.id);
    expect(one.substitution.state).toBe('PLANNED');
    expect((await arranged(max, { ...input, validTo: inDays(3) })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('is listed and found inside the authority only, at the same cost', async () => {
    for (let i = 0; i < 20; i++) await arranged(max);
    const all = await identity.as(mia).query(LIST, { id: authorityId, first: 20 });
    expect(all.data.substitutions.nodes).toHaveLength(20);
    const few = await identity.as(mia).query(LIST, { id: authorityId, first: 2 });
    expect(all.statements).toBe(few.statements);
    const revoked = await identity.as(mia).query(LIST, { id: authorityId, states: ['REVOKED'], first: 100 });
    expect(revoked.data.substitutions.nodes.length).toBeGreaterThan(0);
    expect(new Set(revoked.data.substitutions.nodes.map(({ state }: { state: string }) => state))).toEqual(
      new Set(['REVOKED']),
    );
    expect((await identity.as(nora).query(LIST, { id: authorityId })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');

    const { id } = all.data.substitutions.nodes[0];
    const entity =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Substitution { id } ... on StaffMember { substitutedBy { id } } } }';
    const r = [
      { __typename: 'Substitution', id },
      { __typename: 'StaffMember', id: max.staffMemberId },
    ];
    expect((await identity.as(mia).query(entity, { r })).data._entities).toEqual([
      { id },
      { substitutedBy: [{ id: mia.staffMemberId }] },
    ]);
    expect((await identity.as(nora).query(entity, { r })).data._entities).toEqual([null, { substitutedBy: null }]);
    expect((await end(nora, id)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await end(otherLead, id)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await end(admin, id)).data.endSubstitution.refusal).toBeNull();
  });

  test('is hidden from other authorities by the database itself', async () => {
    const { db } = identity.running;
    const seen = (who: Staff) => db.tx(who, tx => tx.query('SELECT count(*)::int FROM substitution'));
    expect((await seen(nora))[0].count).toBe(0);
    expect((await seen(mia))[0].count).toBeGreaterThan(0);
  });
});
