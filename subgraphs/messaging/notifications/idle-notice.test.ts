/** Holders are told by e-mail before an account that nobody uses is erased. */
import { addDays, today } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import { asking } from '../../../tests/setup/privacy';
import type { TestSubgraph } from '../../../tests/setup/subgraph';
import { startMessaging, until } from '../testing/cases';
import { startMailServer, type TestMailServer } from '../testing/smtp';

let subgraph: TestSubgraph;
let mail: TestMailServer;
beforeAll(async () => {
  mail = await startMailServer();
  subgraph = await startMessaging();
});
afterAll(async () => {
  await subgraph.stop();
  await mail.stop();
});
afterEach(() => {
  mail.refuse(null);
});

/** Somebody whom identity knows by this address. */
async function known(email: string | null = `${newId()}@post.example`) {
  const accountId = newId();
  await subgraph.publish('identity', 'account.changed', accountId, {
    accountId,
    kind: 'PERSON',
    displayName: 'Klara Muster',
    email,
  });
  return { accountId, email: email ?? '' };
}
const announce = (accountId: string, erasedOn = addDays(today(), 30)) =>
  subgraph.publish('identity', 'account.idle', accountId, { accountId, erasedOn });
const notices = (accountId: string) =>
  subgraph.sql<{ state: string; attempts: number }>(
    'SELECT state, attempts FROM messaging.idle_notice WHERE account_id = $1',
    [accountId],
  );
const untilState = (accountId: string, state: string) =>
  until(async () => (await notices(accountId))[0]?.state === state, `the notice is ${state}`);
const prefers = (accountId: string, email: string | null, confirmed: boolean, language = 'de') =>
  subgraph.sql(`INSERT INTO messaging.notification_preferences VALUES ($1, 1, $2, $3, '{}', $4)`, [
    accountId,
    email,
    confirmed,
    language,
  ]);

test('at the address of the sign-in, in German, with the day, no name, and no link', async () => {
  const { accountId, email } = await known();
  await announce(accountId, '2099-12-24');
  const { subject, text } = await mail.mailTo(email);
  expect(subject).toBe('Ihr Servicekonto wird gelöscht');
  expect(text).toContain('Am 24. Dezember 2099 wird es');
  expect(text).toContain('melden Sie sich vorher einmal wie gewohnt an');
  expect(text).not.toMatch(/Klara|https?:/);
  await untilState(accountId, 'SENT');
});

test('at the confirmed address and in the language of the account, whatever it wants to be told of otherwise', async () => {
  const { accountId, email } = await known();
  const confirmed = `${newId()}@post.example`;
  await prefers(accountId, confirmed, true, 'en');
  await announce(accountId, '2099-12-24');
  const { subject, text } = await mail.mailTo(confirmed);
  expect(subject).toBe('Your service account will be deleted');
  expect(text).toContain('On 24 December 2099 it will be deleted');
  await untilState(accountId, 'SENT');
  expect(mail.mails.filter(({ to }) => to === email)).toEqual([]);
});

test('not at an address that waits for its code', async () => {
  const { accountId, email } = await known();
  const unproven = `${newId()}@post.example`;
  await prefers(accountId, unproven, false);
  await announce(accountId);
  await mail.mailTo(email);
  expect(mail.mails.filter(({ to }) => to === unproven)).toEqual([]);
});

test('once, however often it is announced, and again when the account is idle another time', async () => {
  const { accountId, email } = await known();
  for (let i = 0; i < 3; i++) await announce(accountId);
  await untilState(accountId, 'SENT');
  await announce(accountId);
  expect(await notices(accountId)).toHaveLength(1);
  await announce(accountId, addDays(today(), 900));
  await mail.mailTo(email, 2);
  expect(mail.mails.filter(({ to }) => to === email)).toHaveLength(2);
});

test('again and again while the mail server says that it cannot now, but not after the day', async () => {
  const { accountId, email } = await known();
  mail.refuse(451);
  await announce(accountId);
  await until(async () => (await notices(accountId))[0]!.attempts >= 2, 'it is tried again');
  expect(await notices(accountId)).toMatchObject([{ state: 'PENDING' }]);
  mail.refuse(null);
  await mail.mailTo(email);
  await untilState(accountId, 'SENT');

  const late = await known();
  await announce(late.accountId, today());
  await untilState(late.accountId, 'UNREACHABLE');
  expect(mail.mails.filter(({ to }) => to === late.email)).toEqual([]);
});

test('to nobody where there is no address, or where it is refused for good', async () => {
  const silent = await known(null);
  await announce(silent.accountId);
  await untilState(silent.accountId, 'UNREACHABLE');
  mail.refuse(550);
  const gone = await known();
  await announce(gone.accountId);
  await untilState(gone.accountId, 'UNREACHABLE');
  expect(await notices(gone.accountId)).toMatchObject([{ attempts: 1 }]);
});

test('and forgotten with the account', async () => {
  const { accountId } = await known();
  await announce(accountId);
  await untilState(accountId, 'SENT');
  await asking(subgraph, 'ERASURE', accountId);
  expect(await notices(accountId)).toEqual([]);
});
