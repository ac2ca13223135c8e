/** Document requests (Nachforderung): asking, answering, checking, taking back, and what the clock does meanwhile. */
import { shiftClock } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { person } from '../../../tests/setup/subgraph';
import {
  addDays,
  claimed,
  clockAtEndOf,
  doing,
  REQUEST,
  reading,
  sundayBeforeWork,
  today,
} from '../casework/desk.testing';
import { NEIGHBOUR, type Stage, stage } from '../testing';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());
afterEach(() => shiftClock(0));

const ID_CARD = { requirementCode: 'ID_CARD_COPY', description: 'Kopie des Personalausweises' };
const asking = (applicationId: string, expectedVersion: number, given: Record<string, unknown> = {}) =>
  doing(set, set.max, 'requestDocuments', {
    applicationId,
    items: [ID_CARD],
    reason: 'Die Kopie fehlt.',
    dueOn: addDays(today(), 14),
    expectedVersion,
    idempotencyKey: newId(),
    ...given,
  });

async function asked() {
  const { id, version } = await claimed(set);
  const { documentRequest } = await asking(id, version);
  return { id, version: version + 1, request: documentRequest as { id: string; version: number } };
}
const evidence = async (documentRequestId: string, requirementCode: string | null = 'ID_CARD_COPY') =>
  (await set.upload({ documentRequestId, requirementCode })).id;
const answering = (documentRequestId: string, documentIds: string[], expectedVersion: number, who = set.klara) =>
  doing(set, who, 'answerDocumentRequest', { documentRequestId, documentIds, comment: 'Bitte sehr.', expectedVersion });
const events = async (id: string, type: string) =>
  (await set.subgraph.published(type)).filter(({ key }) => key === id).map(({ payload }) => payload);

