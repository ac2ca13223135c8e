/** Sends the codes that confirm e-mail addresses; the row of a confirmation is its queue. */
import { createHmac } from 'node:crypto';
import { derive, subgraphConfig } from '../../../kernel/config';
import { afterCommit, type Database, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { say, type Text } from '../../../kernel/language';
import { logger } from '../../../kernel/log';
import { MailRefused, sendMail } from '../../../kernel/mail';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { type ConfirmationState, EmailConfirmation } from './notification.entity';

const QUEUE = 'e-mail confirmations';
const ATTEMPTS = 12;
const log = logger('messaging');

const SUBJECT: Text = { de: 'Bitte bestätigen Sie Ihre E-Mail-Adresse', en: 'Please confirm your e-mail address' };
const BODY: Text = {
  de: `Guten Tag,

Ihr Code lautet: {code}

Geben Sie ihn innerhalb von 24 Stunden in den Einstellungen Ihres Postfachs ein. Wenn Sie das nicht selbst angefordert haben, müssen Sie nichts tun.`,
  en: `Hello,

Your code is: {code}

Enter it within 24 hours in the settings of your mailbox. If you did not ask for it, there is nothing you need to do.`,
};

export const confirmationQueue: Queue<EmailConfirmation> = {
  name: QUEUE,
  entity: EmailConfirmation,
  table: 'email_confirmation',
  due: `state = 'PENDING'`,
  work: send,
};

export const wakeConfirmations = (tx: Tx): void => afterCommit(tx, () => wake(QUEUE));

// without I, L, O and U, which are easily mistaken
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * Eight letters that follow from the confirmation and our secret.
 * @returns one for each secret that is accepted; the first goes out
 */
export const codesOf = (confirmation: Pick<EmailConfirmation, 'id' | 'email'>): readonly string[] =>
  subgraphConfig('messaging').accepted.map(secret => codeWith(secret, confirmation));

function codeWith(secret: string, { id, email }: Pick<EmailConfirmation, 'id' | 'email'>): string {
  const key = derive(secret, 'e-mail confirmation');
  const bytes = createHmac('sha256', key).update(`${id} ${email}`).digest();
  return [...bytes.subarray(0, 8)].map(byte => LETTERS[byte % LETTERS.length]).join('');
}

async function send(db: Database, waiting: EmailConfirmation): Promise<void> {
  let state: ConfirmationState = 'SENT';
  try {
    await sendMail({
      to: waiting.email,
      subject: say(SUBJECT, waiting.language),
      text: say(BODY, waiting.language, { code: codesOf(waiting)[0]! }),
      id: waiting.id,
      language: waiting.language,
    });
  } catch (error) {
    if (!(error instanceof MailRefused)) log.error('a channel failed', { channel: 'EMAIL', id: waiting.id, error });
    const forGood = (error instanceof MailRefused && error.permanent) || waiting.attemptCount >= ATTEMPTS;
    state = forGood ? 'FAILED' : 'PENDING';
  }
  await db.tx(serviceOf('messaging'), tx =>
    tx.query(
      `UPDATE email_confirmation SET state = $3, next_attempt_at = clock_timestamp() + $4 * interval '1 second'
       WHERE id = $1 AND version = $2 AND state = 'PENDING'`,
      [waiting.id, waiting.version, state, backoffSeconds(waiting.attemptCount)],
    ),
  );
}
