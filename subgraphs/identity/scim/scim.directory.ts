/** An authority's directory as SCIM's handlers see it: its people and their roles, read and written one transaction each. */
import type { Database, Tx } from '../../../kernel/database/database';
import { rows } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { StaffMember } from '../staff/staff.entity';
import type { Granted } from './scim.token';

/** Whose directory asks, for which mail domains it speaks, in whose database, and at which address of ours. */
export interface Directory extends Granted {
  readonly db: Database;
  readonly base: string;
}

/** What the directory said of a person's names, as far as nothing else keeps it. */
export interface Said {
  readonly displayName?: string;
  readonly name?: { readonly formatted?: string; readonly familyName?: string; readonly givenName?: string };
  /** Of the address, such as `work`. */
  readonly emailType?: string;
}

export type Entry = StaffMember & {
  readonly userName: string;
  readonly externalId: string | null;
  readonly said: Said;
};

export const inDirectory = <T>({ db }: Directory, work: (tx: Tx) => Promise<T>): Promise<T> =>
  db.tx(serviceOf('identity'), work);

/** Those the directory has not deleted, with the names it gave them. */
export interface Wanted {
  readonly ids?: readonly string[];
  readonly userName?: string;
  readonly externalId?: string;
}

/** @param lock holds the people against other writers until the transaction ends */
export async function findEntries(tx: Tx, { authorityId }: Directory, wanted: Wanted, lock = false): Promise<Entry[]> {
  const members = await rows(
    tx,
    StaffMember,
    `SELECT member.* FROM staff_member AS member LEFT JOIN scim_user AS named ON named.staff_member_id = member.id
     WHERE member.authority_id = $1 AND named.removed_at IS NULL
       AND ($2::uuid[] IS NULL OR member.id = ANY($2))
       AND ($3::text IS NULL OR lower(normalize(coalesce(named.user_name, member.email))) = lower(normalize($3)))
       AND ($4::text IS NULL OR named.external_id = $4)
     ORDER BY member.id ${lock ? 'FOR UPDATE OF member' : ''}`,
    [authorityId, wanted.ids ?? null, wanted.userName ?? null, wanted.externalId ?? null],
  );
  const named: { staff_member_id: string; user_name: string; external_id: string | null; said: Said }[] =
    await tx.query(
      `SELECT staff_member_id, user_name, external_id, said FROM scim_user WHERE staff_member_id = ANY($1)`,
      [members.map(({ id }) => id)],
    );
  const names = new Map(named.map(row => [row.staff_member_id, row]));
  return members.map(member => ({
    ...member,
    userName: names.get(member.id)?.user_name ?? member.email,
    externalId: names.get(member.id)?.external_id ?? null,
    said: names.get(member.id)?.said ?? {},
  }));
}

/** As the tables of staff hold them. */
export function memberOf({ userName, externalId, said, ...member }: Entry): StaffMember {
  return Object.assign(new StaffMember(), member);
}
