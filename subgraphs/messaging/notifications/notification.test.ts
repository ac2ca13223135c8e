/** Notification preferences through the graph: who may change them, and how an address is confirmed. */
import { shiftClock } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import type { Person } from '../../../kernel/principal';
import { person, staff, type TestSubgraph } from '../../../tests/setup/subgraph';
import { startMessaging, TRADE } from '../testing/cases';
import { startMailServer, type TestMailServer } from '../testing/smtp';

const PARTS = `version email emailConfirmed emailFor language`;
const CHANGE = `mutation ($input: ChangeNotificationPreferencesInput!) { changeNotificationPreferences(input: $input) {
  notificationPreferences { ${PARTS} } refusal { code problems { path code } allowedActions } } }`;
const CONFIRM = `mutation ($input: ConfirmNotificationEmailInput!) { confirmNotificationEmail(input: $input) {
  notificationPreferences { ${PARTS} } refusal { code allowedActions } } }`;
const ALL = ['RECEIPT', 'DOCUMENT_REQUEST', 'NOTICE', 'STATUS', 'CONVERSATION'];

describe('notification preferences', () => {
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
  afterEach(() => shiftClock(0));

  const address = () => `${newId()}@post.example`;
  const change = async (who: Person, input: object) => {
    const { data, errors } = await subgraph.as(who).query(CHANGE, { input });
    return { errors, ...data?.changeNotificationPreferences };
  };
  const confirm = async (who: Person, code: string) => {
    const { data, errors } = await subgraph.as(who).query(CONFIRM, { input: { code } });
    return { errors, ...data?.confirmNotificationEmail };
  };
  const shown = async (who: Person) =>
    (await subgraph.as(who).query(`{ mailbox { notificationPreferences { ${PARTS} } } }`)).data.mailbox
      .notificationPreferences;
  const codeIn = (text: string) => /[0-9A-Z]{8}/.exec(text)![0];

  test('begin with German, every kind, and the address that identity knows, which is not confirmed', async () => {
    const klara = person();
    expect(await shown(klara)).toEqual({
      version: 1,
      email: null,
      emailConfirmed: false,
      emailFor: ALL,
      language: 'de',
    });
    await subgraph.publish('identity', 'account.changed', klara.accountId, {
      accountId: klara.accountId,
      kind: 'PERSON',
      displayName: 'Klara Muster',
      email: 'klara.muster@post.example',
    });
    expect(await shown(klara)).toMatchObject({ email: 'klara.muster@post.example', emailConfirmed: false });
  });

  test('change what is given and leave the rest, one version at a time', async () => {
    const klara = person();
    expect(await change(klara, { expectedVersion: 1, emailFor: ['NOTICE', 'NOTICE'] })).toMatchObject({
      notificationPreferences: { version: 2, emailFor: ['NOTICE'], language: 'de' },
      refusal: null,
    });
    expect(await change(klara, { expectedVersion: 1, language: 'en' })).toMatchObject({
      notificationPreferences: { version: 2, emailFor: ['NOTICE'], language: 'de' },
      refusal: { code: 'VERSION_CONFLICT' },
    });
    const [first, second] = await Promise.all([
      change(klara, { expectedVersion: 2, language: 'en' }),
      change(klara, { expectedVersion: 2, language: 'en' }),
    ]);
    expect([first.refusal?.code, second.refusal?.code].sort()).toEqual(['VERSION_CONFLICT', undefined]);
    expect(await shown(klara)).toMatchObject({ version: 3, language: 'en' });
  });

  test('refuse what is no address or no language of ours, with its place', async () => {
    const klara = person();
    for (const email of [
      'klara',
      'a@b@c',
      'a b@post.example',
      'a@post.example\r\nBcc: b@post.example',
      'a@-x',
      'a@b,c@d',
    ]) {
      expect((await change(klara, { expectedVersion: 1, email })).refusal).toMatchObject({
        code: 'VALIDATION_FAILED',
        problems: [{ path: '/email', code: 'BAD_EMAIL' }],
      });
    }
    expect((await change(klara, { expectedVersion: 1, language: 'tlh' })).refusal.problems).toEqual([
      { path: '/language', code: 'UNKNOWN_LANGUAGE' },
    ]);
  });

  test('confirm an address by the code that was sent to it, however it is typed and as often as it is', async () => {
    const klara = person();
    const email = address();
    await change(klara, { expectedVersion: 1, email });
    const code = codeIn((await mail.mailTo(email)).text);
    expect((await confirm(klara, 'WRONG000')).refusal).toMatchObject({ code: 'CODE_WRONG' });
    expect(await shown(klara)).toMatchObject({ email, emailConfirmed: false });
    const typed = `${code.slice(0, 4).toLowerCase()} ${code.slice(4)}`;
    for (let i = 0; i < 2; i++) {
      expect(await confirm(klara, typed)).toMatchObject({
        notificationPreferences: { email, emailConfirmed: true, version: 3 },
        refusal: null,
      });
    }
    // the same address again needs no new code; another one does
    expect((await change(klara, { expectedVersion: 3, email })).notificationPreferences.emailConfirmed).toBe(true);
    expect((await change(klara, { expectedVersion: 4, email: address() })).notificationPreferences.emailConfirmed).toBe(
      false,
    );
  });

  test('end a code after five wrong ones, after a day, with a new one, and with the address', async () => {
    const klara = person();
    const email = address();
    await change(klara, { expectedVersion: 1, email });
    const first = codeIn((await mail.mailTo(email)).text);
    for (let i = 0; i < 5; i++) await confirm(klara, 'WRONG000');
    expect((await confirm(klara, first)).refusal).toMatchObject({
      code: 'CODE_EXPIRED',
      allowedActions: ['changeNotificationPreferences'],
    });
    await change(klara, { expectedVersion: 2, email });
    const second = codeIn((await mail.mailTo(email, 2)).text);
    expect(second).not.toBe(first);
    expect((await confirm(klara, first)).refusal.code).toBe('CODE_WRONG');
    shiftClock(25 * 3_600_000);
    expect((await confirm(klara, second)).refusal.code).toBe('CODE_EXPIRED');
    shiftClock(0);
    await change(klara, { expectedVersion: 3, email: null });
    expect((await confirm(klara, second)).refusal.code).toBe('CODE_EXPIRED');
    expect(await shown(klara)).toMatchObject({ email: null, emailConfirmed: false });
  });

  test('flood nobody: five codes a day', async () => {
    const klara = person();
    for (let version = 1; version <= 5; version++) {
      expect((await change(klara, { expectedVersion: version, email: address() })).refusal).toBeNull();
    }
    expect((await change(klara, { expectedVersion: 6, email: address() })).refusal).toMatchObject({
      code: 'TOO_MANY_CODES',
    });
    expect((await change(klara, { expectedVersion: 6, emailFor: ['NOTICE'] })).refusal).toBeNull();
  });

  test('§ 9 OZG: the mail about a notice cannot be switched off, and nothing else changes with the attempt', async () => {
    const klara = person();
    for (const emailFor of [[], ['RECEIPT', 'STATUS'], ['CONVERSATION']]) {
      for (const more of [{}, { language: 'en' }, { email: address() }]) {
        const { notificationPreferences, refusal } = await change(klara, { expectedVersion: 1, emailFor, ...more });
        expect(notificationPreferences).toBeNull();
        expect(refusal).toMatchObject({
          code: 'VALIDATION_FAILED',
          problems: [{ path: '/emailFor', code: 'NOTICE_STAYS' }],
        });
      }
    }
    expect(await shown(klara)).toMatchObject({ version: 1, emailFor: ALL, language: 'de', email: null });
    for (const [i, given] of [{ language: 'en' }, { emailFor: null }, { emailFor: ['NOTICE'] }].entries()) {
      const { notificationPreferences } = await change(klara, { expectedVersion: i + 1, ...given });
      expect(notificationPreferences.emailFor).toContain('NOTICE');
    }
  });

  test('are for the account itself and agents for everything; an agent for some services learns no address', async () => {
    const klara = person();
    await change(klara, { expectedVersion: 1, email: address() });
    const agent = (services: string[] | null) => person({ actingFor: klara.accountId, services });
    const grant = (one: Person) =>
      subgraph.publish('identity', 'mandate.changed', klara.accountId, {
        mandateId: newId(),
        principalAccountId: klara.accountId,
        agentAccountId: one.accountId,
        leikaKeys: one.services ?? [],
        validFrom: '2026-01-01T00:00:00.000Z',
        validTo: null,
      });
    const [limited, full, stranger] = [agent([TRADE]), agent(null), agent(null)];
    await grant(limited);
    await grant(full);
    const codeOf = async (who: Person) =>
      (await change(who, { expectedVersion: 2, language: 'en' })).errors?.[0]?.extensions.code;
    expect(await shown(limited)).toMatchObject({ email: null });
    expect(await codeOf(limited)).toBe('FORBIDDEN');
    expect(await codeOf({ ...limited, services: null })).toBe('FORBIDDEN');
    expect(await codeOf(stranger)).toBe('FORBIDDEN');
    expect(await codeOf({ ...klara, readOnly: true })).toBe('FORBIDDEN');
    expect(await codeOf(full)).toBeUndefined();
    const { errors } = await subgraph.as(staff()).query(CHANGE, { input: { expectedVersion: 1 } });
    expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});
