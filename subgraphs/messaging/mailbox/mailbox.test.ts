/** The mailbox through the graph: automatic messages, who sees them, and what a low trust level hides. */
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { ANONYMOUS, type Answer, person, staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import {
  arrives,
  delivered,
  employ,
  receivedCase,
  startMessaging,
  submittedCase,
  type TestCase,
  TRADE,
  threadOf,
  writes,
} from '../testing/cases';

const PARTS = `id kind senderKind senderName title body requiredTrustLevel sentAt availableAt readAt attachments { id }`;
const MAILBOX = `{ mailbox { id unreadCount threads(first: 5) { nodes { id subject messages(first: 3) { nodes { ${PARTS} } } } } } }`;
const ENTITIES = `query ($r: [_Any!]!) { _entities(representations: $r) {
  __typename
  ... on Application { thread { id messages(first: 1) { nodes { ${PARTS} } } } }
  ... on Account { mailbox { id } }
  ... on Mailbox { id unreadCount }
  ... on Thread { id }
  ... on Message { id }
  ... on MessageDelivery { id }
} }`;

interface ThreadPage {
  nodes: { application: { id: string } }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

describe('the mailbox', () => {
  let subgraph: TestSubgraph;
  beforeAll(async () => {
    subgraph = await startMessaging();
  });
  afterAll(() => subgraph.stop());

  const mailboxOf = async (who: ReturnType<typeof person>) => (await subgraph.as(who).query(MAILBOX)).data.mailbox;
  const joined = async (who: Parameters<TestSubgraph['as']>[0], typename: string, id: string) => {
    const { data } = await subgraph.as(who).query(ENTITIES, { r: [{ __typename: typename, id }] });
    return data?._entities?.[0] ?? null;
  };

  test('holds one receipt with reference, date and service once a case has arrived', async () => {
    const one = await receivedCase(subgraph);
    const mailbox = await mailboxOf(one.applicant);
    expect(mailbox.unreadCount).toBe(1);
    expect(mailbox.threads.nodes).toHaveLength(1);
    const [thread] = mailbox.threads.nodes;
    expect(thread.subject).toBe(`Gewerbe anmelden (${one.reference})`);
    const [receipt] = thread.messages.nodes;
    expect(receipt).toMatchObject({
      kind: 'RECEIPT',
      senderKind: 'SYSTEM',
      title: 'Eingangsbestätigung: Gewerbe anmelden',
      requiredTrustLevel: 'SUBSTANTIAL',
      availableAt: expect.any(String),
      readAt: null,
      attachments: [],
    });
    for (const words of ['Gewerbe anmelden', '23. November 2026', one.reference]) expect(receipt.body).toContain(words);
  });

  test('gets no second receipt when the event comes twice or the case arrives elsewhere after forwarding', async () => {
    const one = await receivedCase(subgraph);
    await arrives(subgraph, one);
    await arrives(subgraph, one, { first: false, authorityId: newId() });
    const { threads, unreadCount } = await mailboxOf(one.applicant);
    expect(threads.nodes[0].messages.nodes.map(({ kind }: { kind: string }) => kind)).toEqual(['RECEIPT']);
    expect(unreadCount).toBe(1);
    const events = await subgraph.published();
    const about = events.filter(({ payload }) => payload.applicationId === one.applicationId);
    expect(about.map(({ type }) => type)).toEqual(['message.sent', 'message.available']);
  });

  test('writes in the language of the account', async () => {
    const applicant = person();
    await subgraph
      .as(applicant)
      .query(
        `mutation { changeNotificationPreferences(input: { language: "en", expectedVersion: 1 }) { refusal { code } } }`,
      );
    await receivedCase(subgraph, { applicant });
    const { threads } = await mailboxOf(applicant);
    expect(threads.nodes[0].messages.nodes[0].title).toBe('Receipt of your application: Gewerbe anmelden');
    expect(threads.nodes[0].messages.nodes[0].body).toContain('23 November 2026');
  });

  test('tells which documents are missing, until when, and who asks', async () => {
    const max = await employ(subgraph, {}, 'Max Schröder');
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const request = {
      state: 'AWAITING_DOCUMENTS',
      documentRequestId: newId(),
      reason: 'Die Kopie fehlt.',
      items: [{ requirementCode: 'ID_CARD_COPY', description: 'Kopie des Personalausweises' }],
      dueOn: '2027-01-15',
      round: 1,
      staffMemberId: max.staffMemberId,
      serviceTitle: 'Gewerbe anmelden',
    };
    await one.happens('application.documents-requested', request);
    await one.happens('application.documents-requested', request);
    await delivered(subgraph);
    const [thread] = (await mailboxOf(one.applicant)).threads.nodes;
    expect(thread.messages.nodes).toHaveLength(2);
    const [message] = thread.messages.nodes;
    expect(message).toMatchObject({ kind: 'DOCUMENT_REQUEST', senderKind: 'STAFF', senderName: 'Max Schröder' });
    for (const words of ['Die Kopie fehlt.', 'Kopie des Personalausweises', '15. Januar 2027'])
      expect(message.body).toContain(words);
  });

  test('§ 31 Abs. 3 VwVfG: names the working day on which it ends, or says with reference that the day is fixed', async () => {
    const one = await receivedCase(subgraph);
    const asked = (endsOn: string, fixedDay: boolean, round: number) =>
      one.happens('application.documents-requested', {
        state: 'AWAITING_DOCUMENTS',
        documentRequestId: newId(),
        reason: 'Die Kopie fehlt.',
        items: [{ requirementCode: null, description: 'Kopie' }],
        dueOn: '2027-01-17', // a Sunday
        fixedDay,
        endsOn,
        round,
        staffMemberId: newId(),
        serviceTitle: 'Gewerbe anmelden',
      });
    await asked('2027-01-18', false, 1);
    await asked('2027-01-17', true, 2);
    await delivered(subgraph);
    const [fixed, moved] = (await mailboxOf(one.applicant)).threads.nodes[0].messages.nodes;
    expect(moved.body).toContain('18. Januar 2027');
    expect(moved.body).not.toContain('§ 31');
    expect(fixed.body).toContain('17. Januar 2027');
    expect(fixed.body).toContain('§ 31 Abs. 3 Satz 2 VwVfG');
  });

  test('makes the notice available with its document and says so once, which starts the legal clock', async () => {
    const one = await receivedCase(subgraph);
    const noticeDocumentId = newId();
    const decided = { state: 'DECIDED', decisionId: newId(), noticeDocumentId, serviceTitle: 'Gewerbe anmelden' };
    await one.happens('application.decided', decided);
    await one.happens('application.decided', decided);
    await delivered(subgraph);
    const [thread] = (await mailboxOf(one.applicant)).threads.nodes;
    expect(thread.messages.nodes[0]).toMatchObject({ kind: 'NOTICE', attachments: [{ id: noticeDocumentId }] });
    const available = (await subgraph.published('message.available')).filter(
      ({ payload }) => payload.applicationId === one.applicationId && payload.kind === 'NOTICE',
    );
    expect(available).toHaveLength(1);
    expect(available[0]!.payload).toMatchObject({
      messageId: thread.messages.nodes[0].id,
      noticeDocumentId,
      availableAt: thread.messages.nodes[0].availableAt,
    });
  });

  test('is told when a case was withdrawn or closed', async () => {
    const one = await receivedCase(subgraph);
    await one.happens('application.withdrawn', { state: 'WITHDRAWN' });
    const other = await receivedCase(subgraph, { applicant: one.applicant });
    await other.happens('application.closed', { state: 'CLOSED' });
    await delivered(subgraph);
    const { threads } = await mailboxOf(one.applicant);
    expect(
      threads.nodes.map((thread: { messages: { nodes: { title: string }[] } }) => thread.messages.nodes[0]!.title),
    ).toEqual(['Vorgang abgeschlossen: Gewerbe anmelden', 'Antrag zurückgezogen: Gewerbe anmelden']);
  });

  test('shows a title but neither text nor files while the trust level is too low, on every path', async () => {
    const one = await receivedCase(subgraph);
    await one.happens('application.decided', {
      state: 'DECIDED',
      decisionId: newId(),
      noticeDocumentId: newId(),
      serviceTitle: 'Gewerbe anmelden',
    });
    await delivered(subgraph);
    const low = { ...one.applicant, trustLevel: TrustLevel.LOW };
    const hidden = { title: 'Ihr Bescheid: Gewerbe anmelden', body: null, attachments: [] };
    const [thread] = (await mailboxOf(low)).threads.nodes;
    expect(thread.messages.nodes[0]).toMatchObject(hidden);
    const byId = await subgraph
      .as(low)
      .query(`query ($id: ID!) { message(id: $id) { ${PARTS} } }`, { id: thread.messages.nodes[0].id });
    expect(byId.data.message).toMatchObject(hidden);
    const application = await joined(low, 'Application', one.applicationId);
    expect(application.thread.messages.nodes[0]).toMatchObject(hidden);
    const asked = await joined(serviceOf('identity', low), 'Application', one.applicationId);
    expect(asked.thread.messages.nodes[0]).toMatchObject(hidden);
  });

  test('treats a case without a known trust level as HIGH', async () => {
    const one = await receivedCase(subgraph, { requiredTrustLevel: null });
    const [thread] = (await mailboxOf(one.applicant)).threads.nodes;
    expect(thread.messages.nodes[0]).toMatchObject({ requiredTrustLevel: 'HIGH', body: null });
  });

  describe('lets nobody else in', () => {
    let one: TestCase;
    let threadId: string;
    let messageId: string;
    let deliveryId: string;
    beforeAll(async () => {
      one = await receivedCase(subgraph);
      threadId = await threadOf(subgraph, one.applicationId);
      const [message] = await subgraph.sql<{ id: string }>(`SELECT id FROM messaging.message WHERE thread_id = $1`, [
        threadId,
      ]);
      messageId = message!.id;
      const [delivery] = await subgraph.sql<{ id: string }>(
        `SELECT id FROM messaging.message_delivery WHERE message_id = $1`,
        [messageId],
      );
      deliveryId = delivery!.id;
    });

    const strangers: [string, () => Parameters<TestSubgraph['as']>[0]][] = [
      ['another citizen', () => person()],
      ['staff of another authority', () => staff()],
      [
        'staff of the authority without staff:read',
        () => staff({ authorityId: one.authorityId, scopes: ['shop:order'] }),
      ],
      [
        'an agent whose mandate is for another service',
        () => person({ actingFor: one.applicant.actingFor, services: ['99000000000000'] }),
      ],
      ['a line-of-business system', () => ({ kind: 'machine', name: 'gewerberegister', scopes: ['staff:read'] })],
      ['a subgraph on behalf of another citizen', () => serviceOf('identity', person())],
      ['a subgraph on behalf of staff of another authority', () => serviceOf('identity', staff())],
      ['a subgraph on nobody’s behalf', () => serviceOf('identity')],
    ];

    test.each(strangers)('%s', async (_, make) => {
      const stranger = make();
      for (const [field, id] of [
        ['thread', threadId],
        ['message', messageId],
      ] as const) {
        const seen = await subgraph.as(stranger).query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id });
        const unknown = await subgraph
          .as(stranger)
          .query(`query ($id: ID!) { ${field}(id: $id) { id } }`, { id: newId() });
        expect(seen.data?.[field] ?? null).toBeNull();
        expect(seen.errors).toHaveLength(1);
        const plain = ({ message, extensions }: { message: string; extensions: { code: string } }) => [
          message,
          extensions.code,
        ];
        expect(seen.errors!.map(plain)).toEqual(unknown.errors!.map(plain));
      }
      expect((await joined(stranger, 'Application', one.applicationId))?.thread ?? null).toBeNull();
      expect(await joined(stranger, 'Thread', threadId)).toBeNull();
      expect(await joined(stranger, 'Message', messageId)).toBeNull();
      expect(await joined(stranger, 'MessageDelivery', deliveryId)).toBeNull();
      const account = await joined(stranger, 'Account', one.applicant.actingFor);
      if (stranger.kind !== 'person' || stranger.actingFor !== one.applicant.actingFor) {
        expect(account?.mailbox ?? null).toBeNull();
      } else {
        // the agent may open it, but finds nothing there that the mandate is not for
        const mailbox = await mailboxOf(stranger);
        expect([mailbox.unreadCount, mailbox.threads.nodes]).toEqual([0, []]);
      }
    });

    test('who has not signed in', async () => {
      for (const query of ['{ mailbox { id } }', `{ thread(id: "${threadId}") { id } }`]) {
        const { errors } = await subgraph.as(ANONYMOUS).query(query);
        expect(errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
      }
    });

    test('but the applicant, an agent for the service, and staff of the authority in charge', async () => {
      const agent = person({ actingFor: one.applicant.actingFor, services: [TRADE] });
      for (const who of [one.applicant, agent, staff({ authorityId: one.authorityId })]) {
        expect((await joined(who, 'Application', one.applicationId)).thread.id).toBe(threadId);
        expect(await joined(who, 'Message', messageId)).toMatchObject({ id: messageId });
      }
      const mailbox = await mailboxOf(one.applicant);
      expect(await joined(one.applicant, 'Account', one.applicant.actingFor)).toMatchObject({
        mailbox: { id: mailbox.id },
      });
      expect(await joined(one.applicant, 'Mailbox', mailbox.id)).toMatchObject({ unreadCount: 1 });
      expect(await joined(person(), 'Mailbox', mailbox.id)).toBeNull();
    });

    test('not even to rows, when the code forgets to ask: row-level security is the second wall', async () => {
      const count = async (who: Parameters<TestSubgraph['as']>[0]) =>
        subgraph.running.db.tx(who as ReturnType<typeof person>, async tx => {
          const counts = [];
          for (const table of ['application_case', 'thread', 'message', 'message_delivery', 'account'])
            counts.push(((await tx.query(`SELECT FROM ${table}`)) as unknown[]).length);
          return counts;
        });
      await subgraph.publish('identity', 'account.changed', one.applicant.accountId, {
        accountId: one.applicant.accountId,
        kind: 'PERSON',
        displayName: 'Klara Muster',
        email: null,
      });
      expect(await count(person())).toEqual([0, 0, 0, 0, 0]);
      expect((await count(staff())).slice(0, 3)).toEqual([0, 0, 0]);
      expect(await count({ kind: 'machine', name: 'x', scopes: [] })).toEqual([0, 0, 0, 0, 0]);
      expect(await count(one.applicant)).toEqual([1, 1, 1, 0, 1]);
      expect((await count(staff({ authorityId: one.authorityId }))).slice(0, 3)).toEqual([1, 1, 1]);
    });
  });

  test('moves with the case: after forwarding the old authority sees nothing and the new one everything', async () => {
    const old = await employ(subgraph);
    const next = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: old.authorityId });
    const thread = (who: typeof old) => joined(who, 'Application', one.applicationId).then(found => found.thread);
    const listed = async (who: typeof old) =>
      (
        await subgraph
          .as(who)
          .query(`query ($id: ID!) { authorityThreads(authorityId: $id) { nodes { id } } }`, { id: who.authorityId })
      ).data.authorityThreads.nodes.length;
    expect([await thread(old), await thread(next)]).toEqual([expect.anything(), null]);
    await one.happens('application.forwarded', {
      authorityId: next.authorityId,
      fromAuthorityId: old.authorityId,
      serviceTitle: 'Gewerbe anmelden',
    });
    expect([await thread(old), await thread(next)]).toEqual([null, expect.anything()]);
    expect([await listed(old), await listed(next)]).toEqual([0, 1]);
    expect((await writes(subgraph, old, one.applicationId)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('notes in the access log that staff saw a conversation in a list, and by id', async () => {
    const [max, mara] = [await employ(subgraph), await employ(subgraph)];
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const LIST = `query ($id: ID!) { authorityThreads(authorityId: $id) { nodes { id } } }`;
    const { data } = await subgraph.as(max).query(LIST, { id: max.authorityId });
    const there = await receivedCase(subgraph, { authorityId: mara.authorityId });
    await subgraph
      .as(mara)
      .query(`query ($r: [_Any!]!) { _entities(representations: $r) { ... on Application { thread { subject } } } }`, {
        r: [{ __typename: 'Application', id: there.applicationId }],
      });
    const accesses = (await subgraph.published('data.accessed')).map(({ payload }) => payload);
    expect(accesses.filter(({ staffMemberId }) => staffMemberId === max.staffMemberId)).toMatchObject([
      { accountId: one.applicant.accountId, subjectType: 'Thread', subjectId: data.authorityThreads.nodes[0].id },
    ]);
    expect(accesses.filter(({ staffMemberId }) => staffMemberId === mara.staffMemberId)).toMatchObject([
      { applicationId: there.applicationId, subjectType: 'Thread', purpose: there.reference },
    ]);
  });

  test('notes in the access log that staff read messages, and nothing when the applicant does', async () => {
    const max = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const accesses = async () =>
      (await subgraph.published('data.accessed')).filter(({ payload }) => payload.applicationId === one.applicationId);
    await joined(one.applicant, 'Application', one.applicationId);
    expect(await accesses()).toEqual([]);
    await joined(max, 'Application', one.applicationId);
    expect((await accesses()).map(({ key, payload }) => [key, payload])).toEqual([
      [
        one.applicant.accountId,
        expect.objectContaining({
          accountId: one.applicant.accountId,
          staffMemberId: max.staffMemberId,
          action: 'read',
          purpose: one.reference,
        }),
      ],
    ]);
  });

  test('forgets a draft that was deleted, and offers no thread for a draft', async () => {
    const applicant = person();
    const one = await submittedCase(subgraph, { applicant });
    expect((await joined(applicant, 'Application', one.applicationId)).thread).toBeNull();
    const draftId = newId();
    const draft = { applicationId: draftId, accountId: applicant.accountId, agentAccountId: null, leikaKey: TRADE };
    await subgraph.publish('applications', 'application.draft-created', draftId, {
      ...draft,
      requiredTrustLevel: 'LOW',
    });
    expect((await writes(subgraph, applicant, draftId)).refusal?.code).toBe('INVALID_TRANSITION');
    await subgraph.publish('applications', 'application.draft-deleted', draftId, { applicationId: draftId });
    expect((await writes(subgraph, applicant, draftId)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('costs the same number of statements for two cases and for twenty', async () => {
    const cost = async (cases: number) => {
      const applicant = person();
      for (let i = 0; i < cases; i++) await receivedCase(subgraph, { applicant });
      const { data, statements } = await subgraph.as(applicant).query(
        `{ mailbox { unreadCount threads(first: 20) { nodes {
             id unreadCount lastMessageAt possibleActions application { id }
             messages(first: 3) { nodes { ${PARTS} thread { id } } } } } } }`,
      );
      expect(data.mailbox.threads.nodes).toHaveLength(cases);
      expect(
        data.mailbox.threads.nodes.every((one: { messages: { nodes: unknown[] } }) => one.messages.nodes.length === 1),
      ).toBe(true);
      return statements;
    };
    expect(await cost(20)).toBe(await cost(2));
  });

  test('pages from newest to oldest without a gap or a double, and refuses foreign cursors', async () => {
    const applicant = person();
    const cases: TestCase[] = [];
    for (let i = 0; i < 5; i++) cases.push(await receivedCase(subgraph, { applicant }));
    const PAGE = `query ($after: String) { mailbox { threads(first: 2, after: $after) {
      nodes { application { id } } pageInfo { hasNextPage endCursor } } } }`;
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Answer<{ mailbox: { threads: ThreadPage } }> = await subgraph.as(applicant).query(PAGE, { after });
      const { nodes, pageInfo } = page.data.mailbox.threads;
      found.push(...nodes.map(node => node.application.id));
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    expect(found).toEqual(cases.map(({ applicationId }) => applicationId).reverse());
    const { errors } = await subgraph.as(applicant).query(PAGE, { after: 'forged' });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'after' });
  });
});
