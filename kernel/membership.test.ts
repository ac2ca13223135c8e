/** Rights that guard a commit, as they were applied in this schema and no older. */

import { person, staff, startTestSubgraph, type TestSubgraph } from '../tests/setup/subgraph';
import type { Tx } from './database/database';
import { newId } from './ids';
import { isStaff, membershipReactions, provenPerson, provenStaff } from './membership';
import type { Principal, Staff } from './principal';
import { bells } from './testing/bells';

describe('proven rights', () => {
  let subgraph: TestSubgraph;
  beforeAll(async () => {
    subgraph = await startTestSubgraph({ ...bells, reactions: membershipReactions });
  });
  afterAll(() => subgraph.stop());

  const within = <T>(who: Principal, work: (tx: Tx) => Promise<T>) => subgraph.running.db.tx(who, work);
  const hire = (who: Staff, changes: object = {}) =>
    subgraph.publish('identity', 'staff.changed', who.staffMemberId, {
      staffMemberId: who.staffMemberId,
      authorityId: who.authorityId,
      departmentId: null,
      scopes: who.scopes,
      active: true,
      ...changes,
    });

  test('of staff hold while they work there with that scope, whatever their token says', async () => {
    const max = staff();
    const prove = (scope = 'staff:work') => within(max, tx => provenStaff(tx, max, scope));
    await expect(prove()).rejects.toThrow(/Recht/);
    await hire(max);
    await expect(prove()).resolves.toBe(max);
    await expect(prove('staff:admin')).rejects.toThrow(/Recht/);
    expect(await within(max, tx => isStaff(tx, max, 'staff:read'))).toBe(true);
    await hire(max, { scopes: ['staff:read'] });
    await expect(prove()).rejects.toThrow(/Recht/);
    await hire(max, { active: false });
    expect(await within(max, tx => isStaff(tx, max, 'staff:read'))).toBe(false);
    await hire(max, { authorityId: newId() });
    await expect(prove()).rejects.toThrow(/Recht/);
  });

  test('end between the check and the commit: the change waits, or the commit was first', async () => {
    const max = staff();
    await hire(max);
    let ended: Promise<void> | undefined;
    let applied = false;
    await within(max, async tx => {
      await provenStaff(tx, max, 'staff:work');
      ended = hire(max, { active: false }).then(() => {
        applied = true;
      });
      // the end is on its way but cannot be applied while this transaction holds the row
      await tx.query('SELECT pg_sleep(0.3)');
      expect(applied).toBe(false);
    });
    await ended;
    await expect(within(max, tx => provenStaff(tx, max, 'staff:work'))).rejects.toThrow(/Recht/);
  });

  test('of who covers are the absent colleague’s casework, while it lasts and both work there', async () => {
    const max = staff();
    const erika = staff({ authorityId: max.authorityId, scopes: [...max.scopes, 'staff:admin'] });
    await hire(max, { scopes: ['staff:read', 'staff:work', 'staff:admin'] });
    await hire(erika, { scopes: ['catalogue:edit'] });
    const substitutionId = newId();
    const minutes = (n: number) => new Date(Date.now() + n * 60_000).toISOString();
    const cover = (validFrom: string, validTo: string) =>
      subgraph.publish('identity', 'substitution.changed', substitutionId, {
        substitutionId,
        absentStaffMemberId: max.staffMemberId,
        substituteStaffMemberId: erika.staffMemberId,
        authorityId: max.authorityId,
        validFrom,
        validTo,
      });
    const prove = (scope: string) => within(erika, tx => provenStaff(tx, erika, scope));
    const reads = () => within(erika, tx => isStaff(tx, erika, 'staff:read'));
    await expect(prove('staff:work')).rejects.toThrow(/Recht/);
    await cover(minutes(1), minutes(2));
    await expect(prove('staff:work')).rejects.toThrow(/Recht/);
    expect(await reads()).toBe(false);
    await cover(minutes(-1), minutes(2));
    await expect(prove('staff:work')).resolves.toBe(erika);
    expect(await reads()).toBe(true);
    // what the absent one does not hold, and what is no casework, is not lent
    for (const scope of ['staff:decide', 'staff:admin']) await expect(prove(scope)).rejects.toThrow(/Recht/);
    expect(await within(erika, tx => isStaff(tx, erika, 'staff:admin'))).toBe(false);
    for (const [who, scopes] of [
      [max, ['staff:read', 'staff:work']],
      [erika, ['catalogue:edit']],
    ] as const) {
      await hire(who, { scopes, active: false });
      await expect(prove('staff:work')).rejects.toThrow(/Recht/);
      expect(await reads()).toBe(false);
      await hire(who, { scopes });
      await expect(prove('staff:work')).resolves.toBe(erika);
    }
    await cover(minutes(-2), minutes(-1));
    await expect(prove('staff:work')).rejects.toThrow(/Recht/);
    expect(await reads()).toBe(false);
  });

  test('of who covers end between the check and the commit: the end waits, or the commit was first', async () => {
    const [max, erika] = [staff(), staff()];
    const colleague = { ...erika, authorityId: max.authorityId };
    await hire(max);
    await hire(colleague, { scopes: [] });
    const substitutionId = newId();
    const cover = (validTo: number) =>
      subgraph.publish('identity', 'substitution.changed', substitutionId, {
        substitutionId,
        absentStaffMemberId: max.staffMemberId,
        substituteStaffMemberId: erika.staffMemberId,
        authorityId: max.authorityId,
        validFrom: new Date(Date.now() - 60_000).toISOString(),
        validTo: new Date(Date.now() + validTo).toISOString(),
      });
    await cover(60_000);
    let ended: Promise<void> | undefined;
    let applied = false;
    await within(colleague, async tx => {
      await provenStaff(tx, colleague, 'staff:work');
      ended = cover(-1_000).then(() => {
        applied = true;
      });
      await tx.query('SELECT pg_sleep(0.3)');
      expect(applied).toBe(false);
    });
    await ended;
    await expect(within(colleague, tx => provenStaff(tx, colleague, 'staff:work'))).rejects.toThrow(/Recht/);
  });

  test('of an agent hold in the mandate’s time and for its services', async () => {
    const [klara, agent] = [newId(), newId()];
    const acting = person({ accountId: agent, actingFor: klara });
    const mandateId = newId();
    const grant = (changes: object) =>
      subgraph.publish('identity', 'mandate.changed', klara, {
        mandateId,
        principalAccountId: klara,
        agentAccountId: agent,
        leikaKeys: [],
        validFrom: new Date(Date.now() - 60_000).toISOString(),
        validTo: null,
        ...changes,
      });
    const prove = (leikaKey: string | null) => within(acting, tx => provenPerson(tx, acting, leikaKey));
    await expect(prove(null)).rejects.toThrow(/Recht/);
    await grant({});
    await expect(prove('99050012104000')).resolves.toBe(acting);
    await grant({ leikaKeys: ['99102000000000'] });
    await expect(prove('99050012104000')).rejects.toThrow(/Recht/);
    await grant({ validTo: new Date(Date.now() - 1_000).toISOString() });
    await expect(prove(null)).rejects.toThrow(/Recht/);
    const reader = person({ readOnly: true });
    await expect(within(reader, tx => provenPerson(tx, reader, null))).rejects.toThrow(/Recht/);
  });
});
