/** For tests: a mail server in this process, spoken to over real SMTP. It takes, postpones or refuses. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { until } from './cases';

export interface ReceivedMail {
  readonly to: string;
  readonly id: string;
  readonly subject: string;
  readonly text: string;
}

export interface TestMailServer {
  readonly mails: ReceivedMail[];
  /** Answers receivers with this code from now on; null takes them. */
  refuse(code: number | null): void;
  /** The newest mail to somebody, once there are so many. */
  mailTo(address: string, count?: number): Promise<ReceivedMail>;
  stop(): Promise<void>;
}

/** Sets SMTP_URL for this process until it is stopped. */
export async function startMailServer(): Promise<TestMailServer> {
  const mails: ReceivedMail[] = [];
  let refusal: number | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    onRcptTo(_address, _session, done) {
      done(refusal === null ? null : Object.assign(new Error('no'), { responseCode: refusal }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        mails.push(parsed(session.envelope.rcptTo[0]!.address, Buffer.concat(chunks).toString()));
        done();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  process.env.SMTP_URL = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return {
    mails,
    refuse(code) {
      refusal = code;
    },
    async mailTo(address, count = 1) {
      const found = () => mails.filter(({ to }) => to === address);
      await until(async () => found().length >= count, `${count} mails`);
      return found().at(-1)!;
    },
    async stop() {
      delete process.env.SMTP_URL;
      await new Promise<void>(resolve => server.close(() => resolve()));
    },
  };
}

function parsed(to: string, source: string): ReceivedMail {
  const [head = '', body = ''] = source.split(/\r\n\r\n([\s\S]*)/);
  const headers = head.replace(/\r\n\s+/g, ' ').split('\r\n');
  const header = (name: string) =>
    headers.find(line => line.toLowerCase().startsWith(`${name}:`))?.replace(/^[^:]+:\s*/, '') ?? '';
  const words = header('subject').replace(/=\?UTF-8\?Q\?(.*?)\?=\s*/gi, (_, text: string) =>
    quoted(text.replaceAll('_', ' ')),
  );
  const encoding = header('content-transfer-encoding');
  const text =
    encoding === 'base64'
      ? Buffer.from(body, 'base64').toString()
      : encoding === 'quoted-printable'
        ? quoted(body)
        : body;
  return { to, id: header('message-id'), subject: words.trim(), text: text.replaceAll('\r\n', '\n') };
}

function quoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
