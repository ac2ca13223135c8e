/** A mail server that delivers nothing: what it takes over SMTP can be read over HTTP. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { json, listen, web } from '../http';
import { StartError } from '../start-error';
import { type Message, readMessage } from './message';

export interface Mail extends Message {
  readonly id: number;
  readonly receivedAt: Date;
  /** Of the envelope, as the server was told. */
  readonly from: string;
  readonly to: readonly string[];
}

export interface MailSinkOptions {
  /** 0 for any free port. */
  readonly smtpPort: number;
  /** 0 for any free port. */
  readonly httpPort: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface MailSink {
  readonly smtpUrl: string;
  /** `GET <url>/mails` lists the newest first, `?to=<address>` only those to one; `DELETE` forgets all. */
  readonly url: string;
  stop(): Promise<void>;
}

const KEPT = 200;
const MOST_BYTES = 10 * 1024 * 1024;

/** @throws StartError when a port is taken */
export async function startMailSink(options: MailSinkOptions): Promise<MailSink> {
  const mails: Mail[] = [];
  let count = 0;
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    size: MOST_BYTES,
    logger: false,
    onAuth: (auth, _, done) => done(null, { user: auth.username ?? 'anybody' }),
    async onData(stream, { envelope }, done) {
      const parts: Buffer[] = [];
      for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
      if (stream.sizeExceeded) return done(Object.assign(new Error('Message too large'), { responseCode: 552 }));
      count += 1;
      mails.unshift({
        id: count,
        receivedAt: new Date(),
        from: envelope.mailFrom ? envelope.mailFrom.address : '',
        to: envelope.rcptTo.map(recipient => recipient.address),
        ...readMessage(Buffer.concat(parts)),
      });
      mails.splice(KEPT);
      done();
    },
  });
  const { port } = await open(smtp, options.smtpPort, options.host ?? '127.0.0.1');
  const close = () => new Promise<void>(resolve => smtp.close(() => resolve()));

  const answer = ({ method }: Request, { pathname, searchParams }: URL): Response => {
    if (pathname !== '/mails') return json({ code: 'NOT_FOUND' }, 404);
    if (method === 'DELETE') mails.length = 0;
    const to = searchParams.get('to');
    return json(to === null ? mails : mails.filter(mail => mail.to.includes(to)));
  };
  try {
    const http = await listen('the mail sink', web(answer), { port: options.httpPort, host: options.host });
    const stop = async () => void (await Promise.all([http.stop(), close()]));
    return { smtpUrl: `smtp://localhost:${port}`, url: http.url, stop };
  } catch (error) {
    await close();
    throw error;
  }
}

function open(smtp: SMTPServer, port: number, host: string): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    // Stays on: later errors come from clients that hang up, and are no reason to end.
    smtp.on('error', (error: NodeJS.ErrnoException) => {
      const taken = new StartError(`Port ${port} is taken; the mail sink cannot listen on it.`);
      reject(error.code === 'EADDRINUSE' ? taken : error);
    });
    const server = smtp.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
