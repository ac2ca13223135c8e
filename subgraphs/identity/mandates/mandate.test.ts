/** Mandates: granted, acted on, limited, ended; and those that cannot be. */
import { newId } from '../../../kernel/ids';
import type { Person } from '../../../kernel/principal';
import { staff } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
let klara: Person;
let jonas: Person;
beforeAll(async () => {
  identity = await startTestIdentity();
  klara = await identity.citizen('klara', { sid: 'klara' });
  jonas = await identity.citizen('jonas', { sid: 'jonas' });
});
afterAll(() => identity.stop());

const GRANT = `mutation ($input: GrantMandateInput!) { grantMandate(input: $input) {
  mandate { id version state principal { id displayName } agent { id displayName } services { leikaKey } validFrom validTo revokedAt }
  refusal { code problems { path code } } } }`;
const REVOKE = `mutation ($id: ID!, $version: Int!) { revokeMandate(input: { mandateId: $id, expectedVersion: $version }) {
  mandate { id version state revokedAt } refusal { code } } }`;
const LIST = `query ($states: [GrantState!], $first: Int, $after: String) { mandates(states: $states, first: $first, after: $after) {
  nodes { id state principal { id displayName } agent { id } services { leikaKey } } pageInfo { hasNextPage endCursor } } }`;
const ACT_FOR = `mutation ($id: ID) { actFor(input: { accountId: $id }) { session { actingFor { id displayName } canActFor { id displayName } } refusal { code } } }`;
const TRADE = '99050012104000';
const DAY = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY).toISOString();

const grant = async (who: Person, agent: string, given: Record<string, unknown> = {}) =>
  (await identity.as(who).query(GRANT, { input: { agentAccountId: agent, idempotencyKey: newId(), ...given } })).data
    .grantMandate;
const revoke = (who: Person, id: string, version = 1) => identity.as(who).query(REVOKE, { id, version });
/** As the gateway would know them now. */
const again = (who: 'klara' | 'jonas') => identity.citizen(who, { sid: who });

