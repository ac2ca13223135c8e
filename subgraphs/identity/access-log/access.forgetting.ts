/** Readers are people too: their names leave the access log when the law says so, and its chains stay verifiable. */
import { today } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';

const AT_ONCE = 10_000;
export const FORGOTTEN = 'gelöscht';

/** Until the end of the year after the reading readers stay known (§ 76 Abs. 4 BDSG). @returns a date; what is older has no reader */
export const namedSince = (): string => `${Number(today().slice(0, 4)) - 1}-01-01`;

/** Name and salt go: what stays in the chain is a hash that says no name to anybody. @returns how many; call again while there are any */
export async function forgetReaders(tx: Tx): Promise<number> {
  const [, count]: [unknown, number] = await tx.query(
    `UPDATE access_record SET reader = 'forgotten:' || id, staff_member_id = NULL, actor_name = $2, salt = NULL
     WHERE id IN (SELECT id FROM access_record WHERE salt IS NOT NULL AND occurred_at < $1::date LIMIT ${AT_ONCE})`,
    [namedSince(), FORGOTTEN],
  );
  return count;
}
