/** What a payer hears in the mailbox of money that waits or was cancelled, whatever became of the application. */
import { newId } from '../../../kernel/ids';
import { type Person } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { person, staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import { delivered, receivedCase, startMessaging, TRADE } from '../testing/cases';

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startMessaging();
});
afterAll(() => subgraph.stop());

const payment = (applicant: Person, applicationId: string, paymentId = newId()) => ({
  paymentId,
  applicationId,
  state: 'PAYED',
  totalMinor: 2600,
  authorityId: newId(),
  payer: {
    accountId: applicant.actingFor,
    leikaKey: TRADE,
    requiredTrustLevel: TrustLevel.SUBSTANTIAL,
    cashReference: 'A1B2C3D4E5',
    amountMinor: 123450,
  },
});
const waits = (applicant: Person, applicationId: string, reconciliation = 'NO_CASE', paymentId?: string) =>
  subgraph.publish('payment', 'payment.reconciliation-needed', applicationId, {
    ...payment(applicant, applicationId, paymentId),
    reconciliation,
  });
const canceled = (applicant: Person, applicationId: string, because: string | null) =>
  subgraph.publish('payment', 'payment.state-changed', applicationId, {
    ...payment(applicant, applicationId),
    state: 'CANCELED',
    paidAt: null,
    cashReference: null,
    purpose: null,
    because,
  });
const draft = async (applicant: Person) => {
  const applicationId = newId();
  await subgraph.publish('applications', 'application.draft-created', applicationId, {
    applicationId,
    accountId: applicant.actingFor,
    agentAccountId: null,
    leikaKey: TRADE,
    ars: '010995999001',
    requiredTrustLevel: TrustLevel.SUBSTANTIAL,
    feeOverrideMinor: null,
  });
  return applicationId;
};
const deleted = (applicationId: string) =>
  subgraph.publish('applications', 'application.draft-deleted', applicationId, { applicationId });

const messagesOf = async (who: Person): Promise<{ kind: string; title: string; body: string }[]> => {
  await delivered(subgraph);
  const { data } = await subgraph
    .as(who)
    .query('{ mailbox { threads(first: 5) { nodes { messages(first: 9) { nodes { kind title body } } } } } }');
  return data.mailbox.threads.nodes.flatMap((thread: { messages: { nodes: object[] } }) => thread.messages.nodes);
};
const english = async (who: Person) => {
  await subgraph
    .as(who)
    .query(
      'mutation ($i: ChangeNotificationPreferencesInput!) { changeNotificationPreferences(input: $i) { refusal { code } } }',
      { i: { language: 'en', expectedVersion: 1 } },
    );
};

test('tells the payer once, in the language of the account, that money waits after a withdrawal', async () => {
  for (const language of ['de', 'en']) {
    const one = await receivedCase(subgraph);
    if (language === 'en') await english(one.applicant);
    await one.happens('application.withdrawn', { state: 'WITHDRAWN' });
    const paymentId = newId();
    for (let i = 0; i < 2; i++) await waits(one.applicant, one.applicationId, 'NO_CASE', paymentId);
    const found = (await messagesOf(one.applicant)).filter(({ body }) => body.includes('A1B2C3D4E5'));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      kind: 'STATUS',
      title:
        language === 'de'
          ? 'Ihre Zahlung wird geklärt: Gewerbe anmelden'
          : 'Your payment is being clarified: Gewerbe anmelden',
    });
    expect(found[0]!.body).toContain(language === 'de' ? '1.234,50' : '1,234.50');
    expect(found[0]!.body).toContain(language === 'de' ? 'zurückgenommen' : 'withdrawn');
  }
});

test('tells the payer once, in the language of the account, that money was given back, and nothing before it was', async () => {
  for (const language of ['de', 'en']) {
    const one = await receivedCase(subgraph);
    if (language === 'en') await english(one.applicant);
    const refundId = newId();
    const refund = (refundState: string) =>
      subgraph.publish('payment', 'payment.refund-changed', one.applicationId, {
        ...payment(one.applicant, one.applicationId),
        refundId,
        refundState,
        amountMinor: 2600,
      });
    const heard = async () => (await messagesOf(one.applicant)).filter(({ body }) => body.includes('A1B2C3D4E5'));
    await refund('SUBMITTED');
    await refund('FAILED');
    expect(await heard()).toEqual([]);
    for (let i = 0; i < 2; i++) await refund('SUCCESS');
    const found = await heard();
    expect(found).toHaveLength(1);
    expect(found[0]!.title).toBe(
      language === 'de'
        ? 'Ihre Zahlung wurde erstattet: Gewerbe anmelden'
        : 'Your payment was refunded: Gewerbe anmelden',
    );
    expect(found[0]!.body).toContain(language === 'de' ? '26,00' : '26.00');
    expect(found[0]!.body).not.toContain('234');
  }
});

test('tells of a payment that was cancelled with the application, and of none that the payer gave up', async () => {
  const one = await receivedCase(subgraph);
  await canceled(one.applicant, one.applicationId, null);
  await one.happens('application.withdrawn', { state: 'WITHDRAWN' });
  await canceled(one.applicant, one.applicationId, 'WITHDRAWN');
  const titles = (await messagesOf(one.applicant)).map(({ title }) => title);
  expect(titles.filter(title => title.startsWith('Zahlung abgebrochen'))).toHaveLength(1);
});

test('tells of money for a draft that was deleted, before or after the news of its money, and no staff see that', async () => {
  for (const first of [true, false]) {
    const klara = person();
    const applicationId = await draft(klara);
    if (first) await deleted(applicationId);
    await waits(klara, applicationId, 'LATE_SUCCESS');
    if (!first) await deleted(applicationId);
    const found = await messagesOf(klara);
    expect(found).toHaveLength(1);
    expect(found[0]!.body).toContain('beendet');
    const [thread] = await subgraph.sql<{ authority_id: string }>(
      'SELECT authority_id FROM messaging.thread WHERE application_id = $1',
      [applicationId],
    );
    const seen = await subgraph
      .as(staff({ authorityId: thread!.authority_id }))
      .query('query ($id: ID!) { authorityThreads(authorityId: $id) { nodes { id } } }', { id: newId() });
    expect(seen.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(thread!.authority_id).toBe('00000000-0000-0000-0000-000000000000');
  }
});

test('a thread begun about the money of a draft goes on as that of the application', async () => {
  const klara = person();
  const applicationId = await draft(klara);
  await waits(klara, applicationId, 'AMOUNT_MISMATCH');
  const authorityId = newId();
  const common = {
    applicationId,
    version: 3,
    state: 'SUBMITTED',
    publicStatus: 'SUBMITTED',
    accountId: klara.actingFor,
    agentAccountId: null,
    leikaKey: TRADE,
    authorityId,
    departmentId: null,
    reference: 'MU-2026-700001',
    requiredTrustLevel: TrustLevel.SUBSTANTIAL,
  };
  await subgraph.publish('applications', 'application.submitted', applicationId, {
    ...common,
    serviceTitle: 'Gewerbe anmelden',
    applicantName: 'Klara Muster',
  });
  const { data } = await subgraph
    .as(staff({ authorityId }))
    .query('query ($id: ID!) { authorityThreads(authorityId: $id) { nodes { subject } } }', { id: authorityId });
  expect(data.authorityThreads.nodes).toEqual([{ subject: 'Gewerbe anmelden (MU-2026-700001)' }]);
});
