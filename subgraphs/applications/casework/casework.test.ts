/** Work on cases: who takes them, where they go, when they are complete, when they end. */
import { newId } from '../../../kernel/ids';
import { staff } from '../../../tests/setup/subgraph';
import { AUTHORITY, DEPARTMENT, NEIGHBOUR, type Stage, stage, untilState } from '../testing';
import { addDays, claimed, doing, reading, today } from './desk.testing';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());

describe('claimApplication', () => {
  test('takes a received case into work, counts the version and tells the desk', async () => {
    const { id, version } = await set.received();
    const { application, refusal } = await doing(set, set.max, 'claimApplication', {
      applicationId: id,
      expectedVersion: version,
    });
    expect(refusal).toBeNull();
    expect(application).toMatchObject({
      version: version + 1,
      state: 'IN_REVIEW',
      publicStatus: 'PROCESSING',
      assignee: { id: set.max.staffMemberId },
    });
    expect(application.possibleActions).toEqual(
      expect.arrayContaining(['requestDocuments', 'confirmCompleteness', 'startHandover', 'decideApplication']),
    );
    const told = (await set.subgraph.published('application.assigned')).filter(({ key }) => key === id);
    expect(told).toMatchObject([{ payload: { assigneeId: set.max.staffMemberId, state: 'IN_REVIEW' } }]);
  });

  test('is lost by one of two who claim at once, who gets the stored case beside the refusal', async () => {
    const { id, version } = await set.received();
    const input = { applicationId: id, expectedVersion: version };
    const both = await Promise.all([1, 2].map(() => doing(set, set.max, 'claimApplication', input)));
    const codes = both.map(({ refusal }) => refusal?.code ?? null).sort();
    expect(codes).toEqual(['VERSION_CONFLICT', null]);
    const lost = both.find(({ refusal }) => refusal);
    expect(lost.application).toMatchObject({ id, version: version + 1 });
  });

  test('does not exist for another authority and is forbidden to the applicant and to one who has left', async () => {
    const { id, version } = await set.received();
    const input = { applicationId: id, expectedVersion: version };
    await expect(doing(set, set.nora, 'claimApplication', input)).rejects.toThrow('NOT_FOUND');
    await expect(doing(set, set.klara, 'claimApplication', input)).rejects.toThrow('FORBIDDEN');
    // never known to identity: the token alone proves nothing
    const left = staff({ authorityId: AUTHORITY });
    await expect(doing(set, left, 'claimApplication', input)).rejects.toThrow('FORBIDDEN');
    const reader = { ...set.max, scopes: ['staff:read'] };
    await expect(doing(set, reader, 'claimApplication', input)).rejects.toThrow('FORBIDDEN');
  });
});

describe('assignApplication', () => {
  test('gives a case to a colleague and to nobody, never to somebody of another authority', async () => {
    const { id, version } = await claimed(set);
    const assign = (staffMemberId: string | null, expectedVersion: number) =>
      doing(set, set.max, 'assignApplication', { applicationId: id, staffMemberId, expectedVersion });
    expect((await assign(set.nora.staffMemberId, version)).refusal.code).toBe('NOT_ASSIGNABLE');
    expect((await assign(null, version)).application).toMatchObject({ assignee: null, state: 'IN_REVIEW' });
    const { application } = await assign(set.max.staffMemberId, version + 1);
    expect(application).toMatchObject({ assignee: { id: set.max.staffMemberId }, version: version + 2 });
  });

  test('leaves a received case received when it is given to nobody', async () => {
    const { id, version } = await set.received();
    const { application } = await doing(set, set.max, 'assignApplication', {
      applicationId: id,
      expectedVersion: version,
    });
    expect(application).toMatchObject({ state: 'RECEIVED', version: version + 1 });
  });
});

