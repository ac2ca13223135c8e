/** Notes and follow-ups: for the desk alone, never for the applicant, and without counting the version of the case. */
import { newId } from '../../../kernel/ids';
import { staff } from '../../../tests/setup/subgraph';
import { addDays, claimed, doing, reading, today } from '../casework/desk.testing';
import { AUTHORITY, NEIGHBOUR, type Stage, stage } from '../testing';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());

const noting = (applicationId: string, given: Record<string, unknown> = {}, who = set.max) =>
  doing(set, who, 'addNote', { applicationId, text: 'Bitte Rücksprache.', idempotencyKey: newId(), ...given });
const minding = (applicationId: string, given: Record<string, unknown> = {}) =>
  doing(set, set.max, 'addFollowUp', {
    applicationId,
    title: 'Nachfragen',
    dueOn: addDays(today(), 3),
    idempotencyKey: newId(),
    ...given,
  });
const due = (who = set.max, args = '') =>
  set.subgraph
    .as(who)
    .query(`query ($a: ID!) { followUps(authorityId: $a${args}) { nodes { id title dueOn application { id } } } }`, {
      a: AUTHORITY,
    });

test('a note is written once per key, told to the desk, and does not count the version', async () => {
  const { id, version } = await claimed(set);
  const idempotencyKey = newId();
  const both = await Promise.all([1, 2].map(() => noting(id, { idempotencyKey })));
  expect(both[0].note.id).toBe(both[1].note.id);
  expect((await noting(id, { idempotencyKey, text: 'Anders' })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  const seen = await reading(set, set.max, id, 'version notes { text author { id } }');
  expect(seen).toEqual({ version, notes: [{ text: 'Bitte Rücksprache.', author: { id: set.max.staffMemberId } }] });
  expect((await set.subgraph.published('application.internal')).filter(({ key }) => key === id)).toHaveLength(1);
  await expect(noting(id, { text: ' ' })).rejects.toThrow('BAD_INPUT');
});

test('no path leads an applicant or another authority to a note or a follow-up', async () => {
  const { id } = await claimed(set);
  await noting(id, { text: 'streng intern' });
  await minding(id, { title: 'streng intern' });
  const { data, errors } = await set.subgraph
    .as(set.klara)
    .query(
      'query ($id: ID!, $r: [_Any!]!) { application(id: $id) { id notes { text } followUps { title } history(first: 100) { nodes { summary canonical } } } _entities(representations: $r) { ... on Application { notes { text } } } }',
      { id, r: [{ __typename: 'Application', id }] },
    );
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
  expect(JSON.stringify(data)).not.toMatch(/intern|Vermerk|Wiedervorlage/);
  await expect(noting(id, {}, set.nora)).rejects.toThrow('NOT_FOUND');
  await expect(noting(id, {}, set.klara as never)).rejects.toThrow('FORBIDDEN');
  // the second wall: row security hides them from the account itself
  const rows = await set.subgraph.running.db.tx(set.klara, tx => tx.query('SELECT 1 FROM note'));
  expect(rows).toEqual([]);
  const neighbours = await set.subgraph.running.db.tx(set.nora, tx =>
    tx.query('SELECT 1 FROM note UNION ALL SELECT 1 FROM follow_up'),
  );
  expect(neighbours).toEqual([]);
});

test('follow-ups are listed by their day, mine alone unless asked otherwise, until they are done', async () => {
  const colleague = staff({ authorityId: AUTHORITY });
  await set.subgraph.publish('identity', 'staff.changed', colleague.staffMemberId, {
    staffMemberId: colleague.staffMemberId,
    authorityId: AUTHORITY,
    departmentId: null,
    scopes: colleague.scopes,
    active: true,
  });
  const { id } = await claimed(set);
  const late = (await minding(id, { title: 'später', dueOn: addDays(today(), 9) })).followUp;
  const soon = (await minding(id, { title: 'bald', dueOn: today() })).followUp;
  const theirs = (await minding(id, { title: 'deine', ownerId: colleague.staffMemberId })).followUp;
  const idsOf = ({ data }: Awaited<ReturnType<typeof due>>) =>
    data.followUps.nodes
      .filter((one: { application: { id: string } }) => one.application.id === id)
      .map((one: { id: string }) => one.id);
  expect(idsOf(await due())).toEqual([soon.id, late.id]);
  expect(idsOf(await due(set.max, ', mineOnly: false'))).toEqual([soon.id, theirs.id, late.id]);
  expect(idsOf(await due(set.max, `, dueBy: "${addDays(today(), 1)}"`))).toEqual([soon.id]);
  expect(idsOf(await due(colleague))).toEqual([theirs.id]);
  const complete = (expectedVersion: number) =>
    doing(set, colleague, 'completeFollowUp', { followUpId: soon.id, expectedVersion });
  expect((await complete(1)).followUp).toMatchObject({ version: 2 });
  expect(await complete(1)).toMatchObject({ followUp: { version: 2 }, refusal: { code: 'VERSION_CONFLICT' } });
  expect((await complete(2)).refusal.code).toBe('INVALID_TRANSITION');
  expect(idsOf(await due())).toEqual([late.id]);
});

test('refuses a day that is over, an owner from elsewhere, and the list of another authority', async () => {
  const { id } = await claimed(set);
  expect((await minding(id, { dueOn: addDays(today(), -1) })).refusal.code).toBe('BAD_DUE_DATE');
  expect((await minding(id, { ownerId: set.nora.staffMemberId })).refusal.code).toBe('NOT_ASSIGNABLE');
  expect((await due(set.nora)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('a follow-up stays with its desk when the case is forwarded, without a way to the case', async () => {
  const { id, version } = await claimed(set);
  const { followUp } = await minding(id, { title: 'Abgabe nachhalten' });
  await doing(set, set.max, 'forwardApplication', {
    applicationId: id,
    authorityId: NEIGHBOUR,
    reason: 'zuständig',
    expectedVersion: version,
  });
  const mine = (await due()).data.followUps.nodes.find((one: { id: string }) => one.id === followUp.id);
  expect(mine).toMatchObject({ title: 'Abgabe nachhalten', application: null });
  const done = await doing(set, set.max, 'completeFollowUp', { followUpId: followUp.id, expectedVersion: 1 });
  expect(done.followUp.completedAt).not.toBeNull();
});
