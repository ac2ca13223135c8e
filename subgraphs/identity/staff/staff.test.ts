/** The staff: seeded, saved, listed; who may, and what other subgraphs hear. */

import {
  authorityIdOf,
  BURG,
  departmentIdOf,
  MUSTERSTADT,
  OPERATOR_AUTHORITY_ID,
  staffMemberIdOf,
} from '../../../dev/demo/facts';
import { seedIdentity } from '../../../dev/demo/identity';
import { newId } from '../../../kernel/ids';
import { type Principal, type Staff, serviceOf } from '../../../kernel/principal';
import { ANONYMOUS, person } from '../../../tests/setup/subgraph';
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';
import { SCOPES, StaffRole } from './staff.roles';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());

const SAVE = `mutation ($input: SaveStaffMemberInput!) { saveStaffMember(input: $input) {
  staffMember { id version displayName email roles active authority { id } } refusal { code retryable problems { path code } } } }`;
const LIST = `query ($id: ID!, $role: StaffRole, $first: Int, $after: String) { staffMembers(authorityId: $id, role: $role, first: $first, after: $after) {
  totalCount nodes { id displayName substitutingFor { id } substitutedBy { id } } pageInfo { hasNextPage endCursor } } }`;

describe('roles', () => {
  test('of everybody who works with cases let read them, and none lets run the platform and read cases', () => {
    for (const scopes of Object.values(SCOPES)) {
      if (scopes.some(scope => scope.startsWith('staff:'))) expect(scopes).toContain('staff:read');
    }
    expect(SCOPES[StaffRole.OPERATOR].filter(scope => scope.startsWith('staff:'))).toEqual([]);
  });
});

describe('demo data', () => {
  test('is written once, told once, and moves to another place with everybody', async () => {
    const seed = (place: typeof BURG) => identity.running.db.tx(serviceOf('identity'), tx => seedIdentity(tx, place));
    await seed(MUSTERSTADT);
    await seed(MUSTERSTADT);
    const told = await identity.published('staff.changed');
    expect(told).toHaveLength(5);
    const max = (await identity.principal(claimsOf('max.schroeder', { population: 'staff' }))).principal;
    expect(max).toMatchObject({
      staffMemberId: staffMemberIdOf('max.schroeder'),
      authorityId: authorityIdOf(MUSTERSTADT.associationArs),
      departmentId: departmentIdOf(MUSTERSTADT.associationArs, 'ordnungsamt'),
    });
    const olaf = (await identity.principal(claimsOf('olaf.operator', { population: 'staff' }))).principal;
    expect(olaf).toMatchObject({ authorityId: OPERATOR_AUTHORITY_ID, departmentId: null });
    await seed(BURG);
    const moved = (await identity.published('staff.changed')).slice(5);
    expect(moved.map(({ payload }) => payload.staffMemberId)).not.toContain(staffMemberIdOf('olaf.operator'));
    expect(moved.find(({ key }) => key === staffMemberIdOf('max.schroeder'))?.payload).toMatchObject({
      authorityId: authorityIdOf(BURG.associationArs),
      scopes: ['staff:decide', 'staff:read', 'staff:work'],
      active: true,
    });
  });
});

