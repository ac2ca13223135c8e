/** Tells holders by e-mail that their account will be erased because nobody uses it; the row is its queue. */
import { today } from '../../../kernel/clock';
import { afterCommit, type Database, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { derivedId } from '../../../kernel/ids';
import { dayInWords, say, type Text } from '../../../kernel/language';
import { logger } from '../../../kernel/log';
import { MailRefused, sendMail } from '../../../kernel/mail';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import type { Events } from '../../../schema/events';
import { IdleNotice, type IdleNoticeState } from './idle-notice.entity';
import { addressForNeeded, preferencesOf } from './notification.loaders';

const QUEUE = 'idle notices';
const WHO = serviceOf('messaging');
const log = logger('messaging');

const SUBJECT: Text = { de: 'Ihr Servicekonto wird gelöscht', en: 'Your service account will be deleted' };
const BODY: Text = {
  de: `Guten Tag,

Ihr Servicekonto wurde lange nicht benutzt. Am {date} wird es mit den Daten gelöscht, die nicht aus gesetzlichen Gründen aufbewahrt werden müssen.

Wenn Sie es behalten möchten, melden Sie sich vorher einmal wie gewohnt an. Sonst müssen Sie nichts tun.

Zu Ihrer Sicherheit enthält diese E-Mail keinen Verweis. Bitte antworten Sie nicht darauf.`,
  en: `Hello,

Your service account has not been used for a long time. On {date} it will be deleted, with all data that need not be kept by law.

If you wish to keep it, sign in once as usual before that day. Otherwise there is nothing you need to do.

For your safety this e-mail contains no link. Please do not reply to it.`,
};

export const idleNoticeQueue: Queue<IdleNotice> = {
  name: QUEUE,
  entity: IdleNotice,
  table: 'idle_notice',
  due: `state = 'PENDING'`,
  work: send,
};

/** Heard twice it is one notice. */
export async function announceErasure(tx: Tx, { accountId, erasedOn }: Events['account.idle']): Promise<void> {
  await tx.query(
    `INSERT INTO idle_notice (id, version, account_id, erased_on, state, next_attempt_at)
     VALUES ($1, 1, $2, $3, 'PENDING', clock_timestamp()) ON CONFLICT DO NOTHING`,
    [derivedId('idle-notice', accountId, erasedOn), accountId, erasedOn],
  );
  afterCommit(tx, () => wake(QUEUE));
}

async function send(db: Database, notice: IdleNotice): Promise<void> {
  const state = await deliver(db, notice);
  if (state === 'UNREACHABLE') log.warn('nobody could be told that an account will be erased', { id: notice.id });
  await db.tx(WHO, tx =>
    tx.query(
      `UPDATE idle_notice SET state = $3, next_attempt_at = clock_timestamp() + $4 * interval '1 second'
       WHERE id = $1 AND version = $2 AND state = 'PENDING'`,
      [notice.id, notice.version, state, backoffSeconds(notice.attemptCount)],
    ),
  );
}

/**
 * To be erased without a word is worse than mail to an address of the sign-in. What the account wants to be told of by
 * e-mail does not matter here.
 */
async function deliver(db: Database, { id, accountId, erasedOn }: IdleNotice): Promise<IdleNoticeState> {
  if (erasedOn <= today()) return 'UNREACHABLE';
  const { to, language } = await db.tx(WHO, async tx => {
    const preferences = await preferencesOf(tx, accountId);
    return { to: await addressForNeeded(tx, preferences), language: preferences.language };
  });
  if (to === null) return 'UNREACHABLE';
  const text = say(BODY, language, { date: dayInWords(erasedOn, language) });
  try {
    await sendMail({ to, subject: say(SUBJECT, language), text, id, language });
    return 'SENT';
  } catch (error) {
    if (!(error instanceof MailRefused)) log.error('a channel failed', { channel: 'EMAIL', id, error });
    return error instanceof MailRefused && error.permanent ? 'UNREACHABLE' : 'PENDING';
  }
}
