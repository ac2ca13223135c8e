/** Threads through the graph: what is unread on which side, and the list of an authority. */
import { newId } from '../../../kernel/ids';
import type { Page } from '../../../kernel/page';
import type { Person, Staff } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { type Answer, person, type TestSubgraph } from '../../../tests/setup/subgraph';
import { delivered, employ, receivedCase, startMessaging, type TestCase, threadOf, writes } from '../testing/cases';

describe('threads', () => {
  let subgraph: TestSubgraph;
  let max: Staff;
  let one: TestCase;
  let threadId: string;
  beforeAll(async () => {
    subgraph = await startMessaging();
  });
  afterAll(() => subgraph.stop());
  beforeEach(async () => {
    max = await employ(subgraph);
    one = await receivedCase(subgraph, { authorityId: max.authorityId });
    threadId = await threadOf(subgraph, one.applicationId);
  });

  const stateOf = async (who: Person | Staff) =>
    (
      await subgraph
        .as(who)
        .query(
          `query ($id: ID!) { thread(id: $id) { unreadCount lastMessageAt possibleActions messages { nodes { id readAt senderKind sentAt availableAt } } } }`,
          { id: threadId },
        )
    ).data.thread;
  const read = (who: Person | Staff, upToMessageId: string, thread = threadId) =>
    subgraph
      .as(who)
      .query(
        `mutation ($input: MarkThreadReadInput!) { markThreadRead(input: $input) { thread { id unreadCount } refusal { code } } }`,
        { input: { threadId: thread, upToMessageId } },
      );

  test('count what is unread for each side on its own', async () => {
    expect([(await stateOf(one.applicant)).unreadCount, (await stateOf(max)).unreadCount]).toEqual([1, 0]);
    await writes(subgraph, one.applicant, one.applicationId);
    await writes(subgraph, max, one.applicationId);
    await writes(subgraph, max, one.applicationId);
    await delivered(subgraph);
    expect([(await stateOf(one.applicant)).unreadCount, (await stateOf(max)).unreadCount]).toEqual([3, 1]);
  });

  test('are read up to a message, once, and only by the other side than the writer’s', async () => {
    const question = (await writes(subgraph, one.applicant, one.applicationId)).message!.id;
    const answer = (await writes(subgraph, max, one.applicationId)).message!.id;
    await delivered(subgraph);
    const later = (await writes(subgraph, max, one.applicationId)).message!.id;
    await delivered(subgraph);

    expect((await read(one.applicant, answer)).data.markThreadRead).toEqual({
      thread: { id: threadId, unreadCount: 1 },
      refusal: null,
    });
    const { messages } = await stateOf(one.applicant);
    const readAt = Object.fromEntries(
      messages.nodes.map((node: { id: string; readAt: string }) => [node.id, node.readAt]),
    );
    expect(readAt).toMatchObject({ [answer]: expect.any(String), [later]: null, [question]: null });

    await read(one.applicant, answer);
    await read(one.applicant, later);
    expect((await stateOf(one.applicant)).unreadCount).toBe(0);
    expect((await stateOf(max)).unreadCount).toBe(1);
    await read(max, later);
    expect((await stateOf(max)).unreadCount).toBe(0);

    const events = (await subgraph.published('message.read')).filter(
      ({ payload }) => payload.applicationId === one.applicationId,
    );
    expect(events).toHaveLength(4);
    const toAnswer = events.find(({ payload }) => payload.messageId === answer);
    expect(toAnswer).toMatchObject({ key: one.applicationId, payload: { readAt: readAt[answer], threadId } });
  });

  test('stay unread where the trust level hides what they say', async () => {
    const [receipt] = (await stateOf(one.applicant)).messages.nodes;
    const low = { ...one.applicant, trustLevel: TrustLevel.LOW };
    expect((await read(low, receipt.id)).data.markThreadRead.thread.unreadCount).toBe(1);
    expect((await read(one.applicant, receipt.id)).data.markThreadRead.thread.unreadCount).toBe(0);
  });

  test('are marked by those only who may write in them', async () => {
    const [{ id }] = (await stateOf(one.applicant)).messages.nodes;
    const codeOf = async (who: Person | Staff, message = id, thread = threadId) =>
      (await read(who, message, thread)).errors?.[0]?.extensions.code;
    expect(await codeOf(person())).toBe('NOT_FOUND');
    expect(await codeOf(await employ(subgraph))).toBe('NOT_FOUND');
    expect(await codeOf({ ...one.applicant, readOnly: true })).toBe('FORBIDDEN');
    expect(await codeOf({ ...max, scopes: ['staff:read'] })).toBe('FORBIDDEN');
    expect(await codeOf(one.applicant, newId())).toBe('NOT_FOUND');
    expect(await codeOf(one.applicant, id, newId())).toBe('NOT_FOUND');
    const other = await receivedCase(subgraph, { applicant: one.applicant });
    expect(await codeOf(one.applicant, id, await threadOf(subgraph, other.applicationId))).toBe('NOT_FOUND');
    expect((await stateOf(one.applicant)).unreadCount).toBe(1);
  });

  test('say what may be done with them', async () => {
    const both = ['sendMessage', 'markThreadRead'];
    expect((await stateOf(one.applicant)).possibleActions).toEqual(both);
    expect((await stateOf(max)).possibleActions).toEqual(both);
    expect((await stateOf({ ...one.applicant, readOnly: true })).possibleActions).toEqual([]);
    expect((await stateOf({ ...max, scopes: ['staff:read'] })).possibleActions).toEqual([]);
  });

  test('hide from the applicant what is not yet available, and show it to staff', async () => {
    const { message } = await writes(subgraph, max, one.applicationId);
    await delivered(subgraph);
    await subgraph.sql(`UPDATE messaging.message SET available_at = NULL WHERE id = $1`, [message!.id]);
    const seen = async (who: Person | Staff) =>
      (await stateOf(who)).messages.nodes.map(({ id }: { id: string }) => id).includes(message!.id);
    expect([await seen(one.applicant), await seen(max)]).toEqual([false, true]);
    const { errors } = await subgraph
      .as(one.applicant)
      .query(`query ($id: ID!) { message(id: $id) { id } }`, { id: message!.id });
    expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await read(one.applicant, message!.id)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await stateOf(one.applicant)).unreadCount).toBe(1);
  });

  test('page through their messages from newest to oldest', async () => {
    const sent: string[] = [];
    for (let i = 0; i < 4; i++) sent.push((await writes(subgraph, one.applicant, one.applicationId)).message!.id);
    const PAGE = `query ($id: ID!, $after: String) { thread(id: $id) { messages(first: 2, after: $after) {
      nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor } } } }`;
    const found: string[] = [];
    for (let after: string | null = null; ; ) {
      const page: Answer<{ thread: { messages: Page<{ id: string }> } }> = await subgraph
        .as(max)
        .query(PAGE, { id: threadId, after });
      const { messages } = page.data.thread;
      found.push(...messages.nodes.map(({ id }) => id));
      expect(messages.edges.at(-1)!.cursor).toBe(messages.pageInfo.endCursor);
      if (!messages.pageInfo.hasNextPage) break;
      after = messages.pageInfo.endCursor;
    }
    expect(found.slice(0, 4)).toEqual(sent.reverse());
    expect(found).toHaveLength(5);
    for (const [after, first] of [
      ['forged', 2],
      [null, 0],
      [null, 101],
    ] as const) {
      const { errors } = await subgraph
        .as(max)
        .query(
          `query ($id: ID!, $after: String, $first: Int) { thread(id: $id) { messages(first: $first, after: $after) { nodes { id } } } }`,
          {
            id: threadId,
            after,
            first,
          },
        );
      expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT');
    }
  });

  describe('of an authority', () => {
    const LIST = `query ($id: ID!, $awaiting: Boolean, $first: Int, $after: String) {
      authorityThreads(authorityId: $id, awaitingReply: $awaiting, first: $first, after: $after) {
        nodes { id subject lastMessageAt unreadCount possibleActions application { id } messages(first: 2) { nodes { id title body deliveries { id attempts { number } } } } }
        pageInfo { hasNextPage endCursor }
      }
    }`;
    const list = (who: Staff, more: object = {}) => subgraph.as(who).query(LIST, { id: who.authorityId, ...more });
    const idsOf = async (who: Staff, more: object = {}) =>
      (await list(who, more)).data.authorityThreads.nodes.map(
        (node: { application: { id: string } }) => node.application.id,
      );

    test('come newest message first, or only those where the applicant waits for a reply', async () => {
      const other = await receivedCase(subgraph, { authorityId: max.authorityId });
      expect(await idsOf(max)).toEqual([other.applicationId, one.applicationId]);
      await writes(subgraph, one.applicant, one.applicationId);
      expect(await idsOf(max)).toEqual([one.applicationId, other.applicationId]);
      expect(await idsOf(max, { awaiting: true })).toEqual([one.applicationId]);
      await writes(subgraph, max, one.applicationId);
      expect(await idsOf(max, { awaiting: true })).toEqual([]);
    });

    test('are for its own staff only', async () => {
      const stranger = await employ(subgraph);
      const foreign = await subgraph.as(stranger).query(LIST, { id: max.authorityId });
      expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
      const citizen = await subgraph.as(one.applicant).query(LIST, { id: max.authorityId });
      expect(citizen.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });

    test('cost the same number of statements for two as for twenty', async () => {
      const cost = async (cases: number) => {
        const who = await employ(subgraph);
        for (let i = 0; i < cases; i++) await receivedCase(subgraph, { authorityId: who.authorityId });
        const { data, statements } = await list(who);
        expect(data.authorityThreads.nodes).toHaveLength(cases);
        expect(data.authorityThreads.nodes.at(-1).messages.nodes[0].deliveries[0].attempts).toHaveLength(1);
        return statements;
      };
      expect(await cost(20)).toBe(await cost(2));
    });
  });
});
