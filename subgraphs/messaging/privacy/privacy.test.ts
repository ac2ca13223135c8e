/** The part of messaging in a copy and in the deletion of somebody's data. */
import { newId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { asking } from '../../../tests/setup/privacy';
import type { TestSubgraph } from '../../../tests/setup/subgraph';
import { delivered, employ, receivedCase, startMessaging, writes } from '../testing/cases';

let subgraph: TestSubgraph;
beforeAll(async () => {
  subgraph = await startMessaging();
});
afterAll(() => subgraph.stop());

const known = (accountId: string, email: string) =>
  subgraph.publish('identity', 'account.changed', accountId, { accountId, kind: 'PERSON', displayName: 'K', email });

test('a copy holds the messages that have become available, preferences and contact', async () => {
  const one = await receivedCase(subgraph, { requiredTrustLevel: TrustLevel.HIGH });
  await known(one.applicant.accountId, 'klara@post.example');
  const max = await employ(subgraph, { authorityId: one.authorityId }, 'Max Schröder');
  await writes(subgraph, max, one.applicationId, { body: 'Noch nicht da.' });
  await delivered(subgraph); // else the mailbox delivers it after the next line
  await subgraph.sql(`UPDATE messaging.message SET available_at = NULL WHERE body = 'Noch nicht da.'`);
  const { copy, first } = await asking(subgraph, 'EXPORT', one.applicant.accountId);
  expect(copy.contact).toEqual({ displayName: 'K', email: 'klara@post.example' });
  expect(copy.messages).toMatchObject([{ kind: 'RECEIPT', applicationId: one.applicationId }]);
  expect(copy.preferences).toBeUndefined();
  expect(first.requiredTrustLevel).toBe(TrustLevel.HIGH);
});

test('the deletion erases addresses and preferences once no case runs, and keeps the messages of kept cases', async () => {
  const one = await receivedCase(subgraph);
  const { accountId } = one.applicant;
  await known(accountId, 'canary@post.example');
  await subgraph.sql(
    `INSERT INTO messaging.notification_preferences VALUES ($1, 1, 'canary@post.example', true, '{NOTICE}', 'de')`,
    [accountId],
  );
  const left = () =>
    subgraph.sql(
      `SELECT 1 FROM messaging.account AS a WHERE a::text LIKE '%canary@%'
       UNION ALL SELECT 1 FROM messaging.notification_preferences AS p WHERE p::text LIKE '%canary@%'`,
    );
  expect((await asking(subgraph, 'ERASURE', accountId)).first.running).toBe(true);
  expect(await left()).toHaveLength(2);
  await one.happens('application.withdrawn', { version: 5, state: 'WITHDRAWN', publicStatus: 'COMPLETED' });
  for (let i = 0; i < 2; i++) {
    expect((await asking(subgraph, 'ERASURE', accountId)).first).toMatchObject({
      running: false,
      retained: [{ description: { de: expect.stringContaining('Nachrichten') } }],
    });
  }
  expect(await left()).toEqual([]);
});

test('an account without cases keeps nothing', async () => {
  expect((await asking(subgraph, 'ERASURE', newId())).first).toMatchObject({ retained: [], running: false });
});
