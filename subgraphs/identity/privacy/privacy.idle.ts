/** Accounts that nobody uses: their holder is told, and when nobody signs in then, they are erased like on request. */
import { addDays, today } from '../../../kernel/clock';
import { setting } from '../../../kernel/config';
import type { Database, Tx } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { publish } from '../../../schema/events';
import { PrivacyRequestKind } from './privacy.entity';
import { begin, openRequest } from './privacy.service';

const AT_ONCE = 100;

const idleDays = (): number => Number(setting('IDLE_ACCOUNT_DAYS'));
const noticeDays = (): number => Number(setting('IDLE_NOTICE_DAYS'));

/** A sign-in, or somebody who acts for it: the account is in use, and what was announced is off. */
export async function seen(tx: Tx, accountId: string): Promise<void> {
  await tx.query(
    `UPDATE account SET last_seen_on = $2, idle_notice_on = NULL
     WHERE id = $1 AND (last_seen_on < $2::date OR idle_notice_on IS NOT NULL)`,
    [accountId, today()],
  );
}

/** @returns how many accounts were told of, and how many are to be erased */
export async function retireIdleAccounts(db: Database): Promise<{ told: number; ended: number }> {
  const found = { told: 0, ended: 0 };
  for (;;) {
    const [told, ended] = await db.tx(serviceOf('identity'), async tx => [await tell(tx), await end(tx)] as const);
    found.told += told;
    found.ended += ended;
    if (told < AT_ONCE && ended < AT_ONCE) return found;
  }
}

async function tell(tx: Tx): Promise<number> {
  const idle: { id: string }[] = await tx.query(
    `SELECT id FROM account WHERE erased_at IS NULL AND idle_notice_on IS NULL AND last_seen_on <= $1
     ORDER BY last_seen_on LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
    [addDays(today(), noticeDays() - idleDays())],
  );
  for (const { id } of idle) {
    await tx.query(`UPDATE account SET idle_notice_on = $2 WHERE id = $1`, [id, today()]);
    await publish(tx, 'account.idle', id, { accountId: id, erasedOn: addDays(today(), noticeDays()) });
  }
  return idle.length;
}

async function end(tx: Tx): Promise<number> {
  const over: { id: string }[] = await tx.query(
    `SELECT id FROM account WHERE erased_at IS NULL AND last_seen_on <= $1 AND idle_notice_on <= $2
       AND NOT EXISTS (SELECT FROM privacy_request WHERE account_id = account.id AND kind = 'ERASURE'
                       AND state IN ('REQUESTED', 'RUNNING'))
     ORDER BY last_seen_on LIMIT ${AT_ONCE} FOR UPDATE SKIP LOCKED`,
    [addDays(today(), -idleDays()), addDays(today(), -noticeDays())],
  );
  for (const { id } of over) {
    if (await openRequest(tx, id, PrivacyRequestKind.ERASURE)) continue;
    const nobody = { requestedById: null, sessionId: null };
    await begin(tx, { accountId: id, kind: PrivacyRequestKind.ERASURE, needed: TrustLevel.BASIC, ...nobody });
  }
  return over.length;
}
