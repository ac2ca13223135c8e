import { SMTPServer } from 'smtp-server';
import { wake } from '../../../kernel/events/outbox';
import { newId } from '../../../kernel/ids';
import { RoutingChannel } from '../../../schema/channels';
import { responsibility, type Stage, SUBMIT, stage, untilState } from '../testing';
import { MOST_ATTEMPTS } from './delivery.queue';

const DEAD = `query { undeliverableApplications { totalCount nodes { id version channel state authority { id } attempts { number detail succeeded } reference application { id } possibleActions } } }`;
const RETRY = `mutation ($input: RetryDeliveryInput!) { retryDelivery(input: $input) { delivery { id version state } refusal { code } } }`;
const ABANDON = `mutation ($input: AbandonDeliveryInput!) { abandonDelivery(input: $input) { delivery { id version state possibleActions } refusal { code } } }`;

describe('deliveries', () => {
  let at: Stage;
  let server: SMTPServer | undefined;
  afterEach(async () => {
    delete process.env.SMTP_URL;
    await new Promise<void>(resolve => (server ? server.close(() => resolve()) : resolve()));
    server = undefined;
  });
  beforeAll(async () => {
    at = await stage();
  });
  afterAll(async () => {
    await at.stop();
  });

  const submitVia = async (channel: RoutingChannel, channelAddress: string | null): Promise<string> => {
    at.preflight = {
      ...at.preflight,
      responsibility: { ...at.preflight.responsibility, responsibility: responsibility({ channel, channelAddress }) },
    };
    const { id, version } = await at.draft();
    const { data } = await at.subgraph
      .as(at.klara)
      .query(SUBMIT, { input: { applicationId: id, expectedVersion: version, idempotencyKey: newId() } });
    expect(data.submitApplication.refusal).toBeNull();
    return id;
  };

  /** Lets time pass for a delivery: its next attempt is due now. */
  const hurry = async (applicationId: string) => {
    await at.subgraph.sql(
      `UPDATE applications.delivery SET next_attempt_at = now() WHERE application_id = $1 AND state = 'RETRYING'`,
      [applicationId],
    );
    wake('deliveries');
  };
  const exhaust = async (applicationId: string) => {
    for (let tries = 0; tries < 400; tries++) {
      await hurry(applicationId);
      const [{ state }] = (await at.subgraph.sql<{ state: string }>(
        `SELECT state FROM applications.application WHERE id = $1`,
        [applicationId],
      )) as [{ state: string }];
      if (state === 'UNDELIVERABLE') return;
      await new Promise(done => setTimeout(done, 50));
    }
    throw new Error('It did not become undeliverable.');
  };
  const deadOne = async (applicationId: string) => {
    const [{ id }] = (await at.subgraph.sql<{ id: string }>(
      `SELECT id FROM applications.delivery WHERE application_id = $1`,
      [applicationId],
    )) as [{ id: string }];
    const { data } = await at.subgraph.as(at.olaf).query(DEAD);
    return data.undeliverableApplications.nodes.find((node: { id: string }) => node.id === id);
  };

  test('through the case cloud it arrives at once, with one trace of one attempt', async () => {
    const id = await submitVia(RoutingChannel.CASE_CLOUD, null);
    await untilState(at.subgraph, id, 'RECEIVED');
    const { data } = await at.subgraph
      .as(at.max)
      .query(
        'query ($id: ID!) { application(id: $id) { receivedAt deliveries { channel state deliveredAt nextAttemptAt attempts { number succeeded detail endedAt } possibleActions } } }',
        { id },
      );
    expect(data.application.deliveries).toEqual([
      {
        channel: 'CASE_CLOUD',
        state: 'DELIVERED',
        deliveredAt: data.application.receivedAt,
        nextAttemptAt: null,
        attempts: [{ number: 1, succeeded: true, detail: null, endedAt: expect.any(String) }],
        possibleActions: [],
      },
    ]);
  });

  test('through a shared mailbox a mail goes out over SMTP, with the reference and no word of the answers', async () => {
    const mails: { to: string; text: string }[] = [];
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS', 'AUTH'],
      onData(stream, session, done) {
        const parts: Buffer[] = [];
        stream.on('data', part => parts.push(part));
        stream.on('end', () => {
          mails.push({ to: session.envelope.rcptTo[0]!.address, text: Buffer.concat(parts).toString() });
          done();
        });
      },
    });
    await new Promise<void>(resolve => server!.listen(0, '127.0.0.1', resolve));
    process.env.SMTP_URL = `smtp://127.0.0.1:${(server.server.address() as { port: number }).port}`;
    const id = await submitVia(RoutingChannel.SHARED_MAILBOX, 'ordnungsamt@amt.example');
    await untilState(at.subgraph, id, 'RECEIVED');
    const [{ reference }] = (await at.subgraph.sql<{ reference: string }>(
      'SELECT reference FROM applications.application WHERE id = $1',
      [id],
    )) as [{ reference: string }];
    expect(mails).toHaveLength(1);
    expect(mails[0]!.to).toBe('ordnungsamt@amt.example');
    expect(mails[0]!.text).toContain(reference);
    expect(mails[0]!.text).toContain('/case');
    expect(mails[0]!.text).not.toMatch(/Muster,|Klara|Fahrradladen/);
  });

  test('a channel that is not set up fails visibly, after its attempts an operator must act, who sees no case', async () => {
    const id = await submitVia(RoutingChannel.MESSAGE_BROKER, 'queue');
    await exhaust(id);
    const dead = await deadOne(id);
    expect(dead).toMatchObject({
      channel: 'MESSAGE_BROKER',
      state: 'UNDELIVERABLE',
      application: null,
      possibleActions: ['retryDelivery', 'abandonDelivery'],
    });
    expect(dead.attempts).toHaveLength(MOST_ATTEMPTS);
    expect(dead.attempts[0]).toMatchObject({
      detail: 'The channel MESSAGE_BROKER is not set up here.',
      succeeded: false,
    });
    const mine = await at.subgraph
      .as(at.klara)
      .query('query ($id: ID!) { application(id: $id) { publicStatus history { nodes { action } } } }', { id });
    expect(mine.data.application.publicStatus).toBe('SUBMITTED');
    expect(JSON.stringify(mine.data.application.history)).not.toContain('exhaustDelivery');
    expect((await at.subgraph.as(at.max).query(DEAD)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('an operator starts a new round; when the channel works again the case is received', async () => {
    delete process.env.SMTP_URL;
    const id = await submitVia(RoutingChannel.SHARED_MAILBOX, 'ordnungsamt@amt.example');
    await exhaust(id);
    const dead = await deadOne(id);
    const retry = (by = at.olaf) =>
      at.subgraph.as(by).query(RETRY, { input: { deliveryId: dead.id, expectedVersion: dead.version } });
    expect((await retry(at.max)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await at.subgraph.sql(`UPDATE applications.delivery SET channel = 'CASE_CLOUD' WHERE id = $1`, [dead.id]);
    expect((await retry()).data.retryDelivery).toMatchObject({
      delivery: { version: dead.version + 1, state: 'PENDING' },
      refusal: null,
    });
    await untilState(at.subgraph, id, 'RECEIVED');
    expect((await retry()).data.retryDelivery.refusal.code).toBe('VERSION_CONFLICT');
  });

  test('an operator gives a delivery up, once, with a reason', async () => {
    const id = await submitVia(RoutingChannel.MESSAGE_BROKER, 'queue');
    await exhaust(id);
    const dead = await deadOne(id);
    const abandon = (reason: string, expectedVersion = dead.version) =>
      at.subgraph.as(at.olaf).query(ABANDON, { input: { deliveryId: dead.id, reason, expectedVersion } });
    expect((await abandon('  ')).errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'input.reason' });
    expect((await abandon('Anschluss abgeschaltet')).data.abandonDelivery.delivery).toMatchObject({
      state: 'ABANDONED',
      possibleActions: [],
    });
    expect((await abandon('noch einmal', dead.version + 1)).data.abandonDelivery.refusal.code).toBe(
      'INVALID_TRANSITION',
    );
    const stranger = await at.subgraph
      .as(at.olaf)
      .query(ABANDON, { input: { deliveryId: newId(), reason: 'x', expectedVersion: 1 } });
    expect(stranger.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('operators are told live of what becomes undeliverable, without the case', async () => {
    const WATCH = `subscription ($after: String) { undeliverableApplicationsChanged(after: $after) { cursor kind applicationId application { id } delivery { id state reference } } }`;
    const feed = at.subgraph.as(at.olaf).subscribe(WATCH);
    const first = feed.next();
    let heard: Awaited<typeof first> | undefined;
    void first.then(answer => {
      heard = answer;
    });
    while (!heard) await exhaust(await submitVia(RoutingChannel.MESSAGE_BROKER, 'queue'));
    expect(heard.data.undeliverableApplicationsChanged).toMatchObject({
      kind: 'UNDELIVERABLE',
      application: null,
      delivery: { state: 'UNDELIVERABLE' },
    });
    feed.close();
  });

  test('an attempt that broke off is made again: the row is taken anew when its lease is over', async () => {
    const id = await submitVia(RoutingChannel.MESSAGE_BROKER, 'queue');
    await exhaust(id);
    // as a killed process leaves it: taken, attempt begun, no outcome
    await at.subgraph.sql(
      `UPDATE applications.delivery SET state = 'SENDING', channel = 'CASE_CLOUD', next_attempt_at = now() WHERE application_id = $1`,
      [id],
    );
    await at.subgraph.sql(`UPDATE applications.application SET state = 'SUBMITTED' WHERE id = $1`, [id]);
    await untilState(at.subgraph, id, 'RECEIVED');
    const received = (await at.subgraph.published('application.received')).filter(({ key }) => key === id);
    expect(received).toHaveLength(1);
    expect(received[0]!.payload).toMatchObject({ first: true });
  });
});