describe('forwardApplication', () => {
  test('passes a case to another authority, keeps the day of receipt, and ends the sight of the old one', async () => {
    const { id, version } = await claimed(set);
    const { receivedAt } = await reading(set, set.max, id, 'receivedAt');
    const { application } = await doing(set, set.max, 'forwardApplication', {
      applicationId: id,
      authorityId: NEIGHBOUR,
      reason: 'Der Betrieb liegt in Beispielsee.',
      expectedVersion: version,
    });
    expect(application).toMatchObject({ authority: { id: NEIGHBOUR }, department: null, assignee: null, receivedAt });
    await untilState(set.subgraph, id, 'RECEIVED');
    await expect(reading(set, set.max, id, 'id')).rejects.toThrow('NOT_FOUND');
    const there = await reading(
      set,
      set.nora,
      id,
      'receivedAt state authority { id } notes { text } deliveries { state }',
    );
    expect(there).toMatchObject({ receivedAt, state: 'RECEIVED', authority: { id: NEIGHBOUR } });
    expect(there.notes[0].text).toContain('Der Betrieb liegt in Beispielsee.');
    expect(there.deliveries).toEqual([{ state: 'DELIVERED' }]); // its own one
    const [told] = (await set.subgraph.published('application.forwarded')).filter(({ key }) => key === id);
    expect(told!.payload).toMatchObject({ fromAuthorityId: AUTHORITY, authorityId: NEIGHBOUR });
    const received = (await set.subgraph.published('application.received')).filter(({ key }) => key === id);
    expect(received.map(({ payload }) => payload.first)).toEqual([true, false]);
  });

  test('passes a case to a department of the same authority without a new delivery', async () => {
    const { id, version } = await claimed(set);
    const other = newId();
    set.subgraph.answerAsk('authority', () => ({
      authority: {
        id: other,
        name: 'Bauamt',
        kind: 'DEPARTMENT',
        parent: { id: AUTHORITY, name: 'Amt Musterstadt' },
      },
    }));
    const forward = (authorityId: string, expectedVersion: number) =>
      doing(set, set.max, 'forwardApplication', { applicationId: id, authorityId, reason: 'Bau', expectedVersion });
    const { application } = await forward(other, version);
    expect(application).toMatchObject({
      state: 'IN_REVIEW',
      version: version + 1,
      authority: { id: AUTHORITY },
      department: { id: other },
    });
    expect((await forward(other, version + 1)).refusal.code).toBe('ALREADY_THERE');
    const { deliveries } = await reading(set, set.max, id, 'deliveries { state }');
    expect(deliveries).toHaveLength(1);
  });

  test('says that it can be tried again when the catalogue is away, and changes nothing', async () => {
    const { id, version } = await claimed(set);
    set.subgraph.answerAsk('authority', () => {
      throw new Error('down');
    });
    const input = { applicationId: id, authorityId: NEIGHBOUR, reason: 'x', expectedVersion: version };
    expect((await doing(set, set.max, 'forwardApplication', input)).refusal).toMatchObject({
      code: 'TRY_AGAIN',
      retryable: true,
    });
    set.subgraph.answerAsk('authority', () => ({ authority: null }));
    await expect(doing(set, set.max, 'forwardApplication', input)).rejects.toThrow('NOT_FOUND');
    expect(await reading(set, set.max, id, 'version')).toEqual({ version });
  });
});

describe('confirmCompleteness', () => {
  test('starts the working time, once', async () => {
    const { id, version } = await claimed(set);
    const before = await reading(set, set.max, id, 'deadlines { kind state dueOn }');
    expect(before.deadlines).toEqual([{ kind: 'PROCESSING', state: 'NOT_STARTED', dueOn: null }]);
    const confirm = (expectedVersion: number) =>
      doing(set, set.max, 'confirmCompleteness', { applicationId: id, expectedVersion });
    const { application } = await confirm(version);
    expect(application.completeAt).not.toBeNull();
    const [deadline] = application.deadlines;
    expect(deadline).toMatchObject({ kind: 'PROCESSING', state: 'RUNNING', startsOn: addDays(today(), 1) });
    expect(deadline.dueOn >= addDays(today(), 3)).toBe(true);
    expect(deadline.rule.citation).toContain('§ 31');
    const [stored] = await set.subgraph.sql(`SELECT next_due_on::text FROM applications.application WHERE id = $1`, [
      id,
    ]);
    expect(stored).toEqual({ next_due_on: deadline.dueOn });
    expect((await confirm(version + 1)).refusal.code).toBe('ALREADY_COMPLETE');
    const [told] = (await set.subgraph.published('application.deadline-changed')).filter(({ key }) => key === id);
    expect(told!.payload).toMatchObject({ deadlineKind: 'PROCESSING' });
  });
});

describe('closeApplication', () => {
  test('is refused before the notice is available, with what is possible instead', async () => {
    const { id, version } = await claimed(set);
    const { refusal } = await doing(set, set.max, 'closeApplication', { applicationId: id, expectedVersion: version });
    expect(refusal.code).toBe('INVALID_TRANSITION');
    expect(refusal.allowedActions).toContain('decideApplication');
    expect(refusal.allowedActions).not.toContain('notify');
  });
});

describe('extendDeadline', () => {
  test('extends the working time once, with a reason, by who may decide', async () => {
    const { id, version } = await claimed(set);
    const { application } = await doing(set, set.max, 'confirmCompleteness', {
      applicationId: id,
      expectedVersion: version,
    });
    const [deadline] = application.deadlines;
    const input = { applicationId: id, deadlineId: deadline.id, days: 14, reason: 'Stellungnahme der IHK' };
    const extend = (who = set.max, expectedVersion = version + 1) =>
      doing(set, who, 'extendDeadline', { ...input, expectedVersion });
    await expect(extend({ ...set.max, scopes: ['staff:read', 'staff:work'] })).rejects.toThrow('FORBIDDEN');
    const [longer] = (await extend()).application.deadlines;
    expect(longer).toMatchObject({ id: deadline.id, extensionDays: 14, extensionReason: 'Stellungnahme der IHK' });
    expect(longer.dueOn > deadline.dueOn).toBe(true);
    expect((await extend(set.max, version + 2)).refusal.code).toBe('EXTENSION_USED');
  });
});

test('a department is no way around the authority: its id opens nothing to another authority', async () => {
  const { id } = await claimed(set);
  await expect(reading(set, { ...set.nora, departmentId: DEPARTMENT }, id, 'id')).rejects.toThrow('NOT_FOUND');
});