describe('a mandate', () => {
  test('lets the agent act for the principal, limited to its services, until it is revoked', async () => {
    const { mandate, refusal } = await grant(klara, jonas.accountId, {
      leikaKeys: [TRADE, TRADE],
      validTo: inDays(30),
    });
    expect(refusal).toBeNull();
    expect(mandate).toMatchObject({
      version: 1,
      state: 'ACTIVE',
      principal: { id: klara.accountId, displayName: 'Klara Muster' },
      agent: { id: jonas.accountId, displayName: null },
      services: [{ leikaKey: TRADE }],
      revokedAt: null,
    });
    expect((await identity.published('mandate.changed')).at(-1)).toMatchObject({
      key: klara.accountId,
      payload: {
        mandateId: mandate.id,
        principalAccountId: klara.accountId,
        agentAccountId: jonas.accountId,
        leikaKeys: [TRADE],
        validTo: mandate.validTo,
      },
    });
    const acted = await identity.as(jonas).query(ACT_FOR, { id: klara.accountId });
    expect(acted.data.actFor).toEqual({
      refusal: null,
      session: {
        actingFor: { id: klara.accountId, displayName: 'Klara Muster' },
        canActFor: [{ id: klara.accountId, displayName: 'Klara Muster' }],
      },
    });
    expect(await again('jonas')).toMatchObject({ actingFor: klara.accountId, services: [TRADE], readOnly: false });

    const revocations = await identity.revocations();
    const { data } = await revoke(klara, mandate.id);
    expect(data.revokeMandate).toMatchObject({ mandate: { version: 2, state: 'REVOKED' }, refusal: null });
    expect(await revocations.next()).toEqual({ accountId: jonas.accountId });
    revocations.close();
    expect(await again('jonas')).toMatchObject({ actingFor: jonas.accountId, services: null });
    const ended = (await identity.published('mandate.changed')).at(-1)?.payload;
    expect(ended?.validTo).toBe(data.revokeMandate.mandate.revokedAt);
    await grant(klara, jonas.accountId);
    expect(await again('jonas')).toMatchObject({ actingFor: jonas.accountId });
    expect((await identity.as(jonas).query(LIST, { states: ['ACTIVE'] })).data.mandates.nodes).toHaveLength(1);
  });

  test('is made once for one key, also when asked twice at once, and another body is refused', async () => {
    const input = { idempotencyKey: 'twice', leikaKeys: [TRADE] };
    const [one, two] = await Promise.all([grant(klara, jonas.accountId, input), grant(klara, jonas.accountId, input)]);
    expect(one.mandate.id).toBe(two.mandate.id);
    expect((await grant(klara, jonas.accountId, { idempotencyKey: 'twice' })).refusal.code).toBe(
      'IDEMPOTENCY_MISMATCH',
    );
  });

  test('is ended by the agent too, once, with the version seen; by nobody else', async () => {
    const { mandate } = await grant(klara, jonas.accountId);
    const other = await identity.citizen('other');
    expect((await revoke(other, mandate.id)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await revoke(jonas, mandate.id, 7)).data.revokeMandate).toMatchObject({
      mandate: { version: 1, state: 'ACTIVE' },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    expect((await revoke(jonas, mandate.id)).data.revokeMandate.refusal).toBeNull();
    expect((await revoke(klara, mandate.id, 2)).data.revokeMandate).toMatchObject({
      mandate: { state: 'REVOKED' },
      refusal: { code: 'INVALID_TRANSITION' },
    });
  });

  test.each([
    ['for oneself', () => ({ agent: klara.accountId }), '/agentAccountId', 'ONESELF'],
    ['for nobody', () => ({ agent: newId() }), '/agentAccountId', 'UNKNOWN'],
    ['that begins yesterday', () => ({ validFrom: inDays(-1) }), '/validFrom', 'IN_PAST'],
    ['that is over', () => ({ validTo: inDays(-1) }), '/validTo', 'IN_PAST'],
    ['that ends before it begins', () => ({ validFrom: inDays(5), validTo: inDays(4) }), '/validTo', 'BEFORE_START'],
    ['for too many services', () => ({ leikaKeys: Array(101).fill(TRADE) }), '/leikaKeys', 'TOO_MANY'],
  ])('%s is refused with its place', async (_, given, path, code) => {
    const { agent = jonas.accountId, ...input } = given() as { agent?: string };
    const { mandate, refusal } = await grant(klara, agent, input);
    expect(mandate).toBeNull();
    expect(refusal).toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(refusal.problems).toContainEqual({ path, code });
  });

  test('is refused when it closes a circle, directly or over others', async () => {
    const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(name => identity.citizen(name)));
    await grant(a!, b!.accountId, { validFrom: inDays(3) });
    const direct = await grant(b!, a!.accountId);
    expect(direct.refusal.problems).toEqual([{ path: '/agentAccountId', code: 'CIRCULAR' }]);
    const { mandate } = await grant(b!, c!.accountId);
    expect((await grant(c!, a!.accountId)).refusal.problems).toEqual([{ path: '/agentAccountId', code: 'CIRCULAR' }]);
    await revoke(b!, mandate.id);
    expect((await grant(c!, a!.accountId)).refusal).toBeNull();
  });

  test('cannot be passed on by the agent, nor granted by staff or with an ended session', async () => {
    const owner = await identity.citizen('owner');
    const agent = await identity.citizen('agent', { sid: 'agent' });
    await grant(owner, agent.accountId);
    await identity.as(agent).query(ACT_FOR, { id: owner.accountId });
    const acting = await identity.citizen('agent', { sid: 'agent' });
    expect(acting.actingFor).toBe(owner.accountId);
    expect((await grant(acting, jonas.accountId)).refusal.code).toBe('BEYOND_OWN_RIGHTS');
    const input = { agentAccountId: jonas.accountId, idempotencyKey: 'x' };
    expect((await identity.as(staff()).query(GRANT, { input })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await identity.as(acting).query('mutation { endSession(input: {}) { refusal { code } } }');
    expect((await identity.as(agent).query(GRANT, { input })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('that has not begun or is over gives no right', async () => {
    const owner = await identity.citizen('owner2');
    const agent = await identity.citizen('agent2', { sid: 'agent2' });
    const act = async () => (await identity.as(agent).query(ACT_FOR, { id: owner.accountId })).data.actFor;
    expect((await act()).refusal.code).toBe('NOT_REPRESENTED');
    const { mandate } = await grant(owner, agent.accountId, { validFrom: inDays(2), validTo: inDays(3) });
    expect(mandate.state).toBe('PLANNED');
    expect((await act()).refusal.code).toBe('NOT_REPRESENTED');
    await identity.sql(`UPDATE identity.mandate SET valid_from = now() - interval '1 hour' WHERE id = $1`, [
      mandate.id,
    ]);
    expect((await act()).refusal).toBeNull();
    await identity.sql(`UPDATE identity.mandate SET valid_to = now() WHERE id = $1`, [mandate.id]);
    expect(await identity.citizen('agent2', { sid: 'agent2' })).toMatchObject({ actingFor: agent.accountId });
    expect((await act()).refusal.code).toBe('NOT_REPRESENTED');
    expect((await identity.as(agent).query(ACT_FOR, { id: newId() })).data.actFor.refusal.code).toBe('NOT_REPRESENTED');
    expect((await identity.as(agent).query(ACT_FOR, { id: null })).data.actFor.session.actingFor).toBeNull();
  });

  test('is seen by both sides, listed newest first in pages, and by nobody else, on no path', async () => {
    const owner = await identity.citizen('owner3');
    const agents = await Promise.all(Array.from({ length: 20 }, (_, i) => identity.citizen(`agent3-${i}`)));
    const ids: string[] = [];
    for (const agent of agents) ids.unshift((await grant(owner, agent.accountId, { leikaKeys: [TRADE] })).mandate.id);
    const page = (await identity.as(owner).query(LIST, { first: 12 })).data.mandates;
    expect(page.pageInfo.hasNextPage).toBe(true);
    const rest = (await identity.as(owner).query(LIST, { first: 12, after: page.pageInfo.endCursor })).data.mandates;
    expect([...page.nodes, ...rest.nodes].map(({ id }: { id: string }) => id)).toEqual(ids);
    expect((await identity.as(owner).query(LIST, { states: ['REVOKED'] })).data.mandates.nodes).toEqual([]);
    const received = (await identity.as(agents[0]!).query(LIST)).data.mandates.nodes;
    expect(received).toEqual([
      expect.objectContaining({ id: ids.at(-1), principal: { id: owner.accountId, displayName: 'Owner3 Muster' } }),
    ]);
    const entity = 'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Mandate { id } } }';
    const seen = async (who: Parameters<TestIdentity['as']>[0]) =>
      (await identity.as(who).query(entity, { r: [{ __typename: 'Mandate', id: ids[0] }] })).data._entities[0];
    expect(await seen(owner)).toEqual({ id: ids[0] });
    expect(await seen(agents[19]!)).toEqual({ id: ids[0] });
    expect(await seen(agents[3]!)).toBeNull();
    expect(await seen(staff())).toBeNull();

    const two = await identity.as(owner).query(LIST, { first: 2 });
    const twenty = await identity.as(owner).query(LIST, { first: 20 });
    expect(twenty.data.mandates.nodes).toHaveLength(20);
    expect(twenty.statements).toBe(two.statements);
  });
});
