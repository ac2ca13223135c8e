/** The mail sink, spoken to by a real SMTP client. */
import { createTransport } from 'nodemailer';
import { type Mail, type MailSink, startMailSink } from './mail-sink';

let sink: MailSink;
const send = (mail: object) => createTransport(sink.smtpUrl).sendMail({ from: 'noreply@platform.example', ...mail });
const list = async (query = ''): Promise<Mail[]> => (await (await fetch(`${sink.url}/mails${query}`)).json()) as Mail[];

beforeAll(async () => {
  sink = await startMailSink({ smtpPort: 0, httpPort: 0 });
});
afterAll(() => sink.stop());
beforeEach(async () => {
  await fetch(`${sink.url}/mails`, { method: 'DELETE' });
});

describe('the mail sink', () => {
  it('shows sender, recipients, subject and text, umlauts included', async () => {
    const text =
      'Guten Tag,\n\nIhre Gewerbeanmeldung ist eingegangen: größer als „76 Zeichen“ darf eine Zeile auch sein. = %';
    await send({
      to: ['klara@post.example', 'amt@amt.example'],
      subject: 'Bestätigung Ihrer Gewerbeanmeldung – Grüße aus Musterstadt',
      text,
    });
    expect(await list()).toMatchObject([
      {
        from: 'noreply@platform.example',
        to: ['klara@post.example', 'amt@amt.example'],
        subject: 'Bestätigung Ihrer Gewerbeanmeldung – Grüße aus Musterstadt',
        text,
      },
    ]);
  });

  it('reads the text beside HTML and attachments', async () => {
    const attachments = [{ filename: 'a.txt', content: 'not this' }];
    await send({ to: 'a@b.example', subject: 'Teile', text: 'für Menschen', html: '<p>not this</p>', attachments });
    expect(await list()).toMatchObject([{ subject: 'Teile', text: 'für Menschen' }]);
  });

  it('lists the newest first and can be asked for one recipient', async () => {
    for (const to of ['a@b.example', 'c@d.example']) await send({ to, subject: `an ${to}`, text: 'x' });
    expect((await list()).map(mail => mail.subject)).toEqual(['an c@d.example', 'an a@b.example']);
    expect(await list('?to=a@b.example')).toHaveLength(1);
  });

  it('says in one sentence that a port is taken', async () => {
    const taken = Number(new URL(sink.smtpUrl).port);
    await expect(startMailSink({ smtpPort: taken, httpPort: 0 })).rejects.toThrow(
      `Port ${taken} is taken; the mail sink cannot listen on it.`,
    );
  });
});