describe('requestDocuments', () => {
  test('asks the applicant, lets the case wait, and tells what is asked for', async () => {
    const { id, version } = await claimed(set);
    const { documentRequest, refusal } = await asking(id, version);
    expect(refusal).toBeNull();
    expect(documentRequest).toMatchObject({
      version: 1,
      state: 'OPEN',
      round: 1,
      items: [ID_CARD],
      answers: [],
      possibleActions: ['cancelDocumentRequest'],
      application: { version: version + 1, state: 'AWAITING_DOCUMENTS' },
    });
    const due = documentRequest.application.deadlines.find(({ kind }: { kind: string }) => kind === 'DOCUMENT_REQUEST');
    expect(due).toMatchObject({ state: 'RUNNING', dueOn: documentRequest.endsOn });
    expect(await events(id, 'application.documents-requested')).toMatchObject([
      { documentRequestId: documentRequest.id, round: 1, items: [ID_CARD], serviceTitle: 'Gewerbeanmeldung' },
    ]);
    const seen = await reading(set, set.klara, id, `publicStatus documentRequests { ${REQUEST} }`);
    expect(seen).toMatchObject({
      publicStatus: 'ACTION_REQUIRED',
      documentRequests: [{ id: documentRequest.id, possibleActions: ['requestUpload', 'answerDocumentRequest'] }],
    });
    const [row] = await set.subgraph.sql(`SELECT next_due_on::text FROM applications.application WHERE id = $1`, [id]);
    expect(row).toEqual({ next_due_on: documentRequest.endsOn });
  });

  test('with the same key is the same request, also when both arrive at once; with another body it is refused', async () => {
    const { id, version } = await claimed(set);
    const idempotencyKey = newId();
    const both = await Promise.all([1, 2].map(() => asking(id, version, { idempotencyKey })));
    expect(both[0].documentRequest.id).toBe(both[1].documentRequest.id);
    expect((await asking(id, version, { idempotencyKey })).documentRequest.id).toBe(both[0].documentRequest.id);
    expect((await asking(id, version, { idempotencyKey, reason: 'Anders' })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
    expect(await events(id, 'application.documents-requested')).toHaveLength(1);
  });

  test('refuses a day that is not in the future, a stale version, and nothing to ask for', async () => {
    const { id, version } = await claimed(set);
    expect((await asking(id, version, { dueOn: today() })).refusal.code).toBe('BAD_DUE_DATE');
    const stale = await asking(id, version - 1);
    expect(stale).toMatchObject({ documentRequest: null, refusal: { code: 'VERSION_CONFLICT' } });
    await expect(asking(id, version, { items: [] })).rejects.toThrow('BAD_INPUT');
    await expect(asking(id, version, { reason: '  ' })).rejects.toThrow('BAD_INPUT');
    expect(await reading(set, set.max, id, 'version documentRequests { id }')).toEqual({
      version,
      documentRequests: [],
    });
  });

  test('is for nobody but the authority in charge', async () => {
    const { id, version } = await claimed(set);
    const input = {
      applicationId: id,
      items: [ID_CARD],
      reason: 'x',
      dueOn: addDays(today(), 3),
      expectedVersion: version,
      idempotencyKey: newId(),
    };
    await expect(doing(set, set.nora, 'requestDocuments', input)).rejects.toThrow('NOT_FOUND');
    await expect(doing(set, set.klara, 'requestDocuments', input)).rejects.toThrow('FORBIDDEN');
  });
});

describe('answerDocumentRequest', () => {
  test('hands in what was asked for; the status is no longer ACTION_REQUIRED before it is checked', async () => {
    const { id, version, request } = await asked();
    const document = await evidence(request.id);
    const { documentRequest } = await answering(request.id, [document], request.version);
    expect(documentRequest).toMatchObject({
      version: 2,
      state: 'SUBMITTED',
      answers: [
        { round: 1, comment: 'Bitte sehr.', accepted: null, documents: [{ id: document, state: 'AVAILABLE' }] },
      ],
      possibleActions: [],
      application: { version: version + 1, publicStatus: 'PROCESSING' },
    });
    const desk = await reading(set, set.max, id, `state documents { id } documentRequests { ${REQUEST} }`);
    expect(desk).toMatchObject({
      state: 'IN_REVIEW',
      documentRequests: [{ possibleActions: ['reviewDocumentRequest'] }],
    });
    expect(desk.documents).toContainEqual({ id: document });
    expect(await events(id, 'application.documents-submitted')).toMatchObject([{ documentRequestId: request.id }]);
  });

  test('repeated with the same version gives a conflict with the stored request', async () => {
    const { request } = await asked();
    const document = await evidence(request.id);
    const both = await Promise.all([1, 2].map(() => answering(request.id, [document], request.version)));
    const lost = both.find(({ refusal }) => refusal);
    expect(lost).toMatchObject({
      documentRequest: { id: request.id, version: 2 },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    expect(both.filter(({ refusal }) => !refusal)).toHaveLength(1);
  });

  test('refuses files that are none of this request’s, not there yet, or not what was asked for', async () => {
    const { id, request } = await asked();
    const other = await asked();
    const foreign = await evidence(other.request.id);
    const problems = async (ids: string[]) => (await answering(request.id, ids, request.version)).refusal;
    expect(await problems([])).toMatchObject({ code: 'DOCUMENTS_MISSING' });
    expect(await problems([foreign])).toMatchObject({
      code: 'DOCUMENTS_NOT_READY',
      retryable: false,
      problems: [{ path: '/documentIds/0', code: 'UNKNOWN_DOCUMENT' }],
    });
    const withoutCode = await evidence(request.id, null);
    expect(await problems([withoutCode])).toMatchObject({
      code: 'DOCUMENTS_MISSING',
      problems: [{ path: '/items/0' }],
    });
    const document = await evidence(request.id);
    await set.subgraph.sql(`UPDATE applications.document SET state = 'SCANNING' WHERE id = $1`, [document]);
    expect(await problems([document])).toMatchObject({
      code: 'DOCUMENTS_NOT_READY',
      retryable: true,
      problems: [{ code: 'SCANNING' }],
    });
    expect(await reading(set, set.max, id, 'state')).toEqual({ state: 'AWAITING_DOCUMENTS' });
  });

  test('is the applicant’s alone: a stranger finds nothing, staff may not, a weak sign-in is refused', async () => {
    const { request } = await asked();
    const document = await evidence(request.id);
    await expect(answering(request.id, [document], 1, person())).rejects.toThrow('NOT_FOUND');
    await expect(
      doing(set, set.max, 'answerDocumentRequest', {
        documentRequestId: request.id,
        documentIds: [document],
        expectedVersion: 1,
      }),
    ).rejects.toThrow('FORBIDDEN');
    const weak = { ...set.klara, trustLevel: TrustLevel.LOW };
    expect((await answering(request.id, [document], 1, weak)).refusal).toMatchObject({
      code: 'TRUST_TOO_LOW',
      allowedActions: ['startSignIn'],
    });
  });

  test('leaves the case waiting while another request is open', async () => {
    const { id, version, request } = await asked();
    const second = await asking(id, version);
    await answering(request.id, [await evidence(request.id)], 1);
    expect(await reading(set, set.klara, id, 'publicStatus')).toEqual({ publicStatus: 'ACTION_REQUIRED' });
    await answering(second.documentRequest.id, [await evidence(second.documentRequest.id)], 1);
    const seen = await reading(set, set.klara, id, 'publicStatus version documentRequests { id state }');
    expect(seen).toMatchObject({ publicStatus: 'PROCESSING', version: version + 3 });
    expect(seen.documentRequests.map(({ id: one }: { id: string }) => one)).toEqual([
      second.documentRequest.id,
      request.id,
    ]);
  });
});

describe('reviewDocumentRequest', () => {
  const answered = async () => {
    const { id, version, request } = await asked();
    await answering(request.id, [await evidence(request.id)], 1);
    return { id, version: version + 1, request };
  };
  const reviewing = (documentRequestId: string, given: Record<string, unknown>) =>
    doing(set, set.max, 'reviewDocumentRequest', { documentRequestId, expectedVersion: 2, ...given });

  test('accepts an answer: the request ends and the version of the case counts', async () => {
    const { id, version, request } = await answered();
    const { documentRequest } = await reviewing(request.id, { accept: true });
    expect(documentRequest).toMatchObject({
      version: 3,
      state: 'ACCEPTED',
      answers: [{ accepted: true }],
      possibleActions: [],
      application: { version: version + 1, state: 'IN_REVIEW' },
    });
    expect(documentRequest.closedAt).not.toBeNull();
    expect(await events(id, 'application.documents-reviewed')).toMatchObject([{ outcome: 'ACCEPTED' }]);
    const again = await reviewing(request.id, { accept: true, expectedVersion: 3 });
    expect(again.refusal).toMatchObject({ code: 'INVALID_TRANSITION', allowedActions: [] });
  });

  test('rejects an answer with a reason and a new day: the next round begins, and the applicant is told', async () => {
    const { id, request } = await answered();
    await expect(reviewing(request.id, { accept: false, dueOn: addDays(today(), 7) })).rejects.toThrow('BAD_INPUT');
    await expect(reviewing(request.id, { accept: false, reason: 'Unleserlich' })).rejects.toThrow('BAD_INPUT');
    const dueOn = addDays(today(), 7);
    const { documentRequest } = await reviewing(request.id, { accept: false, reason: 'Unleserlich', dueOn });
    expect(documentRequest).toMatchObject({
      state: 'OPEN',
      round: 2,
      dueOn,
      answers: [{ round: 1, accepted: false, rejectionReason: 'Unleserlich' }],
      application: { state: 'AWAITING_DOCUMENTS' },
    });
    expect(await events(id, 'application.documents-requested')).toMatchObject([
      { round: 1 },
      { round: 2, reason: 'Unleserlich', dueOn },
    ]);
    const second = await answering(request.id, [await evidence(request.id)], 3);
    expect(second.documentRequest).toMatchObject({ state: 'SUBMITTED', answers: [{ round: 1 }, { round: 2 }] });
  });

  test('completeness waits for the check of what has come', async () => {
    const { id, version, request } = await answered();
    const confirm = (expectedVersion: number) =>
      doing(set, set.max, 'confirmCompleteness', { applicationId: id, expectedVersion });
    expect((await confirm(version)).refusal).toMatchObject({
      code: 'DOCUMENT_REQUEST_OPEN',
      allowedActions: ['reviewDocumentRequest'],
    });
    await reviewing(request.id, { accept: true });
    expect((await confirm(version + 1)).refusal).toBeNull();
  });
});

describe('cancelDocumentRequest', () => {
  test('takes a request back and the case goes on', async () => {
    const { id, request } = await asked();
    const cancel = (expectedVersion: number) =>
      doing(set, set.max, 'cancelDocumentRequest', {
        documentRequestId: request.id,
        reason: 'Liegt schon vor.',
        expectedVersion,
      });
    const { documentRequest } = await cancel(1);
    expect(documentRequest).toMatchObject({ state: 'CANCELED', version: 2, application: { state: 'IN_REVIEW' } });
    expect((await cancel(2)).refusal.code).toBe('INVALID_TRANSITION');
    expect(await reading(set, set.max, id, 'deadlines { kind }')).toEqual({ deadlines: [{ kind: 'PROCESSING' }] });
  });
});

describe('the clock', () => {
  test('makes an open request OVERDUE when its last day is over in Berlin; a late answer is still taken', async () => {
    const { id, version } = await claimed(set);
    const { documentRequest } = await asking(id, version, { dueOn: addDays(today(), 1), fixedDay: true });
    const document = await evidence(documentRequest.id);
    shiftClock(2 * 86_400_000);
    const late = await reading(set, set.klara, id, `documentRequests { ${REQUEST} } deadlines { kind state }`);
    expect(late.documentRequests).toMatchObject([
      { state: 'OVERDUE', possibleActions: ['requestUpload', 'answerDocumentRequest'] },
    ]);
    expect(late.deadlines).toContainEqual({ kind: 'DOCUMENT_REQUEST', state: 'MISSED' });
    expect((await answering(documentRequest.id, [document], 1)).documentRequest.state).toBe('SUBMITTED');
  });

  test('§ 31 Abs. 3 VwVfG: what was asked for by a Sunday is in time on Monday until midnight in Berlin, and then overdue', async () => {
    const sunday = await sundayBeforeWork(set);
    const monday = addDays(sunday, 1);
    const { id, version } = await claimed(set);
    const { documentRequest } = await asking(id, version, { dueOn: sunday });
    expect(documentRequest).toMatchObject({ dueOn: sunday, fixedDay: false, endsOn: monday });
    expect(await events(id, 'application.documents-requested')).toMatchObject([{ dueOn: sunday, endsOn: monday }]);
    const document = await evidence(documentRequest.id);
    const seen = async () => {
      const { documentRequests, deadlines } = await reading(
        set,
        set.klara,
        id,
        'documentRequests { state } deadlines { kind state dueOn }',
      );
      const { state, dueOn } = deadlines.find(({ kind }: { kind: string }) => kind === 'DOCUMENT_REQUEST');
      return [documentRequests[0].state, state, dueOn];
    };
    clockAtEndOf(monday, true);
    expect(await seen()).toEqual(['OVERDUE', 'MISSED', monday]);
    clockAtEndOf(monday);
    expect(await seen()).toEqual(['OPEN', 'RUNNING', monday]);
    await answering(documentRequest.id, [document], 1);
    clockAtEndOf(addDays(monday, 3));
    expect(await seen()).toEqual(['SUBMITTED', 'MET', monday]);
  });

  test('§ 31 Abs. 3 Satz 2 VwVfG: a day told as the fixed one is the last, also in the next round', async () => {
    const sunday = await sundayBeforeWork(set);
    const { id, version } = await claimed(set);
    const { documentRequest } = await asking(id, version, { dueOn: sunday, fixedDay: true });
    expect(documentRequest).toMatchObject({ dueOn: sunday, fixedDay: true, endsOn: sunday });
    await answering(documentRequest.id, [await evidence(documentRequest.id)], 1);
    const again = (fixedDay: boolean, expectedVersion: number) =>
      doing(set, set.max, 'reviewDocumentRequest', {
        documentRequestId: documentRequest.id,
        accept: false,
        reason: 'Unleserlich',
        dueOn: sunday,
        fixedDay,
        expectedVersion,
      });
    expect((await again(false, 2)).documentRequest).toMatchObject({ fixedDay: false, endsOn: addDays(sunday, 1) });
    await answering(documentRequest.id, [await evidence(documentRequest.id)], 3);
    expect((await again(true, 4)).documentRequest).toMatchObject({ fixedDay: true, endsOn: sunday });
    expect(await events(id, 'application.documents-requested')).toMatchObject([
      { fixedDay: true, endsOn: sunday },
      { fixedDay: false, endsOn: addDays(sunday, 1) },
      { fixedDay: true, endsOn: sunday },
    ]);
    clockAtEndOf(sunday, true);
    expect(await reading(set, set.klara, id, 'documentRequests { state }')).toEqual({
      documentRequests: [{ state: 'OVERDUE' }],
    });
  });

  test('a new round hides neither that the last one was answered late nor by when it had to be', async () => {
    const { id, version } = await claimed(set);
    const sunday = await sundayBeforeWork(set);
    const monday = addDays(sunday, 1);
    const { documentRequest } = await asking(id, version, { dueOn: sunday });
    const document = await evidence(documentRequest.id);
    clockAtEndOf(monday, true); // Tuesday
    await answering(documentRequest.id, [document], 1);
    const reject = (expectedVersion: number) =>
      doing(set, set.max, 'reviewDocumentRequest', {
        documentRequestId: documentRequest.id,
        accept: false,
        reason: 'Unleserlich',
        dueOn: addDays(monday, 15),
        expectedVersion,
      });
    await reject(2);
    const of = async () =>
      (await reading(set, set.klara, id, 'deadlines { id kind state dueOn }')).deadlines
        .filter(({ kind }: { kind: string }) => kind === 'DOCUMENT_REQUEST')
        .map(({ state, dueOn }: { state: string; dueOn: string }) => [state, dueOn]);
    const missed = ['MISSED', monday];
    expect(await of()).toEqual([['RUNNING', addDays(monday, 15)], missed]);
    const [row] = await set.subgraph.sql(`SELECT next_due_on::text FROM applications.application WHERE id = $1`, [id]);
    expect(row).toEqual({ next_due_on: addDays(monday, 15) });
    // the next one is answered in time, which leaves no trace, and the third is taken back
    await answering(documentRequest.id, [await evidence(documentRequest.id)], 3);
    await reject(4);
    expect(await of()).toEqual([['RUNNING', addDays(monday, 15)], missed]);
    await doing(set, set.max, 'cancelDocumentRequest', {
      documentRequestId: documentRequest.id,
      reason: 'Liegt schon vor',
      expectedVersion: 5,
    });
    expect(await of()).toEqual([missed]);
  });

  test('the day the applicant was told stays when the case moves to a state with other holidays', async () => {
    const [epiphany] = await set.subgraph.sql<{ day: string }>(
      `SELECT day::text FROM applications.holiday WHERE state = 'BY' AND name = 'Heilige Drei Könige'
         AND extract(isodow FROM day) < 5 AND day > $1::date + 2 ORDER BY day LIMIT 1`,
      [today()],
    );
    const { day } = epiphany!;
    for (const [days, state] of [
      [0, 'MET'],
      [1, 'MISSED'],
    ] as const) {
      const { id, version } = await claimed(set);
      const { documentRequest } = await asking(id, version, { dueOn: day });
      expect(documentRequest.endsOn).toBe(day); // no holiday in Schleswig-Holstein
      const document = await evidence(documentRequest.id);
      clockAtEndOf(addDays(day, days));
      await answering(documentRequest.id, [document], 1);
      const seen = async (who = set.max) =>
        (await reading(set, who, id, 'deadlines { kind state dueOn }')).deadlines.find(
          ({ kind }: { kind: string }) => kind === 'DOCUMENT_REQUEST',
        );
      const before = await seen();
      expect(before).toEqual({ kind: 'DOCUMENT_REQUEST', state, dueOn: day });
      set.subgraph.answerAsk('authority', ({ id: authorityId }) => ({
        authority: {
          id: authorityId,
          name: 'Amt in Bayern',
          kind: 'ASSOCIATION',
          area: { ars: '091620000000' },
          parent: null,
        },
      }));
      const forwarded = await doing(set, set.max, 'forwardApplication', {
        applicationId: id,
        authorityId: NEIGHBOUR,
        reason: 'Umzug',
        expectedVersion: version + 2,
      });
      expect(forwarded.refusal).toBeNull();
      expect(await seen(set.nora)).toEqual(before);
      shiftClock(0);
    }
  });

  test('a request made after the missed end of the working time hides nothing', async () => {
    const { id, version } = await claimed(set);
    await doing(set, set.max, 'confirmCompleteness', { applicationId: id, expectedVersion: version });
    const processing = async () =>
      (await reading(set, set.max, id, 'deadlines { id kind state dueOn }')).deadlines.find(
        ({ kind }: { kind: string }) => kind === 'PROCESSING',
      );
    const before = await processing();
    clockAtEndOf(before.dueOn, true);
    await asking(id, version + 1, { dueOn: addDays(today(), 9) });
    expect(await processing()).toEqual({ ...before, state: 'MISSED' });
    const [row] = await set.subgraph.sql(`SELECT next_due_on::text FROM applications.application WHERE id = $1`, [id]);
    expect(row).toEqual({ next_due_on: before.dueOn });
    const extending = await doing(set, set.max, 'extendDeadline', {
      applicationId: id,
      deadlineId: before.id,
      days: 30,
      reason: 'Zu spät bemerkt',
      expectedVersion: version + 2,
    });
    expect(extending.refusal.code).toBe('DEADLINE_NOT_EXTENDABLE');
  });

  test('stops the working time while documents are missing and lets it go on when they come', async () => {
    const { id, version } = await claimed(set);
    await doing(set, set.max, 'confirmCompleteness', { applicationId: id, expectedVersion: version });
    const processing = async () =>
      (await reading(set, set.max, id, 'deadlines { kind state dueOn pausedDays }')).deadlines.find(
        ({ kind }: { kind: string }) => kind === 'PROCESSING',
      );
    const before = await processing();
    const { documentRequest } = await asking(id, version + 1);
    expect(await processing()).toMatchObject({ state: 'PAUSED', pausedDays: 0, dueOn: before.dueOn });
    const document = await evidence(documentRequest.id);
    shiftClock(5 * 86_400_000);
    expect(await processing()).toMatchObject({ state: 'PAUSED', pausedDays: 5 });
    await answering(documentRequest.id, [document], 1);
    const after = await processing();
    expect(after).toMatchObject({ state: 'RUNNING', pausedDays: 5 });
    expect(after.dueOn > before.dueOn).toBe(true);
    expect((await events(id, 'application.deadline-changed')).map(({ deadlineKind }) => deadlineKind)).toEqual([
      'PROCESSING',
      'PROCESSING',
      'PROCESSING',
    ]);
  });
});

describe('every path to a request', () => {
  test('by id and by reference it exists for both sides and for nobody else', async () => {
    const { request } = await asked();
    const byId = (who: Parameters<typeof reading>[1]) =>
      set.subgraph.as(who).query('query ($id: ID!) { documentRequest(id: $id) { id } }', { id: request.id });
    const byReference = (who: Parameters<typeof reading>[1]) =>
      set.subgraph
        .as(who)
        .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on DocumentRequest { id } } }', {
          r: [{ __typename: 'DocumentRequest', id: request.id }],
        });
    for (const who of [set.klara, set.max]) {
      expect((await byId(who)).data.documentRequest).toEqual({ id: request.id });
      expect((await byReference(who)).data._entities).toEqual([{ id: request.id }]);
    }
    for (const who of [person(), set.nora]) {
      expect((await byId(who)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      expect((await byReference(who)).data._entities).toEqual([null]);
    }
  });
});

test('taking the application back ends its requests and starts the time it is kept', async () => {
  const { id, version } = await asked();
  const { data } = await set.subgraph
    .as(set.klara)
    .query(
      'mutation ($i: WithdrawApplicationInput!) { withdrawApplication(input: $i) { application { publicStatus documentRequests { state possibleActions } deadlines { kind } } refusal { code } } }',
      {
        i: { applicationId: id, reason: 'Doch nicht', expectedVersion: version },
      },
    );
  expect(data.withdrawApplication).toEqual({
    application: {
      publicStatus: 'COMPLETED',
      documentRequests: [{ state: 'CANCELED', possibleActions: [] }],
      deadlines: [{ kind: 'RETENTION' }],
    },
    refusal: null,
  });
  expect(await reading(set, set.max, id, 'state archiveRecord { state }')).toEqual({
    state: 'WITHDRAWN',
    archiveRecord: { state: 'RETAINED' },
  });
});