describe('saveStaffMember', () => {
  const authorityId = newId();
  const departmentId = newId();
  const elsewhere = newId();
  let admin: Staff;
  let operator: Staff;

  beforeAll(async () => {
    admin = await identity.employ('admin', ['ADMINISTRATOR', 'AUDITOR'], { authorityId });
    operator = await identity.employ('operator', ['OPERATOR', 'ADMINISTRATOR']);
    identity.answerAsk('authority', ({ id }) => ({
      authority:
        id === departmentId
          ? { id, kind: 'DEPARTMENT', parent: { id: authorityId } }
          : [authorityId, elsewhere].includes(String(id))
            ? { id, kind: 'ASSOCIATION', parent: { id: newId() } }
            : null,
    }));
  });

  const save = async (who: Principal, given: Record<string, unknown> = {}) => {
    const input = {
      displayName: 'Nina Neu',
      email: `${newId()}@amt.example`,
      authorityId,
      roles: ['CASEWORKER'],
      expectedVersion: 0,
      idempotencyKey: newId(),
      ...given,
    };
    return identity.as(who).query(SAVE, { input });
  };
  const saved = async (who: Principal, given: Record<string, unknown> = {}) =>
    (await save(who, given)).data.saveStaffMember;

  test('makes somebody who can sign on and whom every subgraph hears of', async () => {
    const { staffMember, refusal } = await saved(admin, { authorityId: departmentId, email: 'nina@amt.example' });
    expect(refusal).toBeNull();
    expect(staffMember).toMatchObject({
      version: 1,
      roles: ['CASEWORKER'],
      active: true,
      authority: { id: authorityId },
    });
    expect((await identity.published('staff.changed')).at(-1)?.payload).toEqual({
      staffMemberId: staffMember.id,
      authorityId,
      departmentId,
      scopes: ['staff:decide', 'staff:read', 'staff:work'],
      displayName: 'Nina Neu',
      active: true,
    });
    const signedOn = await identity.principal(claimsOf('nina', { population: 'staff', email: 'NINA@amt.example' }));
    expect(signedOn.principal).toMatchObject({ staffMemberId: staffMember.id, authorityId, departmentId });
  });

  test('takes leavers out at once: their token, their substitutions, their scopes everywhere', async () => {
    const leaver = await identity.employ('leaver', ['CASEWORKER'], { authorityId });
    const colleague = await identity.employ('colleague', ['CASEWORKER'], { authorityId });
    await identity.sql(
      `INSERT INTO identity.substitution (id, version, absent_staff_member_id, substitute_staff_member_id, authority_id, valid_from, valid_to, arranged_by_id, created_at)
       VALUES (gen_random_uuid(), 1, $1, $2, $3, now(), now() + interval '9 days', $1, now())`,
      [colleague.staffMemberId, leaver.staffMemberId, authorityId],
    );
    const revocations = await identity.revocations();
    const { staffMember } = await saved(operator, {
      id: leaver.staffMemberId,
      displayName: 'Leaver',
      active: false,
      expectedVersion: 1,
    });
    expect(staffMember).toMatchObject({ version: 2, active: false });
    expect(await revocations.next()).toEqual({ staffMemberId: leaver.staffMemberId });
    revocations.close();
    expect((await identity.principal(claimsOf('leaver', { population: 'staff' }))).status).toBe(401);
    const ended = (await identity.published('substitution.changed')).at(-1)?.payload;
    expect(new Date(String(ended?.validTo)).getTime()).toBeLessThanOrEqual(Date.now());
    expect((await identity.published('staff.changed')).at(-1)?.payload).toMatchObject({ active: false });
    const listed = await identity.as(admin).query(LIST, { id: authorityId });
    expect(listed.data.staffMembers.nodes.map(({ id }: { id: string }) => id)).not.toContain(leaver.staffMemberId);
  });

  test('takes who changes authority out of the substitutions of the old one', async () => {
    const mover = await identity.employ('mover', ['CASEWORKER'], { authorityId });
    const colleague = await identity.employ('stayer', ['CASEWORKER'], { authorityId });
    await identity.sql(
      `INSERT INTO identity.substitution (id, version, absent_staff_member_id, substitute_staff_member_id, authority_id, valid_from, valid_to, arranged_by_id, created_at)
       VALUES (gen_random_uuid(), 1, $1, $2, $3, now(), now() + interval '9 days', $1, now())`,
      [colleague.staffMemberId, mover.staffMemberId, authorityId],
    );
    const given = { id: mover.staffMemberId, displayName: 'Mover', expectedVersion: 1 };
    const { staffMember } = await saved(operator, { ...given, authorityId: elsewhere });
    expect(staffMember).toMatchObject({ version: 2, active: true });
    const ended = (await identity.published('substitution.changed')).at(-1)?.payload;
    expect(ended).toMatchObject({ substituteStaffMemberId: mover.staffMemberId });
    expect(new Date(String(ended?.validTo)).getTime()).toBeLessThanOrEqual(Date.now());
    const claims = claimsOf('mover', { population: 'staff' });
    expect((await identity.principal(claims)).principal).toMatchObject({ authorityId: elsewhere });
  });

  test('answers twice with the same person, and another body with a refusal', async () => {
    const input = { email: 'once@amt.example', idempotencyKey: 'once' };
    const [one, two] = await Promise.all([saved(admin, input), saved(admin, input)]);
    expect(one.staffMember.id).toBe(two.staffMember.id);
    expect((await saved(admin, { ...input, displayName: 'Other' })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('refuses what is malformed, taken, elsewhere or unknown, with its place', async () => {
    const problems = async (given: Record<string, unknown>) => (await saved(admin, given)).refusal.problems;
    expect(await problems({ displayName: '  ', email: 'x' })).toEqual([
      { path: '/displayName', code: 'LENGTH' },
      { path: '/email', code: 'MALFORMED' },
    ]);
    expect(await problems({ email: 'Once@amt.example' })).toEqual([{ path: '/email', code: 'TAKEN' }]);
    expect(await problems({ authorityId: elsewhere })).toEqual([{ path: '/authorityId', code: 'UNKNOWN' }]);
    expect(await problems({ authorityId: newId() })).toEqual([{ path: '/authorityId', code: 'UNKNOWN' }]);
    expect((await saved(operator, { authorityId: elsewhere, email: 'else@amt.example' })).refusal).toBeNull();
    expect((await saved(admin, { email: 'else@amt.example' })).refusal).toBeNull(); // who works elsewhere is not told
  });

  test('refuses a stale version with the stored person, and says when the catalogue is away', async () => {
    const { staffMember } = await saved(admin);
    const stale = await saved(admin, { id: staffMember.id, expectedVersion: 4 });
    expect(stale).toMatchObject({
      staffMember: { id: staffMember.id, version: 1 },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    expect((await saved(admin, { expectedVersion: 3 })).refusal.code).toBe('VERSION_CONFLICT');
    const answer = identity.answerAsk;
    answer('authority', () => {
      throw new Error('down');
    });
    expect((await saved(admin)).refusal).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
    answer('authority', ({ id }) => ({ authority: { id, kind: 'ASSOCIATION', parent: null } }));
  });

  test('lets only operators grant or take OPERATOR, and nobody lock themself out', async () => {
    expect((await saved(admin, { roles: ['OPERATOR'] })).refusal.code).toBe('OPERATOR_ONLY');
    const { staffMember } = await saved(operator, { roles: ['OPERATOR'] });
    expect(staffMember.roles).toEqual(['OPERATOR']);
    expect((await saved(admin, { id: staffMember.id, expectedVersion: 1, roles: [] })).refusal.code).toBe(
      'OPERATOR_ONLY',
    );
    const own = { id: admin.staffMemberId, expectedVersion: 1, roles: ['AUDITOR'] };
    expect((await saved(admin, own)).refusal.code).toBe('NOT_ONESELF');
  });

  test('is for administrators whose right still holds, in their own authority', async () => {
    const code = async (who: Principal, given = {}) => (await save(who, given)).errors?.[0]?.extensions.code;
    const foreign = await identity.employ('foreign', ['CASEWORKER']);
    expect(await code(admin, { id: foreign.staffMemberId, expectedVersion: 1 })).toBe('NOT_FOUND');
    expect(await code(admin, { id: newId(), expectedVersion: 1 })).toBe('NOT_FOUND');
    expect(await code(foreign)).toBe('FORBIDDEN');
    expect(await code(person())).toBe('FORBIDDEN');
    expect(await code(ANONYMOUS)).toBe('UNAUTHENTICATED');
    const former = await identity.employ('former', ['ADMINISTRATOR'], { authorityId });
    await identity.sql(`UPDATE identity.staff_member SET roles = '{AUDITOR}' WHERE id = $1`, [former.staffMemberId]);
    expect(await code(former)).toBe('FORBIDDEN');
  });
});

describe('the staff of an authority', () => {
  test('is listed by name for its own staff only, in pages, by role, at the same cost', async () => {
    const authorityId = newId();
    const max = await identity.employ('l00', ['CASEWORKER'], { authorityId });
    for (let i = 1; i <= 20; i++)
      await identity.employ(`l${String(i).padStart(2, '0')}`, i % 2 ? ['CASHIER'] : ['CASEWORKER'], { authorityId });
    const page = (await identity.as(max).query(LIST, { id: authorityId, first: 15 })).data.staffMembers;
    expect(page.totalCount).toBe(21);
    const rest = (await identity.as(max).query(LIST, { id: authorityId, first: 15, after: page.pageInfo.endCursor }))
      .data.staffMembers;
    const names = [...page.nodes, ...rest.nodes].map(({ displayName }: { displayName: string }) => displayName);
    expect(names).toEqual(Array.from({ length: 21 }, (_, i) => `Staff l${String(i).padStart(2, '0')}`));
    expect(
      (await identity.as(max).query(LIST, { id: authorityId, role: 'CASHIER' })).data.staffMembers.totalCount,
    ).toBe(10);
    const few = await identity.as(max).query(LIST, { id: authorityId, first: 2 });
    const many = await identity.as(max).query(LIST, { id: authorityId, first: 20 });
    expect(many.statements).toBe(few.statements);

    const nora = await identity.employ('nora', ['CASEWORKER']);
    expect((await identity.as(nora).query(LIST, { id: authorityId })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await identity.as(person()).query(LIST, { id: authorityId })).errors?.[0]?.extensions.code).toBe(
      'FORBIDDEN',
    );
    const one = `{ staffMember(id: "${max.staffMemberId}") { displayName } }`;
    expect((await identity.as(max).query(one)).data.staffMember.displayName).toBe('Staff l00');
    expect((await identity.as(nora).query(one)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('shows other authorities the name on a case without an address, and citizens nothing', async () => {
    const max = await identity.employ('shown', ['CASEWORKER']);
    const stranger = await identity.employ('stranger', ['CASEWORKER'], { authorityId: newId() });
    const query = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on StaffMember { displayName email } } }`;
    const r = [
      { __typename: 'StaffMember', id: max.staffMemberId },
      { __typename: 'StaffMember', id: newId() },
    ];
    expect((await identity.as(max).query(query, { r })).data._entities[0].email).toBe('shown@amt.example');
    expect((await identity.as(stranger).query(query, { r })).data._entities).toEqual([
      { displayName: 'Staff shown', email: null },
      null,
    ]);
    for (const nobody of [person(), ANONYMOUS]) {
      expect((await identity.as(nobody).query(query, { r })).data._entities).toEqual([null, null]);
    }
    const covers = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on StaffMember { substitutingFor { id } } } }`;
    const asked = await identity.as(stranger).query(covers, { r });
    expect(asked.data._entities[0]).toEqual({ substitutingFor: null });
  });
});
