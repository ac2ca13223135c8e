/** Lists of cases with everything on them: the same number of SQL statements for two cases and for many. */
import { newId } from '../../../kernel/ids';
import type { Principal } from '../../../kernel/principal';
import { person } from '../../../tests/setup/subgraph';
import { type Stage, stage } from '../testing';
import { addDays, doing, today } from './desk.testing';

const CASES = 8;
const SYSTEM = 'gewerberegister';

let set: Stage;
beforeAll(async () => {
  set = await stage();
  for (let i = 0; i < CASES; i++) await wholeCase();
});
afterAll(() => set.stop());

/** Everything that can hang on a case, and its notice in the mailbox. */
async function wholeCase(): Promise<void> {
  const { id: applicationId, version } = await set.received();
  const at = (offset: number) => ({ applicationId, expectedVersion: version + offset });
  const key = () => ({ idempotencyKey: newId() });
  await doing(set, set.max, 'claimApplication', at(0));
  const { documentRequest } = await doing(set, set.max, 'requestDocuments', {
    ...at(1),
    ...key(),
    items: [{ description: 'Kopie des Personalausweises' }],
    reason: 'fehlt',
    dueOn: addDays(today(), 9),
  });
  const { id: documentId } = await set.upload({ documentRequestId: documentRequest.id });
  await doing(set, set.klara, 'answerDocumentRequest', {
    documentRequestId: documentRequest.id,
    documentIds: [documentId],
    expectedVersion: 1,
  });
  await doing(set, set.max, 'reviewDocumentRequest', {
    documentRequestId: documentRequest.id,
    accept: true,
    expectedVersion: 2,
  });
  await doing(set, set.max, 'confirmCompleteness', at(4));
  await doing(set, set.max, 'addNote', { applicationId, text: 'Bitte prüfen.', ...key() });
  await doing(set, set.max, 'addFollowUp', { applicationId, title: 'Rückruf', dueOn: today(), ...key() });
  await doing(set, set.max, 'startHandover', { ...at(5), system: SYSTEM, ...key() });
  const { application } = await doing(set, set.max, 'decideApplication', {
    ...at(6),
    outcome: 'GRANTED',
    reasoning: 'vollständig',
    legalRemedy: 'Widerspruch',
    ...key(),
  });
  await set.subgraph.publish('messaging', 'message.available', applicationId, {
    messageId: newId(),
    threadId: newId(),
    applicationId,
    kind: 'NOTICE',
    senderKind: 'STAFF',
    availableAt: new Date().toISOString(),
    noticeDocumentId: application.decision.notice.id,
  });
  await doing(set, set.max, 'closeApplication', at(8));
}

const SHARED = `id decision { outcome deemedNotifiedOn objectionUntil notice { id filename } }
  deadlines { id kind state dueOn rule { citation } steps { date explanation } }
  documentRequests { id possibleActions application { id } answers { documents { id filename } } }`;

test('of an applicant', async () => {
  const list = `query ($first: Int!) { myApplications(first: $first) { nodes { ${SHARED} } } }`;
  const [few, many] = await Promise.all([2, CASES].map(first => set.subgraph.as(set.klara).query(list, { first })));
  expect(few!.data.myApplications.nodes).toHaveLength(2);
  expect(many!.data.myApplications.nodes).toHaveLength(CASES);
  for (const node of many!.data.myApplications.nodes) {
    expect(node.decision.notice.id).toBeTruthy();
    expect(node.documentRequests[0].answers[0].documents).toHaveLength(1);
    expect(node.deadlines.map(({ kind }: { kind: string }) => kind)).toEqual([
      'PROCESSING',
      'DOCUMENT_REQUEST',
      'DEEMED_NOTIFICATION',
      'OBJECTION',
      'RETENTION',
    ]);
  }
  expect(many!.statements).toBe(few!.statements);
});

test('of a desk', async () => {
  const list = `query ($authorityId: ID!, $first: Int!) { inbox(authorityId: $authorityId, first: $first) { nodes { ${SHARED}
    decision { decidedBy { id } } notes { id author { id } } followUps { id owner { id } application { id } }
    handovers { id state possibleActions application { id } } handoverSystems archiveRecord { state retentionUntil } } } }`;
  const { authorityId } = set.max;
  const [few, many] = await Promise.all(
    [2, CASES].map(first => set.subgraph.as(set.max).query(list, { authorityId, first })),
  );
  expect(many!.errors).toBeUndefined();
  expect(few!.data.inbox.nodes).toHaveLength(2);
  expect(many!.data.inbox.nodes).toHaveLength(CASES);
  for (const node of many!.data.inbox.nodes) {
    expect(node).toMatchObject({ handoverSystems: [SYSTEM], archiveRecord: { state: 'RETAINED' } });
    expect([node.notes, node.followUps, node.handovers].map(one => one.length)).toEqual([1, 1, 1]);
  }
  expect(many!.statements).toBe(few!.statements);
});

test('of follow-ups', async () => {
  const list = `query ($authorityId: ID!, $first: Int!) { followUps(authorityId: $authorityId, first: $first) {
    nodes { id owner { id } application { id reference deadlines { kind } } } } }`;
  const { authorityId } = set.max;
  const [few, many] = await Promise.all(
    [2, CASES].map(first => set.subgraph.as(set.max).query(list, { authorityId, first })),
  );
  expect(few!.data.followUps.nodes).toHaveLength(2);
  expect(many!.data.followUps.nodes).toHaveLength(CASES);
  expect(many!.statements).toBe(few!.statements);
});

test('row security hides what hangs on a case from another authority and another account, whatever the code says', async () => {
  const tables = [
    'document_request',
    'document_request_answer',
    'decision',
    'note',
    'follow_up',
    'handover',
    'archive_record',
    'payment_receipt',
    'deadline_extension',
  ];
  const { db } = set.subgraph.running;
  const count = (who: Principal, table: string): Promise<number> =>
    db.tx(who, async tx => (await tx.query(`SELECT count(*)::int AS count FROM ${table}`))[0].count);
  const seen = async (who: Principal) => Promise.all(tables.map(table => count(who, table)));
  expect(await seen(set.nora)).toEqual(tables.map(() => 0));
  expect(await seen(person())).toEqual(tables.map(() => 0));
  expect(await seen(set.klara)).toEqual([CASES, CASES, CASES, 0, 0, 0, CASES, 0, 0]);
  expect(await seen(set.max)).toEqual([CASES, CASES, CASES, CASES, CASES, CASES, CASES, 0, 0]);
});
