/** Deliveries: retries, dead letters, what operators do about them, and what survives a crash. */
import { newId } from '../../../kernel/ids';
import type { Person, Staff } from '../../../kernel/principal';
import { person, type TestSubgraph } from '../../../tests/setup/subgraph';
import { delivered, employ, receivedCase, startMessaging, type TestCase, until, writes } from '../testing/cases';
import { startMailServer, type TestMailServer } from '../testing/smtp';
import { ATTEMPTS_A_ROUND } from './delivery.queue';

const LIST = `query ($authorityId: ID, $first: Int, $after: String) {
  undeliverableMessages(authorityId: $authorityId, first: $first, after: $after) {
    totalCount nodes { id version channel state authority { id } message { id } attempts { number startedAt endedAt succeeded detail } nextAttemptAt possibleActions }
    pageInfo { hasNextPage endCursor }
  }
}`;
const RETRY = `mutation ($input: RetryMessageDeliveryInput!) { retryMessageDelivery(input: $input) {
  messageDelivery { id version state nextAttemptAt possibleActions } refusal { code allowedActions } } }`;
const ABANDON = `mutation ($input: AbandonMessageDeliveryInput!) { abandonMessageDelivery(input: $input) {
  messageDelivery { id version state possibleActions } refusal { code allowedActions problems { path code } } } }`;

interface Row {
  id: string;
  version: number;
  state: string;
  attempts: number;
}

