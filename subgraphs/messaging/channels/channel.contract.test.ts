/** What every channel promises; runs over the registry, so a new one is tested by being registered. */
import { newId } from '../../../kernel/ids';
import type { Language } from '../../../kernel/language';
import { startMailServer, type TestMailServer } from '../testing/smtp';
import { CHANNELS } from '.';
import { type Letter, MessageChannel } from './channel';

const ADDRESS = 'klara.muster@post.example';
const letter = (given: Partial<Letter> = {}): Letter => ({
  deliveryId: newId(),
  email: ADDRESS,
  language: 'de',
  ...given,
});

let mail: TestMailServer;
beforeAll(async () => {
  mail = await startMailServer();
});
afterAll(() => mail.stop());
beforeEach(() => {
  mail.mails.length = 0;
  mail.refuse(null);
});

describe.each(Object.values(MessageChannel))('the channel %s', name => {
  const channel = CHANNELS[name];

  test('is registered under its own name', () => {
    expect(channel.name).toBe(name);
  });

  test.each<Language>(['de', 'en'])('takes a letter and acknowledges it (%s)', async language => {
    const sent = letter({ language });
    expect(channel.takes(sent)).toBe(true);
    await expect(channel.deliver(sent)).resolves.toHaveProperty('detail');
  });

  test('has one effect for a letter that is delivered twice: receivers can tell it is the same', async () => {
    const sent = letter();
    const [first, second] = [await channel.deliver(sent), await channel.deliver(sent)];
    expect(second.makesAvailable).toBe(first.makesAvailable);
    expect(new Set(mail.mails.map(({ id }) => id)).size).toBeLessThanOrEqual(1);
  });

  test('makes the message available exactly when it delivers the message itself', async () => {
    expect((await channel.deliver(letter())).makesAvailable === true).toBe(channel.begins === 'SENT');
  });

  test('says nothing about a person in what it keeps of an attempt', async () => {
    const details: (string | null)[] = [(await channel.deliver(letter())).detail];
    for (const code of [450, 550]) {
      mail.refuse(code);
      await channel.deliver(letter()).catch((error: { detail: string }) => details.push(error.detail));
    }
    for (const detail of details) expect(detail ?? '').toMatch(/^[A-Z0-9 ]*$/);
  });

  test('takes nothing when nobody can be reached by it', () => {
    const url = process.env.SMTP_URL;
    delete process.env.SMTP_URL;
    const withoutServer = channel.takes(letter());
    process.env.SMTP_URL = url;
    // what delivers the message itself must reach everybody
    const always = channel.begins === 'SENT';
    expect([withoutServer, channel.takes(letter({ email: null }))]).toEqual([always, always]);
  });
});

test('one channel at least delivers the message itself', () => {
  expect(Object.values(CHANNELS).some(({ begins }) => begins === 'SENT')).toBe(true);
});

describe('an e-mail', () => {
  test('says that something has come, without content, title, name or link', async () => {
    await CHANNELS.EMAIL.deliver(letter());
    const { subject, text, to } = await mail.mailTo(ADDRESS);
    expect([to, subject]).toEqual([ADDRESS, 'Neue Nachricht in Ihrem Postfach']);
    expect(text).toContain('in Ihrem Postfach liegt eine neue Nachricht');
    expect(text).not.toMatch(/https?:|Klara|Gewerbe/);
  });

  test('that is refused for the time being may succeed later, and one refused for good may not', async () => {
    mail.refuse(450);
    await expect(CHANNELS.EMAIL.deliver(letter())).rejects.toMatchObject({ detail: 'EENVELOPE 450', permanent: false });
    mail.refuse(550);
    await expect(CHANNELS.EMAIL.deliver(letter())).rejects.toMatchObject({ detail: 'EENVELOPE 550', permanent: true });
  });

  test('cannot carry a second receiver or header in its address', async () => {
    await CHANNELS.EMAIL.deliver(letter({ email: 'a@post.example\r\nBcc: b@post.example' })).catch(() => {});
    await CHANNELS.EMAIL.deliver(letter({ email: 'a@post.example, b@post.example' })).catch(() => {});
    expect(mail.mails.filter(({ to }) => to === 'b@post.example')).toEqual([]);
  });
});
