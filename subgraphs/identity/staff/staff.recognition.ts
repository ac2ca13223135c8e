/**
 * Four eyes (Vier-Augen-Prinzip): which accounts are a staff member's own. The directory's entry and the account are
 * matched here, by name and date of birth (ADR 32); only that they are surely or perhaps the same person leaves identity.
 */
import type { Tx } from '../../../kernel/database/database';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';
import { publishAll } from '../../../schema/events';
import { birthDate, isWhollyKnown } from '../accounts/birth-date';

/** Who somebody is, as a directory or an identification says it. */
export interface KnownPerson {
  readonly givenName: string | undefined;
  readonly familyName: string | undefined;
  /** The whole name, for where its parts are unknown. */
  readonly fullName?: string | undefined;
  readonly bornOn: string | undefined;
}

/** @param person what the authority's directory says; what it leaves out stays as it was */
export async function rememberStaffPerson(tx: Tx, staffMemberId: string, person: KnownPerson): Promise<void> {
  const [row]: { display_name: string; name_key: string | null; born: string | null }[] = await tx.query(
    `SELECT member.display_name, person.name_key, coalesce(to_char(born_on, 'YYYY-MM-DD'), born_part) AS born
     FROM staff_member AS member LEFT JOIN staff_person AS person ON person.staff_member_id = member.id WHERE member.id = $1`,
    [staffMemberId],
  );
  const { givenName, familyName, fullName } = person;
  const inParts = nameKey(givenName, familyName) ?? (row!.name_key?.includes('|') ? row!.name_key : null);
  const key = inParts ?? nameKey(fullName) ?? nameKey(row!.display_name);
  if (!key) return;
  const said = birthDate(person.bornOn ?? '');
  // what is known in part replaces nothing whole
  const born = said && (isWhollyKnown(said) || !row!.born || !isWhollyKnown(row!.born)) ? said : row!.born;
  await remember(tx, 'staff', staffMemberId, key, born, { key: row!.name_key, born: row!.born });
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
  const key = nameKey(proven('givenName'), proven('familyName')) ?? nameKey(proven('fullName'));
  if (!key) return;
  const [row]: { key: string; born: string | null }[] = await tx.query(
    `SELECT name_key AS key, coalesce(to_char(born_on, 'YYYY-MM-DD'), born_part) AS born FROM account_person WHERE account_id = $1`,
    [accountId],
  );
  await remember(tx, 'account', accountId, key, birthDate(proven('dateOfBirth') ?? ''), row);
}

/** The holder of the account is erased: nobody can be recognised by it any more. */
export async function forgetAccountPerson(tx: Tx, accountId: string): Promise<void> {
  await tx.query(`DELETE FROM account_person WHERE account_id = $1`, [accountId]);
  await tellOwnAccounts(tx, 'account', accountId);
}

type Side = 'staff' | 'account';
const COLUMN = { staff: 'staff_member_id', account: 'account_id' } as const;
const MATCHING = { staff: 'accounts_of_staff', account: 'staff_of_account' } as const;

async function remember(
  tx: Tx,
  side: Side,
  id: string,
  key: string,
  born: string | null,
  stored: { readonly key: string | null; readonly born: string | null } | undefined,
): Promise<void> {
  if (stored?.key !== key || stored.born !== born) {
    // both sides may come at once: who is second waits, and finds the first
    await tx.query(
      `SELECT pg_advisory_xact_lock(lock) FROM (
         SELECT DISTINCT hashtextextended('name ' || part, 0) AS lock FROM unnest(name_words($1) || name_letters($1) || name_joined($2)) AS part
         ORDER BY lock) AS locks`,
      [key.replace('|', ' '), key],
    );
    const whole = born !== null && isWhollyKnown(born);
    await tx.query(
      `INSERT INTO ${side}_person (${COLUMN[side]}, name_key, born_on, born_part) VALUES ($1, $2, $3, $4)
       ON CONFLICT (${COLUMN[side]}) DO UPDATE SET name_key = excluded.name_key, born_on = excluded.born_on,
         born_part = excluded.born_part`,
      [id, key, whole ? born : null, whole ? null : born],
    );
  }
  await tellOwnAccounts(tx, side, id);
}

/** Writes down which pairs are the same person now, and tells what has changed. */
async function tellOwnAccounts(tx: Tx, side: Side, id: string): Promise<void> {
  const changed: { staff_member_id: string; account_id: string; same: boolean; certain: boolean }[] = await tx.query(
    `WITH matching AS (SELECT * FROM ${MATCHING[side]}($1)),
     gone AS (
       DELETE FROM own_account WHERE ${COLUMN[side]} = $1
         AND (staff_member_id, account_id) NOT IN (SELECT staff_member_id, account_id FROM matching)
       RETURNING staff_member_id, account_id
     ), come AS (
       INSERT INTO own_account AS own (staff_member_id, account_id, certain) SELECT * FROM matching
       ON CONFLICT (staff_member_id, account_id) DO UPDATE SET certain = excluded.certain
         WHERE own.certain <> excluded.certain
       RETURNING staff_member_id, account_id, certain
     )
     SELECT staff_member_id, account_id, certain, true AS same FROM come
     UNION ALL SELECT staff_member_id, account_id, true, false FROM gone`,
    [id],
  );
  await publishAll(
    tx,
    'staff.recognised',
    changed.map(({ staff_member_id: staffMemberId, account_id: accountId, same, certain }) => ({
      key: staffMemberId,
      payload: { staffMemberId, accountId, same, ...(!certain && { certain }) },
    })),
  );
}

/** Null when nothing of a name is known. What is equal in it is worked out by the database (name_words, name_letters, name_joined). */
function nameKey(...parts: (string | undefined)[]): string | null {
  const known = parts.map(part => (part ?? '').normalize('NFKC').toLocaleLowerCase('de').replace(/\s+/g, ' ').trim());
  return known.some(part => /\p{L}/u.test(part)) ? known.join('|') : null;
}