describe('deliveries', () => {
  let subgraph: TestSubgraph;
  let mail: TestMailServer;
  let operator: Staff;
  beforeAll(async () => {
    mail = await startMailServer();
    subgraph = await startMessaging();
    operator = await employ(subgraph, { scopes: ['ops:deliveries'] });
  });
  afterAll(async () => {
    await subgraph.stop();
    await mail.stop();
  });
  beforeEach(() => mail.refuse(null));

  /** An account that is told by e-mail. */
  const reachable = async (address = `${newId()}@post.example`): Promise<{ applicant: Person; address: string }> => {
    const applicant = person();
    await subgraph.sql(
      `INSERT INTO messaging.notification_preferences VALUES ($1, 1, $2, true, '{RECEIPT,NOTICE,CONVERSATION}', 'de')`,
      [applicant.accountId, address],
    );
    return { applicant, address };
  };
  const deliveriesOf = (one: TestCase, channel = 'EMAIL'): Promise<Row[]> =>
    subgraph.sql<Row>(`SELECT * FROM messaging.message_delivery WHERE application_id = $1 AND channel = $2`, [
      one.applicationId,
      channel,
    ]);
  /** A case whose e-mail was refused for good. */
  const refused = async (given: { authorityId?: string } = {}) => {
    mail.refuse(550);
    const one = await receivedCase(subgraph, { ...(await reachable()), ...given });
    mail.refuse(null);
    const [delivery] = await deliveriesOf(one);
    expect(delivery!.state).toBe('UNDELIVERABLE');
    return { one, delivery: delivery! };
  };
  const makeDue = (id: string) =>
    subgraph.sql(`UPDATE messaging.message_delivery SET next_attempt_at = now() WHERE id = $1`, [id]);

  test('announce a message by e-mail once it can be read, under an id that stays the same', async () => {
    const { applicant, address } = await reachable();
    const one = await receivedCase(subgraph, { applicant });
    const [delivery] = await deliveriesOf(one);
    expect(delivery).toMatchObject({ state: 'DELIVERED', attempts: 1 });
    expect((await mail.mailTo(address)).id).toBe(`<${delivery!.id}@platform.example>`);
    expect(mail.mails.filter(({ to }) => to === address)).toHaveLength(1);
  });

  test('are not made for kinds the account does not want to hear of, nor for an address nobody confirmed', async () => {
    const max = await employ(subgraph);
    const { applicant } = await reachable();
    const one = await receivedCase(subgraph, { applicant, authorityId: max.authorityId });
    await one.happens('application.closed', { state: 'CLOSED' });
    await delivered(subgraph);
    expect(await deliveriesOf(one)).toHaveLength(1);
    const other = await reachable();
    await subgraph.sql(`UPDATE messaging.notification_preferences SET email_confirmed = false WHERE id = $1`, [
      other.applicant.accountId,
    ]);
    expect(await deliveriesOf(await receivedCase(subgraph, { applicant: other.applicant }))).toEqual([]);
  });

  test('§ 9 OZG: a notice is announced whatever the account has chosen, and without a confirmed address to that of the sign-in', async () => {
    const decide = async (one: TestCase) => {
      await one.happens('application.decided', {
        state: 'DECIDED',
        decisionId: newId(),
        noticeDocumentId: newId(),
        serviceTitle: 'Gewerbe anmelden',
      });
      await delivered(subgraph);
    };
    // chosen before this was refused
    const chosen = await reachable();
    await subgraph.sql(`UPDATE messaging.notification_preferences SET email_for = '{}' WHERE id = $1`, [
      chosen.applicant.accountId,
    ]);
    const one = await receivedCase(subgraph, { applicant: chosen.applicant });
    expect(await deliveriesOf(one)).toHaveLength(0);
    await decide(one);
    expect(await deliveriesOf(one)).toMatchObject([{ state: 'DELIVERED' }]);
    await mail.mailTo(chosen.address);

    // the address was taken away, or a new one is not confirmed yet
    for (const change of ['email = NULL, email_confirmed = false', 'email_confirmed = false']) {
      const { applicant } = await reachable();
      const signIn = `${newId()}@post.example`;
      await subgraph.publish('identity', 'account.changed', applicant.accountId, {
        accountId: applicant.accountId,
        kind: 'PERSON',
        displayName: 'Klara Muster',
        email: signIn,
      });
      await subgraph.sql(`UPDATE messaging.notification_preferences SET ${change} WHERE id = $1`, [
        applicant.accountId,
      ]);
      const other = await receivedCase(subgraph, { applicant });
      await decide(other);
      expect(await deliveriesOf(other)).toMatchObject([{ state: 'DELIVERED' }]);
      await mail.mailTo(signIn);
      expect(mail.mails.filter(({ to }) => to === signIn)).toHaveLength(1);
    }
  });

  test('§ 9 OZG: a notice is announced to the last confirmed address until a new one is confirmed, and the last way stays', async () => {
    const applicant = person();
    const [old, fresh] = [`${newId()}@post.example`, `${newId()}@post.example`];
    const mutate = async (name: string, input: object) => {
      const field = name[0]!.toLowerCase() + name.slice(1);
      const { data } = await subgraph.as(applicant).query(
        `mutation ($input: ${name}Input!) { ${field}(input: $input) { notificationPreferences { email emailConfirmed }
             refusal { code problems { path code } } } }`,
        { input },
      );
      return data[field];
    };
    const change = (expectedVersion: number, email: string | null) =>
      mutate('ChangeNotificationPreferences', { expectedVersion, email });
    const confirm = async (email: string) =>
      mutate('ConfirmNotificationEmail', { code: /[0-9A-Z]{8}/.exec((await mail.mailTo(email)).text)![0] });
    const noticed = async () => {
      const one = await receivedCase(subgraph, { applicant });
      await one.happens('application.decided', {
        state: 'DECIDED',
        decisionId: newId(),
        noticeDocumentId: newId(),
        serviceTitle: 'Gewerbe anmelden',
      });
      await delivered(subgraph);
      const [{ id }] = (await subgraph.sql<{ id: string }>(
        `SELECT message_delivery.id FROM messaging.message_delivery JOIN messaging.message ON message.id = message_id
         WHERE message_delivery.application_id = $1 AND channel = 'EMAIL' AND kind = 'NOTICE'`,
        [one.applicationId],
      )) as [{ id: string }];
      return mail.mails.filter(sent => sent.id === `<${id}@platform.example>`).map(({ to }) => to);
    };
    await change(1, old);
    expect((await confirm(old)).refusal).toBeNull(); // version 3
    expect((await change(3, fresh)).notificationPreferences).toEqual({ email: fresh, emailConfirmed: false });
    expect(await noticed()).toEqual([old]);
    // no address of the sign-in is known, so this would leave none
    expect((await change(4, null)).refusal).toMatchObject({
      code: 'VALIDATION_FAILED',
      problems: [{ path: '/email', code: 'LAST_ADDRESS' }],
    });
    expect((await confirm(fresh)).refusal).toBeNull(); // version 5
    expect(await noticed()).toEqual([fresh]);
    expect((await change(5, null)).refusal?.problems).toMatchObject([{ code: 'LAST_ADDRESS' }]);
    const signIn = `${newId()}@post.example`;
    await subgraph.publish('identity', 'account.changed', applicant.accountId, {
      accountId: applicant.accountId,
      kind: 'PERSON',
      displayName: 'Klara Muster',
      email: signIn,
    });
    expect((await change(5, null)).refusal).toBeNull();
    expect(await noticed()).toEqual([signIn]);
  });

  test('try again after a failure until the server takes it', async () => {
    mail.refuse(450);
    const { applicant, address } = await reachable();
    const one = await receivedCase(subgraph, { applicant });
    const [waiting] = await deliveriesOf(one);
    expect(waiting!.state).toBe('RETRYING');
    mail.refuse(null);
    await makeDue(waiting!.id);
    await mail.mailTo(address);
    await delivered(subgraph);
    const attempts = await subgraph.sql(
      `SELECT number, succeeded, detail, ended_at IS NOT NULL AS ended FROM messaging.delivery_attempt WHERE delivery_id = $1 ORDER BY number`,
      [waiting!.id],
    );
    expect(attempts[0]).toEqual({ number: 1, succeeded: false, detail: 'EENVELOPE 450', ended: true });
    expect(attempts.at(-1)).toEqual({ number: attempts.length, succeeded: true, detail: '250', ended: true });
    expect((await deliveriesOf(one))[0]!.state).toBe('DELIVERED');
  });

  test('ask for an operator after the last attempt of a round', async () => {
    mail.refuse(450);
    const one = await receivedCase(subgraph, await reachable());
    const [delivery] = await deliveriesOf(one);
    await subgraph.sql(`UPDATE messaging.message_delivery SET attempts = $2, next_attempt_at = now() WHERE id = $1`, [
      delivery!.id,
      ATTEMPTS_A_ROUND - 1,
    ]);
    await until(async () => (await deliveriesOf(one))[0]!.state === 'UNDELIVERABLE', 'the last attempt');
    const events = (await subgraph.published('message.undeliverable')).filter(({ key }) => key === one.applicationId);
    expect(events.map(({ payload }) => payload.deliveryId)).toEqual([delivery!.id]);
  });

  test('are dropped when the account no longer wants them this way', async () => {
    mail.refuse(450);
    const { applicant, address } = await reachable();
    const one = await receivedCase(subgraph, { applicant });
    const [delivery] = await deliveriesOf(one);
    await subgraph.sql(`UPDATE messaging.notification_preferences SET email_for = '{}' WHERE id = $1`, [
      applicant.accountId,
    ]);
    mail.refuse(null);
    await makeDue(delivery!.id);
    await until(async () => (await deliveriesOf(one)).length === 0, 'the delivery is dropped');
    expect(mail.mails.filter(({ to }) => to === address)).toEqual([]);
  });

  test('survive a crash: an attempt that never ended is taken over, and the message becomes available once', async () => {
    const one = await receivedCase(subgraph);
    const [mailbox] = await deliveriesOf(one, 'MAILBOX');
    await subgraph.sql(
      `WITH undone AS (UPDATE messaging.message SET available_at = NULL WHERE id =
         (SELECT message_id FROM messaging.message_delivery WHERE id = $1)),
       begun AS (UPDATE messaging.delivery_attempt SET ended_at = NULL, succeeded = false WHERE delivery_id = $1)
       UPDATE messaging.message_delivery SET state = 'SENDING', next_attempt_at = now() WHERE id = $1`,
      [mailbox!.id],
    );
    await until(async () => (await deliveriesOf(one, 'MAILBOX'))[0]!.state === 'DELIVERED', 'somebody takes it over');
    const attempts = await subgraph.sql(
      `SELECT number, succeeded, detail FROM messaging.delivery_attempt WHERE delivery_id = $1 ORDER BY number`,
      [mailbox!.id],
    );
    expect(attempts).toEqual([
      { number: 1, succeeded: false, detail: 'interrupted' },
      { number: 2, succeeded: true, detail: null },
    ]);
    const [message] = await subgraph.sql<{ available_at: Date | null }>(
      `SELECT available_at FROM messaging.message JOIN messaging.message_delivery ON message_id = message.id WHERE message_delivery.id = $1`,
      [mailbox!.id],
    );
    const moment = message!.available_at;
    expect(moment).not.toBeNull();
    // a second acknowledgement, as after a lease that ran out, moves nothing
    await subgraph.sql(
      `UPDATE messaging.message_delivery SET state = 'SENDING', next_attempt_at = now() WHERE id = $1`,
      [mailbox!.id],
    );
    await until(async () => (await deliveriesOf(one, 'MAILBOX'))[0]!.state === 'DELIVERED', 'it is acknowledged again');
    const available = (await subgraph.published('message.available')).filter(({ key }) => key === one.applicationId);
    expect(available.at(-1)!.payload.availableAt).toBe(moment!.toISOString());
    expect(available).toHaveLength(2); // the one before the test took it back, and one after
  });

  describe('that failed for good', () => {
    test('are listed for operators, who see no message, and counted', async () => {
      const max = await employ(subgraph);
      const { one, delivery } = await refused({ authorityId: max.authorityId });
      await refused();
      const { data } = await subgraph.as(operator).query(LIST, { authorityId: max.authorityId });
      expect(data.undeliverableMessages).toMatchObject({
        totalCount: 1,
        nodes: [
          {
            id: delivery.id,
            channel: 'EMAIL',
            state: 'UNDELIVERABLE',
            authority: { id: one.authorityId },
            message: null,
            attempts: [{ number: 1, succeeded: false, detail: 'EENVELOPE 550', endedAt: expect.any(String) }],
            nextAttemptAt: null,
            possibleActions: ['retryMessageDelivery', 'abandonMessageDelivery'],
          },
        ],
      });
      const all = await subgraph.as(operator).query(LIST);
      expect(all.data.undeliverableMessages.totalCount).toBeGreaterThanOrEqual(2);
    });

    test('are seen by staff of the authority with their message, and may be acted on by operators only', async () => {
      const max = await employ(subgraph);
      const { one, delivery } = await refused({ authorityId: max.authorityId });
      const asked = (who: Staff | Person) =>
        subgraph
          .as(who)
          .query(
            `query ($r: [_Any!]!) { _entities(representations: $r) { ... on MessageDelivery { state message { kind } possibleActions } } }`,
            { r: [{ __typename: 'MessageDelivery', id: delivery.id }] },
          );
      expect((await asked(max)).data._entities).toEqual([
        { state: 'UNDELIVERABLE', message: { kind: 'RECEIPT' }, possibleActions: [] },
      ]);
      expect((await asked(one.applicant)).data._entities).toEqual([null]);
      const input = { messageDeliveryId: delivery.id, expectedVersion: delivery.version };
      for (const who of [max, one.applicant]) {
        for (const query of [LIST, RETRY]) {
          const { errors } = await subgraph.as(who).query(query, query === LIST ? {} : { input });
          expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
        }
      }
      const unknown: Staff = { ...operator, staffMemberId: newId() };
      expect((await subgraph.as(unknown).query(RETRY, { input })).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    });

    test('get a new round of attempts from an operator, once for one version', async () => {
      const { one, delivery } = await refused();
      const input = { messageDeliveryId: delivery.id, expectedVersion: delivery.version };
      const { data } = await subgraph.as(operator).query(RETRY, { input });
      expect(data.retryMessageDelivery).toMatchObject({
        messageDelivery: { state: 'PENDING', version: delivery.version + 1, nextAttemptAt: expect.any(String) },
        refusal: null,
      });
      await until(async () => (await deliveriesOf(one))[0]!.state === 'DELIVERED', 'the new round');
      const again = await subgraph.as(operator).query(RETRY, { input });
      expect(again.data.retryMessageDelivery).toMatchObject({
        messageDelivery: { state: 'DELIVERED' },
        refusal: { code: 'VERSION_CONFLICT' },
      });
      const [now] = await deliveriesOf(one);
      const impossible = await subgraph
        .as(operator)
        .query(RETRY, { input: { messageDeliveryId: now!.id, expectedVersion: now!.version } });
      expect(impossible.data.retryMessageDelivery.refusal).toEqual({ code: 'INVALID_TRANSITION', allowedActions: [] });
      const notes = await subgraph.sql(
        `SELECT action, staff_member_id FROM messaging.delivery_intervention WHERE delivery_id = $1`,
        [delivery.id],
      );
      expect(notes).toEqual([{ action: 'retry', staff_member_id: operator.staffMemberId }]);
    });

    test('are abandoned with a reason, which is kept', async () => {
      const { delivery } = await refused();
      const abandon = async (reason: string) =>
        (
          await subgraph.as(operator).query(ABANDON, {
            input: { messageDeliveryId: delivery.id, expectedVersion: delivery.version, reason },
          })
        ).data.abandonMessageDelivery;
      expect((await abandon(' ')).refusal).toMatchObject({
        code: 'VALIDATION_FAILED',
        problems: [{ path: '/reason', code: 'TOO_SHORT' }],
      });
      expect(await abandon('Die Adresse gibt es nicht mehr.')).toEqual({
        messageDelivery: { id: delivery.id, version: delivery.version + 1, state: 'ABANDONED', possibleActions: [] },
        refusal: null,
      });
      const [note] = await subgraph.sql(
        `SELECT action, reason FROM messaging.delivery_intervention WHERE delivery_id = $1`,
        [delivery.id],
      );
      expect(note).toEqual({ action: 'abandon', reason: 'Die Adresse gibt es nicht mehr.' });
      const missing = await subgraph.as(operator).query(ABANDON, {
        input: { messageDeliveryId: newId(), expectedVersion: 1, reason: 'x' },
      });
      expect(missing.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    });

    test('cost the same number of statements for two as for twenty, and come in pages', async () => {
      const cost = async (count: number) => {
        const authorityId = newId();
        const { applicant } = await reachable();
        mail.refuse(550);
        const max = await employ(subgraph, { authorityId });
        const one = await receivedCase(subgraph, { applicant, authorityId });
        for (let i = 1; i < count; i++) await writes(subgraph, max, one.applicationId);
        await delivered(subgraph);
        const { data, statements } = await subgraph.as(operator).query(LIST, { authorityId });
        expect(data.undeliverableMessages.nodes).toHaveLength(count);
        const first = await subgraph.as(operator).query(LIST, { authorityId, first: 1 });
        const { endCursor } = first.data.undeliverableMessages.pageInfo;
        const rest = await subgraph.as(operator).query(LIST, { authorityId, after: endCursor });
        expect(rest.data.undeliverableMessages.nodes).toEqual(data.undeliverableMessages.nodes.slice(1));
        return statements;
      };
      expect(await cost(20)).toBe(await cost(2));
    });
  });
});
