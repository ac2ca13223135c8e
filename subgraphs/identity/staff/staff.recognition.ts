/**
 * Four eyes (Vier-Augen-Prinzip): which accounts are a staff member's own. The directory's entry and the account are
 * matched here, by name and date of birth; only that they are the same person leaves identity, by event.
 */
import type { Tx } from '../../../kernel/database/database';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';
import { publish } from '../../../schema/events';

/** Who somebody is, as a directory or an identification says it. */
export interface KnownPerson {
  readonly givenName: string | undefined;
  readonly familyName: string | undefined;
  /** `YYYY-MM-DD`. Where one side does not know it, the same name is enough. */
  readonly bornOn: string | undefined;
}

/** @param person what the authority's directory says; what it leaves out stays as it was */
export async function rememberStaffPerson(tx: Tx, staffMemberId: string, person: KnownPerson): Promise<void> {
  const key = nameKey(person);
  if (!key) return;
  await tx.query(
    `INSERT INTO staff_person (staff_member_id, name_key, born_on) VALUES ($1, $2, $3)
     ON CONFLICT (staff_member_id) DO UPDATE SET name_key = excluded.name_key,
       born_on = coalesce(excluded.born_on, staff_person.born_on)`,
    [staffMemberId, key, dateOrNull(person.bornOn)],
  );
  await tellOwnAccounts(tx, 'staff_member_id', staffMemberId);
}

/** The facts of an account by name. What is only said, at BASIC level, proves nobody. */
export async function rememberAccountPerson(
  tx: Tx,
  accountId: string,
  facts: ReadonlyMap<string, { readonly value: string; readonly trustLevel: TrustLevel }>,
): Promise<void> {
  const proven = (name: string) => {
    const fact = facts.get(name);
    return fact && trustSuffices(fact.trustLevel, TrustLevel.LOW) ? fact.value : undefined;
  };
  const key = nameKey({ givenName: proven('givenName'), familyName: proven('familyName'), bornOn: undefined });
  if (!key) return;
  await tx.query(
    `INSERT INTO account_person (account_id, name_key, born_on) VALUES ($1, $2, $3)
     ON CONFLICT (account_id) DO UPDATE SET name_key = excluded.name_key, born_on = excluded.born_on`,
    [accountId, key, dateOrNull(proven('dateOfBirth'))],
  );
  await tellOwnAccounts(tx, 'account_id', accountId);
}

/** The holder of the account is erased: nobody can be recognised by it any more. */
export async function forgetAccountPerson(tx: Tx, accountId: string): Promise<void> {
  await tx.query(`DELETE FROM account_person WHERE account_id = $1`, [accountId]);
  await tellOwnAccounts(tx, 'account_id', accountId);
}

/** Writes down which pairs are the same person now, and tells what has changed. */
async function tellOwnAccounts(tx: Tx, side: 'staff_member_id' | 'account_id', id: string): Promise<void> {
  const changed: { staff_member_id: string; account_id: string; same: boolean }[] = await tx.query(
    `WITH matching AS (
       SELECT staff.staff_member_id, account.account_id
       FROM staff_person AS staff JOIN account_person AS account ON account.name_key = staff.name_key
         AND (account.born_on IS NULL OR staff.born_on IS NULL OR account.born_on = staff.born_on)
       WHERE ${side} = $1
     ), gone AS (
       DELETE FROM own_account WHERE ${side} = $1
         AND (staff_member_id, account_id) NOT IN (SELECT staff_member_id, account_id FROM matching)
       RETURNING staff_member_id, account_id
     ), come AS (
       INSERT INTO own_account SELECT * FROM matching ON CONFLICT DO NOTHING RETURNING staff_member_id, account_id
     )
     SELECT *, true AS same FROM come UNION ALL SELECT *, false FROM gone`,
    [id],
  );
  for (const { staff_member_id: staffMemberId, account_id: accountId, same } of changed) {
    await publish(tx, 'staff.recognised', staffMemberId, { staffMemberId, accountId, same });
  }
}

/** Equal for the same name, however it is written; null when half of it is unknown. */
function nameKey({ givenName, familyName }: KnownPerson): string | null {
  const parts = [givenName, familyName].map(part =>
    (part ?? '').normalize('NFKC').toLocaleLowerCase('de').replace(/\s+/g, ' ').trim(),
  );
  return parts.every(Boolean) ? parts.join('|') : null;
}

const dateOrNull = (text: string | undefined): string | null =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : null;
