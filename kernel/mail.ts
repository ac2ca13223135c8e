/** E-mail over the configured mail server; plain text only. */
import { createTransport } from 'nodemailer';
import { optionalSetting, setting } from './config';
import { outside } from './request';

export interface Mail {
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Stable over repetitions of the same mail, so that receivers can drop doubles: letters, digits, `-` and `.`. */
  readonly id: string;
  readonly language?: string;
}

/** A mail server said no or did not answer. */
export class MailRefused extends Error {
  constructor(
    /** Technical words without personal data, such as `EENVELOPE 550`. */
    readonly detail: string,
    /** The server will not take it at a later time either. */
    readonly permanent: boolean,
  ) {
    super(detail);
    this.name = 'MailRefused';
  }
}

const PATIENCE_MS = 15_000;

export const canSendMail = (): boolean => optionalSetting('SMTP_URL') !== undefined;

/**
 * @returns what the mail server answered, as its three-digit code
 * @throws MailRefused  @throws Error inside a transaction
 */
export async function sendMail(mail: Mail): Promise<string> {
  const url = optionalSetting('SMTP_URL');
  if (!url) throw new MailRefused('no mail server is set', false);
  const from = setting('MAIL_FROM');
  const transport = createTransport({
    url,
    connectionTimeout: PATIENCE_MS,
    greetingTimeout: PATIENCE_MS,
    socketTimeout: PATIENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const message = {
      from,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      messageId: `<${mail.id}@${from.replace(/^.*@|>$/g, '')}>`,
      headers: {
        'Auto-Submitted': 'auto-generated',
        ...(mail.language && { 'Content-Language': mail.language }),
      },
    };
    const { response } = await outside(() => transport.sendMail(message));
    return /^\d{3}/.exec(response)?.[0] ?? 'accepted';
  } catch (error) {
    const { code = 'FAILED', responseCode } = error as { code?: string; responseCode?: number };
    // only a refused receiver stays refused; a wrong password or a full server is somebody's work
    const permanent = code === 'EENVELOPE' && (responseCode ?? 0) >= 500;
    throw new MailRefused([code, responseCode].filter(Boolean).join(' '), permanent);
  } finally {
    transport.close();
  }
}
