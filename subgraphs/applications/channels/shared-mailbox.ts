/** A central e-mail box (Funktionspostfach): a mail with the reference and where to look, never with content. */
import { createTransport, type Transporter } from 'nodemailer';
import { optionalSetting, setting } from '../../../kernel/config';
import { outside } from '../../../kernel/request';
import { RoutingChannel } from '../../../schema/channels';
import { type Channel, ChannelFailure, type Parcel } from './channel';

const TIMEOUT_MS = 15_000;

let transport: { url: string; transporter: Transporter } | undefined;

function transporter(url: string): Transporter {
  if (transport?.url !== url) {
    transport?.transporter.close();
    const made = createTransport({
      url,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
    transport = { url, transporter: made };
  }
  return transport.transporter;
}

export const sharedMailbox: Channel = {
  name: RoutingChannel.SHARED_MAILBOX,
  lacks: () => (optionalSetting('SMTP_URL') ? null : 'SMTP_URL'),
  async deliver(parcel) {
    const url = optionalSetting('SMTP_URL');
    if (!url) throw new ChannelFailure('No mail server is configured (SMTP_URL).');
    if (!parcel.address) throw new ChannelFailure('The responsibility names no mailbox.');
    try {
      const message = {
        from: setting('MAIL_FROM'),
        to: { name: '', address: parcel.address },
        subject: `Neuer Antrag ${parcel.reference}`,
        text: textOf(parcel),
        // the same for each attempt, so that a mail server can drop a repetition
        messageId: `<${parcel.deliveryId}@applications.platform.example>`,
        disableFileAccess: true,
        disableUrlAccess: true,
      };
      await outside(() => transporter(url).sendMail(message));
    } catch (error) {
      const { responseCode, code } = error as { responseCode?: number; code?: string };
      throw new ChannelFailure(`The mail server did not take the mail (${responseCode ?? code ?? 'unknown'}).`);
    }
  },
};

const textOf = ({ reference, authorityName, serviceTitle, submittedAt }: Parcel): string =>
  [
    `Guten Tag ${authorityName},`,
    '',
    'auf der Plattform liegt ein neuer Antrag für Sie bereit.',
    '',
    `Aktenzeichen: ${reference}`,
    `Leistung: ${serviceTitle}`,
    `Abgesendet: ${submittedAt.toLocaleString('de-DE', { timeZone: 'Europe/Berlin' })}`,
    '',
    `Ansehen: ${new URL('/case', setting('GATEWAY_PUBLIC_URL')).href} (anmelden, dann das Aktenzeichen eingeben)`,
    '',
    'Diese E-Mail enthält aus Gründen des Datenschutzes keine Angaben aus dem Antrag.',
  ].join('\n');
