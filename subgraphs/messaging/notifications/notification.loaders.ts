/** Notification preferences; an account that never changed them has those we begin with. */
import { rows, type Tx } from '../../../kernel/database/database';
import type { Person } from '../../../kernel/principal';
import { mailboxRights } from '../mailbox/mailbox.rights';
import { MessageKind } from '../messages/message.entity';
import { NotificationPreferences } from './notification.entity';

/** The address that identity knows is only proposed: nothing is sent to it before the account has confirmed it here. */
export async function preferencesOf(tx: Tx, accountId: string): Promise<NotificationPreferences> {
  const [kept] = await rows(tx, NotificationPreferences, `SELECT * FROM notification_preferences WHERE id = $1`, [
    accountId,
  ]);
  if (kept) return kept;
  return tx.create(NotificationPreferences, {
    id: accountId,
    version: 1,
    email: await addressOfSignIn(tx, accountId),
    emailConfirmed: false,
    confirmedEmail: null,
    emailFor: Object.values(MessageKind),
    language: 'de',
  });
}

/** The address the holder has given at the sign-in; null when none. */
export async function addressOfSignIn(tx: Tx, accountId: string): Promise<string | null> {
  const [account]: { email: string | null }[] = await tx.query(`SELECT email FROM account WHERE account_id = $1`, [
    accountId,
  ]);
  return account?.email ?? null;
}

/**
 * Where mail goes that law needs: the confirmed address, else the last that was, else that of the sign-in. A stranger who
 * reads it learns nothing about anybody.
 */
export async function addressForNeeded(
  tx: Tx,
  { id, email, emailConfirmed, confirmedEmail }: NotificationPreferences,
): Promise<string | null> {
  return emailConfirmed ? email : (confirmedEmail ?? (await addressOfSignIn(tx, id)));
}

/** What somebody sees who opened the mailbox: an agent for some services learns no address. */
export async function preferencesSeenBy(tx: Tx, holder: Person): Promise<NotificationPreferences> {
  const preferences = await preferencesOf(tx, holder.actingFor);
  const mailbox = { accountId: holder.actingFor };
  return mailboxRights.maySeePart('address', mailbox, holder)
    ? preferences
    : Object.assign(preferences, { email: null });
}
