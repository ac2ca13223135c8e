/** Live streams: each asker hears of what is theirs, from a cursor without a gap, until the right ends. */
import { newId } from '../../../kernel/ids';
import type { Person, Staff } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { person, staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import {
  arrives,
  delivered,
  employ,
  receivedCase,
  startMessaging,
  submittedCase,
  TRADE,
  threadOf,
  writes,
} from '../testing/cases';
import { startMailServer } from '../testing/smtp';

const MESSAGE = `message { id kind title body attachments { id } thread { id } }`;
const MAILBOX = `subscription ($after: String) { mailboxChanged(after: $after) { cursor occurredAt kind ${MESSAGE} } }`;
const AUTHORITY = `subscription ($id: ID!, $applicationId: ID, $after: String) {
  authorityThreadsChanged(authorityId: $id, applicationId: $applicationId, after: $after) { cursor kind ${MESSAGE} delivery { id state } } }`;
const DEAD = `subscription ($after: String) { undeliverableMessagesChanged(after: $after) {
  cursor kind message { id } delivery { id state channel authority { id } possibleActions } } }`;

describe('live streams', () => {
  let subgraph: TestSubgraph;
  let after: string;
  beforeAll(async () => {
    subgraph = await startMessaging();
    after = await start(person());
  });
  afterAll(() => subgraph.stop());

  /** The beginning of the stream, so that nothing depends on when a subscription is ready. */
  const start = async (who: Person): Promise<string> => {
    // an event of one's own gives a cursor: everything after it is replayed
    const stream = subgraph.as(who).subscribe(MAILBOX);
    const pending = stream.next();
    for (;;) {
      await receivedCase(subgraph, { applicant: who });
      const heard = await Promise.race([pending, new Promise<null>(done => setTimeout(() => done(null), 50))]);
      if (!heard) continue;
      stream.close();
      return heard.data.mailboxChanged.cursor;
    }
  };
  /** Listens from a cursor until `count` events have come. */
  const hear = async (who: Person | Staff, query: string, variables: Record<string, unknown>, count: number) => {
    const stream = subgraph.as(who).subscribe(query, variables);
    const heard: Record<string, unknown>[] = [];
    try {
      while (heard.length < count) heard.push(Object.values((await stream.next()).data)[0] as Record<string, unknown>);
    } finally {
      stream.close();
    }
    return heard as {
      cursor: string;
      kind: string;
      message: { id: string; body: string | null; kind: string } | null;
      delivery?: object | null;
    }[];
  };
  /** The code with which a stream is refused before it begins. */
  const refusal = async (who: Person | Staff, query: string, variables: Record<string, unknown> = {}) => {
    const stream = subgraph.as(who).subscribe(query, variables);
    try {
      return (await stream.next()).errors?.[0]?.extensions.code;
    } finally {
      stream.close();
    }
  };
  /** Resolves when the stream has ended for want of a right; to be called before what ends it. */
  const ends = (next: Promise<unknown>) => expect(next).rejects.toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);

  test('tell the applicant what becomes available, what their side wrote, and what was read', async () => {
    const max = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    const question = (await writes(subgraph, one.applicant, one.applicationId)).message!.id;
    const answer = (await writes(subgraph, max, one.applicationId)).message!.id;
    await delivered(subgraph);
    const threadId = await threadOf(subgraph, one.applicationId);
    for (const who of [max, one.applicant]) {
      await subgraph
        .as(who)
        .query(`mutation ($input: MarkThreadReadInput!) { markThreadRead(input: $input) { thread { id } } }`, {
          input: { threadId, upToMessageId: answer },
        });
    }
    const heard = await hear(one.applicant, MAILBOX, { after }, 6);
    expect(heard.map(({ kind, message }) => [kind, message?.kind])).toEqual([
      ['AVAILABLE', 'RECEIPT'],
      ['SENT', 'CONVERSATION'],
      ['AVAILABLE', 'CONVERSATION'],
      ['READ', 'CONVERSATION'],
      ['READ', 'RECEIPT'],
      ['READ', 'CONVERSATION'],
    ]);
    expect([1, 2, 3].map(i => heard[i]!.message!.id)).toEqual([question, answer, question]);
    // the authority hears of the sending too, before the applicant can read it
    const desk = await hear(max, AUTHORITY, { id: max.authorityId, after }, 5);
    expect(desk.map(({ kind }) => kind)).toEqual(['SENT', 'AVAILABLE', 'SENT', 'SENT', 'AVAILABLE']);
  });

  test('go on from a cursor without a gap or a double', async () => {
    const klara = person();
    for (let i = 0; i < 3; i++) await receivedCase(subgraph, { applicant: klara });
    const all = await hear(klara, MAILBOX, { after }, 3);
    const rest = await hear(klara, MAILBOX, { after: all[0]!.cursor }, 2);
    expect(rest).toEqual(all.slice(1));
    const stream = subgraph.as(klara).subscribe(MAILBOX, { after: all[2]!.cursor });
    const next = stream.next();
    const one = await receivedCase(subgraph, { applicant: klara });
    const { data } = await next;
    expect(data.mailboxChanged.message.thread.id).toBe(await threadOf(subgraph, one.applicationId));
    stream.close();
    const forged = subgraph.as(klara).subscribe(MAILBOX, { after: 'forged' });
    await expect(forged.next()).rejects.toMatchObject([{ extensions: { code: 'BAD_INPUT', field: 'after' } }]);
    forged.close();
  });

  test('tell nobody of the cases of others, nor an agent of services the mandate is not for', async () => {
    const klara = person();
    const other = await receivedCase(subgraph, { leikaKey: '99000000000000', applicant: klara });
    const mine = await receivedCase(subgraph, { applicant: klara });
    const agent = person({ actingFor: klara.accountId, services: [TRADE] });
    await subgraph.publish('identity', 'mandate.changed', klara.accountId, {
      mandateId: newId(),
      principalAccountId: klara.accountId,
      agentAccountId: agent.accountId,
      leikaKeys: [TRADE],
      validFrom: '2026-01-01T00:00:00.000Z',
      validTo: null,
    });
    const [first] = await hear(agent, MAILBOX, { after }, 1);
    expect(first!.message).toMatchObject({ thread: { id: await threadOf(subgraph, mine.applicationId) } });
    const [both] = await hear(klara, MAILBOX, { after }, 1);
    expect(both!.message).toMatchObject({ thread: { id: await threadOf(subgraph, other.applicationId) } });
    const jonas = person();
    await receivedCase(subgraph, { applicant: jonas });
    expect(await hear(jonas, MAILBOX, { after }, 1)).toHaveLength(1);
  });

  test('hide text and files from an applicant whose trust level is too low', async () => {
    const one = await receivedCase(subgraph);
    const [heard] = await hear({ ...one.applicant, trustLevel: TrustLevel.LOW }, MAILBOX, { after }, 1);
    expect(heard!.message).toMatchObject({
      title: 'Eingangsbestätigung: Gewerbe anmelden',
      body: null,
      attachments: [],
    });
  });

  test('show a field that is for staff as null with an error, event after event', async () => {
    const klara = person();
    for (let i = 0; i < 2; i++) await receivedCase(subgraph, { applicant: klara });
    const stream = subgraph
      .as(klara)
      .subscribe(`subscription ($after: String) { mailboxChanged(after: $after) { kind delivery { id } } }`, { after });
    for (let i = 0; i < 2; i++) {
      const { data, errors } = await stream.next();
      expect(data.mailboxChanged).toEqual({ kind: 'AVAILABLE', delivery: null });
      expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    }
    stream.close();
  });

  test('end for an agent when the mandate ends', async () => {
    const klara = person();
    const agent = person({ actingFor: klara.accountId });
    const mandateId = newId();
    const mandate = (validTo: string | null) =>
      subgraph.publish('identity', 'mandate.changed', klara.accountId, {
        mandateId,
        principalAccountId: klara.accountId,
        agentAccountId: agent.accountId,
        leikaKeys: [],
        validFrom: '2026-01-01T00:00:00.000Z',
        validTo,
      });
    await mandate(null);
    await receivedCase(subgraph, { applicant: klara });
    // who may only read an organisation's mailbox has no mandate, and none that could end
    const reader = person({ actingFor: klara.accountId, readOnly: true });
    expect(await hear(reader, MAILBOX, { after }, 1)).toHaveLength(1);
    const stream = subgraph.as(agent).subscribe(MAILBOX, { after });
    expect((await stream.next()).data.mailboxChanged.kind).toBe('AVAILABLE');
    await mandate('2026-06-01T00:00:00.000Z');
    const end = ends(stream.next());
    await receivedCase(subgraph, { applicant: klara });
    await end;
    stream.close();
  });

  test('tell staff of their authority’s cases, of one case if they like, and note that they read', async () => {
    const max = await employ(subgraph);
    const first = await receivedCase(subgraph, { authorityId: max.authorityId });
    await receivedCase(subgraph);
    const second = await receivedCase(subgraph, { authorityId: max.authorityId });
    const desk = await hear(max, AUTHORITY, { id: max.authorityId, after }, 4);
    const [a, b] = [await threadOf(subgraph, first.applicationId), await threadOf(subgraph, second.applicationId)];
    expect(desk.map(({ message }) => (message as { thread?: { id: string } } | null)?.thread?.id)).toEqual([
      a,
      a,
      b,
      b,
    ]);
    const one = await hear(max, AUTHORITY, { id: max.authorityId, applicationId: second.applicationId, after }, 2);
    expect(one).toEqual(desk.slice(2));
    const accesses = (await subgraph.published('data.accessed')).filter(
      ({ payload }) => payload.applicationId === second.applicationId && payload.staffMemberId === max.staffMemberId,
    );
    expect(accesses.length).toBeGreaterThan(0);
  });

  test('tell an authority nothing more of a case it has forwarded, and never of another authority', async () => {
    const max = await employ(subgraph);
    const nora = await employ(subgraph);
    const one = await receivedCase(subgraph, { authorityId: max.authorityId });
    await one.happens('application.forwarded', {
      authorityId: nora.authorityId,
      fromAuthorityId: max.authorityId,
      serviceTitle: 'Gewerbe anmelden',
    });
    await writes(subgraph, one.applicant, one.applicationId);
    const later = await receivedCase(subgraph, { authorityId: max.authorityId });
    const [heard] = await hear(max, AUTHORITY, { id: max.authorityId, after }, 1);
    expect(heard!.message).toMatchObject({ thread: { id: await threadOf(subgraph, later.applicationId) } });
    expect(await refusal(nora, AUTHORITY, { id: max.authorityId })).toBe('NOT_FOUND');
    expect(await refusal(person(), AUTHORITY, { id: max.authorityId })).toBe('FORBIDDEN');
    expect(await refusal(staff(), MAILBOX)).toBe('NOT_FOUND');
  });

  test('end for staff who have left, at the next event', async () => {
    const max = await employ(subgraph);
    const one = await submittedCase(subgraph, { authorityId: max.authorityId });
    const stream = subgraph.as(max).subscribe(AUTHORITY, { id: max.authorityId, after });
    const end = ends(stream.next());
    await subgraph.publish('identity', 'staff.changed', max.staffMemberId, { ...max, active: false });
    await arrives(subgraph, one);
    await end;
    stream.close();
  });

  test('tell operators and the authority, but never the applicant, what could not be delivered', async () => {
    const mail = await startMailServer();
    mail.refuse(550);
    try {
      const operator = await employ(subgraph, { scopes: ['ops:deliveries'] });
      const max = await employ(subgraph);
      const applicant = person();
      await subgraph.sql(
        `INSERT INTO messaging.notification_preferences VALUES ($1, 1, 'klara@post.example', true, '{RECEIPT}', 'de')`,
        [applicant.accountId],
      );
      await receivedCase(subgraph, { applicant, authorityId: max.authorityId });
      const [dead] = await hear(operator, DEAD, { after }, 1);
      expect(dead).toMatchObject({
        kind: 'UNDELIVERABLE',
        message: null,
        delivery: {
          state: 'UNDELIVERABLE',
          channel: 'EMAIL',
          authority: { id: max.authorityId },
          possibleActions: ['retryMessageDelivery', 'abandonMessageDelivery'],
        },
      });
      const desk = await hear(max, AUTHORITY, { id: max.authorityId, after }, 3);
      expect(desk[2]).toMatchObject({
        kind: 'UNDELIVERABLE',
        message: { kind: 'RECEIPT' },
        delivery: { state: 'UNDELIVERABLE' },
      });
      await receivedCase(subgraph, { applicant });
      expect((await hear(applicant, MAILBOX, { after }, 2)).map(({ kind }) => kind)).toEqual([
        'AVAILABLE',
        'AVAILABLE',
      ]);
      expect(await refusal(max, DEAD)).toBe('FORBIDDEN');
    } finally {
      await mail.stop();
    }
  });
});
