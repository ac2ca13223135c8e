/** Writing messages through the graph: who may, what is refused, twice is once. */
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { person, staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import { delivered, employ, receivedCase, startMessaging, TRADE, threadOf, writes } from '../testing/cases';

describe('sendMessage', () => {
  let subgraph: TestSubgraph;
  beforeAll(async () => {
    subgraph = await startMessaging();
  });
  afterAll(() => subgraph.stop());

  const countOf = async (applicationId: string) =>
    (
      await subgraph.sql(
        `SELECT FROM messaging.message JOIN messaging.thread ON thread.id = thread_id
         WHERE application_id = $1 AND kind = 'CONVERSATION'`,
        [applicationId],
      )
    ).length;
  const mandate = async (accountId: string, agentId: string, leikaKeys: string[], validTo: string | null = null) =>
    subgraph.publish('identity', 'mandate.changed', accountId, {
      mandateId: newId(),
      principalAccountId: accountId,
      agentAccountId: agentId,
      leikaKeys,
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo,
    });

  test('carries the applicant’s words to the authority at once', async () => {
    const max = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const { message, refusal } = await writes(subgraph, one.applicant, one.applicationId, { title: '  Eine Frage ' });
    expect(refusal).toBeNull();
    expect(message).toMatchObject({
      kind: 'CONVERSATION',
      senderKind: 'APPLICANT',
      senderName: 'Klara Muster',
      title: 'Eine Frage',
      requiredTrustLevel: 'SUBSTANTIAL',
      availableAt: expect.any(String),
    });
    const { data } = await subgraph
      .as(max)
      .query(
        `query ($id: ID!) { message(id: $id) { body thread { id unreadCount } deliveries { id } staffMember { id } } }`,
        {
          id: message!.id,
        },
      );
    expect(data.message).toEqual({
      body: 'Wann ist es so weit?',
      thread: { id: message!.thread.id, unreadCount: 1 },
      deliveries: [],
      staffMember: null,
    });
  });

  test('carries the authority’s words to the mailbox under the name of the person who wrote', async () => {
    const max = await employ(subgraph, {}, 'Max Schröder');
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const { message } = await writes(subgraph, max, one.applicationId);
    expect(message).toMatchObject({ senderKind: 'STAFF', senderName: 'Max Schröder' });
    await delivered(subgraph);
    const QUERY = `query ($id: ID!) { message(id: $id) { senderName body availableAt staffMember { id } deliveries { channel state } } }`;
    const read = await subgraph.as(one.applicant).query(QUERY, { id: message!.id });
    expect(read.data.message).toEqual({
      senderName: 'Max Schröder',
      body: 'Wann ist es so weit?',
      availableAt: expect.any(String),
      staffMember: null,
      deliveries: null,
    });
    expect(read.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    const { data } = await subgraph.as(max).query(QUERY, { id: message!.id });
    expect(data.message).toMatchObject({
      staffMember: { id: max.staffMemberId },
      deliveries: [{ channel: 'MAILBOX', state: 'DELIVERED' }],
    });
  });

  test('names staff without a known name neutrally, and applicants as identity knows them', async () => {
    const max = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    await subgraph.publish('identity', 'account.changed', one.applicant.accountId, {
      accountId: one.applicant.accountId,
      kind: 'PERSON',
      displayName: 'Klara M. Muster',
      email: null,
    });
    expect((await writes(subgraph, max, one.applicationId)).message?.senderName).toBe('Sachbearbeitung');
    expect((await writes(subgraph, one.applicant, one.applicationId)).message?.senderName).toBe('Klara M. Muster');
  });

  test('takes a trust level when given, the case’s when not, and HIGH when that is unknown', async () => {
    const max = await employ(subgraph);
    const known = await receivedCase(subgraph, { authorityId: max.authorityId });
    const unknown = await receivedCase(subgraph, { authorityId: max.authorityId, requiredTrustLevel: null });
    const levelOf = async (applicationId: string, input = {}) =>
      (await writes(subgraph, max, applicationId, input)).message?.requiredTrustLevel;
    expect(await levelOf(known.applicationId)).toBe('SUBSTANTIAL');
    expect(await levelOf(known.applicationId, { requiredTrustLevel: 'HIGH' })).toBe('HIGH');
    expect(await levelOf(unknown.applicationId)).toBe('HIGH');
  });

  test('writes once for the same key, also when both arrive at once, and refuses the key with another text', async () => {
    const one = await receivedCase(subgraph);
    const idempotencyKey = newId();
    const send = (input = {}) => writes(subgraph, one.applicant, one.applicationId, { idempotencyKey, ...input });
    const answers = [...(await Promise.all([send(), send(), send()])), await send()];
    expect(new Set(answers.map(({ message }) => message?.id))).toEqual(new Set([answers[0]!.message!.id]));
    expect(await countOf(one.applicationId)).toBe(1);
    expect((await send({ body: 'Etwas anderes' })).refusal?.code).toBe('IDEMPOTENCY_MISMATCH');
    const sent = (await subgraph.published('message.sent')).filter(
      ({ payload }) => payload.applicationId === one.applicationId && payload.kind === 'CONVERSATION',
    );
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({ key: one.applicationId, payload: { senderKind: 'APPLICANT' } });
  });

  test('refuses what is missing, too long or no text, with its place', async () => {
    const one = await receivedCase(subgraph);
    const problemsOf = async (input: object) => {
      const { refusal } = await writes(subgraph, one.applicant, one.applicationId, { ...input });
      expect(refusal?.code).toBe('VALIDATION_FAILED');
      return refusal!.problems;
    };
    expect(await problemsOf({ title: ' ', body: '' })).toEqual([
      { path: '/title', code: 'TOO_SHORT' },
      { path: '/body', code: 'TOO_SHORT' },
    ]);
    expect(await problemsOf({ title: 'x'.repeat(1_025) })).toEqual([{ path: '/title', code: 'TOO_LONG' }]);
    expect(await problemsOf({ body: 'x'.repeat(100_001) })).toEqual([{ path: '/body', code: 'TOO_LONG' }]);
    expect(await problemsOf({ body: 'a\u0007b' })).toEqual([{ path: '/body', code: 'BAD_CHARACTER' }]);
    expect(await countOf(one.applicationId)).toBe(0);
    const longest = await writes(subgraph, one.applicant, one.applicationId, {
      title: 'x'.repeat(1_024),
      body: 'Zeile\n\tZeile '.repeat(7_000).slice(0, 100_000),
    });
    expect(longest.refusal).toBeNull();
  });

  test('refuses an applicant below the trust level of the case and names the way up', async () => {
    const one = await receivedCase(subgraph);
    const { refusal } = await writes(subgraph, { ...one.applicant, trustLevel: TrustLevel.LOW }, one.applicationId);
    expect(refusal).toMatchObject({ code: 'TRUST_TOO_LOW', allowedActions: ['startSignIn'] });
  });

  test('refuses to write about a case that the archive has', async () => {
    const one = await receivedCase(subgraph);
    await one.happens('application.internal', { state: 'ARCHIVED' });
    expect((await writes(subgraph, one.applicant, one.applicationId)).refusal?.code).toBe('INVALID_TRANSITION');
    const { data } = await subgraph
      .as(one.applicant)
      .query(`query ($id: ID!) { thread(id: $id) { possibleActions } }`, {
        id: await threadOf(subgraph, one.applicationId),
      });
    expect(data.thread.possibleActions).toEqual(['markThreadRead']);
  });

  test('is for those only who may write: rights are proven in the commit', async () => {
    const max = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const codeFor = async (who: Parameters<typeof writes>[1]) =>
      (await writes(subgraph, who, one.applicationId)).errors?.[0]?.extensions.code;
    const stranger = await employ(subgraph);
    expect(await codeFor(person())).toBe('NOT_FOUND');
    expect(await codeFor(stranger)).toBe('NOT_FOUND');
    expect(await codeFor({ ...one.applicant, readOnly: true })).toBe('FORBIDDEN');
    expect(await codeFor({ ...max, scopes: ['staff:read'] })).toBe('FORBIDDEN');
    // the principal says so, but identity never did
    expect(await codeFor(staff({ authorityId: one.authorityId }))).toBe('FORBIDDEN');
    await subgraph.publish('identity', 'staff.changed', max.staffMemberId, { ...max, active: false });
    expect(await codeFor(max)).toBe('FORBIDDEN');
    expect(await countOf(one.applicationId)).toBe(0);
  });

  test('is for an agent as long and as far as the mandate goes', async () => {
    const one = await receivedCase(subgraph);
    const agent = person({ actingFor: one.applicant.accountId, services: [TRADE] });
    const writtenBy = async (accountId: string) =>
      (
        await subgraph.sql<{ sender_name: string }>(
          'SELECT sender_name FROM messaging.message WHERE agent_account_id = $1',
          [accountId],
        )
      ).map(({ sender_name: name }) => name);
    const codeFor = async (who: typeof agent) =>
      (await writes(subgraph, who, one.applicationId)).errors?.[0]?.extensions.code;
    expect(await codeFor(agent)).toBe('FORBIDDEN');
    await mandate(one.applicant.accountId, agent.accountId, [TRADE]);
    expect(await codeFor(agent)).toBeUndefined();
    expect(await writtenBy(agent.accountId)).toEqual(['Bevollmächtigte Person für Klara Muster']);
    await subgraph.publish('identity', 'account.changed', agent.accountId, {
      ...{ accountId: agent.accountId, kind: 'PERSON', displayName: 'Jonas Beispiel', email: null },
    });
    const { message } = await writes(subgraph, agent, one.applicationId);
    expect(message).toMatchObject({ senderKind: 'APPLICANT', senderName: 'Jonas Beispiel für Klara Muster' });
    expect(await writtenBy(agent.accountId)).toHaveLength(2);
    const late = person({ actingFor: one.applicant.accountId });
    await mandate(one.applicant.accountId, late.accountId, [], '2026-02-01T00:00:00.000Z');
    expect(await codeFor(late)).toBe('FORBIDDEN');
    const elsewhere = person({ actingFor: one.applicant.accountId, services: null });
    await mandate(one.applicant.accountId, elsewhere.accountId, ['99000000000000']);
    expect(await codeFor(elsewhere)).toBe('FORBIDDEN');
  });

  describe('with files', () => {
    const known = { AVAILABLE: newId(), SCANNING: newId(), INTERNAL: newId(), NOTICE: newId() };
    beforeEach(() => {
      subgraph.answerAsk('documents', ({ id }) => ({
        application: {
          id,
          documents: [
            { id: known.AVAILABLE, purpose: 'MESSAGE', state: 'AVAILABLE' },
            { id: known.SCANNING, purpose: 'MESSAGE', state: 'SCANNING' },
            { id: known.INTERNAL, purpose: 'INTERNAL', state: 'AVAILABLE' },
            { id: known.NOTICE, purpose: 'NOTICE', state: 'AVAILABLE' },
          ],
        },
      }));
    });

    test('attaches checked files of the application, asking on the writer’s behalf', async () => {
      const one = await receivedCase(subgraph);
      let asked: unknown;
      subgraph.answerAsk('documents', ({ id }, envelope) => {
        asked = [id, envelope.principal];
        return { application: { id, documents: [{ id: known.AVAILABLE, purpose: 'MESSAGE', state: 'AVAILABLE' }] } };
      });
      const { message } = await writes(subgraph, one.applicant, one.applicationId, { documentIds: [known.AVAILABLE] });
      expect(message?.attachments).toEqual([{ id: known.AVAILABLE }]);
      expect(asked).toEqual([one.applicationId, serviceOf('messaging', one.applicant)]);
    });

    test('refuses files that are unknown, unchecked, internal, a decision, or too many', async () => {
      const max = await employ(subgraph);
      const one = await receivedCase(subgraph, { authorityId: max.authorityId });
      const problemsOf = async (documentIds: string[]) =>
        (await writes(subgraph, max, one.applicationId, { documentIds })).refusal?.problems;
      expect(await problemsOf([known.AVAILABLE, known.SCANNING, known.INTERNAL, known.NOTICE, newId()])).toEqual(
        [1, 2, 3, 4].map(i => ({ path: `/documentIds/${i}`, code: 'DOCUMENT_NOT_AVAILABLE' })),
      );
      expect(await problemsOf(Array.from({ length: 21 }, newId))).toEqual([{ path: '/documentIds', code: 'TOO_MANY' }]);
    });

    test('loses nothing when applications do not answer: the same request may succeed later', async () => {
      const one = await receivedCase(subgraph);
      subgraph.answerAsk('documents', () => {
        throw new Error('away');
      });
      const input = { documentIds: [known.AVAILABLE], idempotencyKey: newId() };
      const { refusal } = await writes(subgraph, one.applicant, one.applicationId, input);
      expect(refusal).toMatchObject({ code: 'TRY_AGAIN', retryable: true });
      subgraph.answerAsk('documents', ({ id }) => ({
        application: { id, documents: [{ id: known.AVAILABLE, purpose: 'MESSAGE', state: 'AVAILABLE' }] },
      }));
      expect((await writes(subgraph, one.applicant, one.applicationId, input)).message).not.toBeNull();
    });
  });
});
