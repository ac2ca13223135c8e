/** SCIM users: the people of an authority. Their roles come with groups, see scim.groups.ts. */
import { now } from '../../../kernel/clock';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { isId, newId } from '../../../kernel/ids';
import { say } from '../../../kernel/language';
import { ANONYMOUS } from '../../../kernel/principal';
import { birthDate } from '../accounts/birth-date';
import { askPlace, type Place } from '../asks';
import { StaffMember } from '../staff/staff.entity';
import { rememberStaffPerson } from '../staff/staff.recognition';
import { staffProblems, writeStaffMember } from '../staff/staff.service';
import { type Directory, type Entry, findEntries, inDirectory, memberOf, type Said } from './scim.directory';
import { scimError } from './scim.errors';
import type { Filter, Values } from './scim.filter';
import { patched, resourceOf } from './scim.patch';
import type { Resources } from './scim.routes';
import { ENTERPRISE, PERSON, USER } from './scim.schema';
import { mailDomainOf } from './scim.token';

/** What of a SCIM user counts here. */
interface ScimUser {
  readonly externalId?: string;
  readonly userName?: string;
  readonly displayName?: string;
  readonly name?: Said['name'];
  readonly emails?: readonly { value?: string; type?: string; primary?: boolean }[];
  readonly active?: boolean;
  readonly [ENTERPRISE]?: { department?: string };
  readonly [PERSON]?: { dateOfBirth?: string };
}

export const users: Resources = {
  type: USER,
  async list(directory, filter) {
    const wanted = lookedUp(filter);
    const found = await inDirectory(directory, tx => findEntries(tx, directory, wanted ?? {}));
    const all = found.map(entry => shown(entry, directory));
    return filter ? all.filter(filter.matches) : all;
  },
  read: async (directory, id) => shown(await entryOf(directory, id), directory),
  create: (directory, body) => save(null, resourceOf(USER, body), directory),
  async replace(directory, id, body) {
    const user = resourceOf(USER, body);
    return writeTo(directory, id, () => user);
  },
  patch: (directory, id, body) => writeTo(directory, id, entry => changed(entry, directory, body)),
  remove,
};

/** A filter by one name reads one row; any other is applied to the whole list. */
function lookedUp(filter: Filter | null): { userName: string } | { externalId: string } | null {
  const [[attribute, value] = [], ...more] = filter?.equal ?? [];
  if (more.length > 0 || typeof value !== 'string') return null;
  if (attribute?.name === 'userName') return { userName: value.trim() };
  return attribute?.name === 'externalId' ? { externalId: value } : null;
}

async function entryOf(directory: Directory, id: string): Promise<Entry> {
  const [entry] = await inDirectory(directory, tx => findEntries(tx, directory, { ids: known(id) }));
  return entry ?? nobody();
}

const nobody = (): never => {
  throw scimError(404, null, 'There is no such user.');
};

/** The catalogue is asked between reading and writing; who was changed by then is read anew. */
async function writeTo(directory: Directory, id: string, work: (entry: Entry) => ScimUser): Promise<Values> {
  for (let attempt = 1; ; attempt++) {
    const entry = await entryOf(directory, id);
    try {
      return await save(entry, work(entry), directory);
    } catch (error) {
      if (!(error instanceof Outdated) || attempt === ATTEMPTS) throw error;
    }
  }
}

const ATTEMPTS = 4;
const LONGEST_NAME = 200;
const LONGEST_USER_NAME = 320;
class Outdated extends Error {}

/** A name that was made of the others is made anew of what they are then. */
function changed(entry: Entry, directory: Directory, body: unknown): ScimUser {
  const { said } = entry;
  const isMade = said.displayName === undefined && entry.displayName === madeOf(said.name);
  const { displayName, ...rest } = shown(entry, directory);
  const after: ScimUser = patched(USER, isMade ? rest : { ...rest, displayName }, body);
  const isRenamed = after.name?.givenName !== said.name?.givenName || after.name?.familyName !== said.name?.familyName;
  if (!isRenamed || after.name?.formatted !== said.name?.formatted) return after;
  const { formatted, ...parts } = after.name ?? {};
  return { ...after, name: parts };
}

const known = (id: string): string[] => (isId(id) ? [id] : []);

const shown = (entry: Entry, { base }: Directory): Values => ({
  schemas: [USER.core.id, ...(entry.departmentId ? [ENTERPRISE] : [])],
  id: entry.id,
  ...(entry.externalId && { externalId: entry.externalId }),
  userName: entry.userName,
  displayName: entry.displayName,
  ...(entry.said.name && { name: { ...entry.said.name } }),
  emails: [{ value: entry.email, type: entry.said.emailType ?? 'work', primary: true }],
  active: entry.active,
  roles: entry.roles.map(value => ({ value })),
  ...(entry.departmentId && { [ENTERPRISE]: { department: entry.departmentId } }),
  meta: {
    resourceType: 'User',
    created: entry.createdAt.toISOString(),
    location: `${base}${USER.endpoint}/${entry.id}`,
    version: `W/"${entry.version}"`,
  },
});

/** @param entry as it was when `user` was made of it; null for a new person */
async function save(entry: Entry | null, user: ScimUser, directory: Directory): Promise<Values> {
  const userName = user.userName?.trim();
  if (!userName) throw scimError(400, 'invalidValue', 'userName: a text is needed.');
  demandShort(userName, user.name);
  const place = await placeOf(user, entry, directory);
  const address = addressOf(user, userName);
  const content = {
    displayName: (user.displayName ?? madeOf(user.name)).trim(),
    email: address.value.trim(),
    active: user.active ?? entry?.active ?? true, // who was let go stays so until something is said of it
  };
  const [problem] = staffProblems(content, true);
  if (problem) throw scimError(400, 'invalidValue', `${problem.path}: ${say(problem.text, 'en')}`);
  const bornOn = user[PERSON]?.dateOfBirth;
  // a directory that does not even know the year leaves it out
  if (bornOn !== undefined && (birthDate(bornOn) ?? '0000').startsWith('0000'))
    throw scimError(400, 'invalidValue', 'dateOfBirth: a day as YYYY-MM-DD is needed, with 00 for what is unknown.');
  const said: Said = {
    ...(user.displayName !== undefined && { displayName: user.displayName }),
    ...(user.name && { name: user.name }),
    ...(address.type && { emailType: address.type }),
  };
  try {
    return await inDirectory(directory, async tx => {
      const kept = entry && (await locked(tx, entry.id, directory));
      if (kept?.version !== entry?.version) throw new Outdated();
      demandOwnDomain(content.email, kept, directory);
      const old = kept ?? (await removedBefore(tx, content.email, directory));
      const saved = await writeStaffMember(tx, old, { ...content, ...place, roles: old?.roles ?? [] });
      await name(tx, saved.id, { userName, externalId: user.externalId ?? null, said }, directory);
      await recognise(tx, saved.id, bornOn);
      const [now] = await findEntries(tx, directory, { ids: [saved.id] });
      return shown(now!, directory);
    });
  } catch (error) {
    const taken = ['staff_member_email', 'scim_user_name'].includes(brokenConstraint(error) ?? '');
    throw taken ? scimError(409, 'uniqueness', 'This user name or e-mail address already belongs to somebody.') : error;
  }
}

/** Longer ones are nobody's, and no index holds them. */
function demandShort(userName: string, names: Said['name'] = {}): void {
  if (userName.length > LONGEST_USER_NAME)
    throw scimError(400, 'invalidValue', `userName: at most ${LONGEST_USER_NAME} characters.`);
  for (const [part, text = ''] of Object.entries(names))
    if (text.normalize('NFKD').length > 2 * LONGEST_NAME || text.length > LONGEST_NAME)
      throw scimError(400, 'invalidValue', `${part}: at most ${LONGEST_NAME} characters.`);
}

/** By the names that are stored, whichever way they came there. */
async function recognise(tx: Tx, id: string, bornOn: string | undefined): Promise<void> {
  const [row]: { said: Said }[] = await tx.query(`SELECT said FROM scim_user WHERE staff_member_id = $1`, [id]);
  const { givenName, familyName } = row?.said.name ?? {};
  await rememberStaffPerson(tx, id, { givenName, familyName, bornOn });
}

/** Judged before anybody is looked for by it. An address that somebody has already may stay, so that they can be let go. */
function demandOwnDomain(email: string, kept: StaffMember | null, { mailDomains }: Directory): void {
  if (email === kept?.email || mailDomains.includes(mailDomainOf(email))) return;
  const ours = mailDomains.length > 0 ? `only at ${mailDomains.join(', ')}` : 'at no domain; it needs a new token';
  throw scimError(400, 'invalidValue', `emails: this directory names people ${ours}.`);
}

/** The department, when it is one of the authority's; else the authority itself. */
async function placeOf(user: ScimUser, entry: Entry | null, { authorityId }: Directory): Promise<Place> {
  const department = user[ENTERPRISE]?.department;
  if (!department || department === authorityId) return { authorityId, departmentId: null };
  if (department === entry?.departmentId) return { authorityId, departmentId: department };
  const asked = { principal: ANONYMOUS, requestId: newId(), language: 'en' } as const;
  const place = isId(department) ? await askPlace(department, asked) : null;
  if (place?.authorityId !== authorityId)
    throw scimError(400, 'invalidValue', 'department: the id of a department of this authority is needed.');
  return place;
}

/** The primary address; without any the user name is one. */
function addressOf({ emails = [] }: ScimUser, userName: string): { value: string; type?: string | undefined } {
  const { value = userName, type } = emails.find(({ primary }) => primary) ?? emails[0] ?? {};
  return { value, type };
}

const madeOf = ({ formatted, givenName, familyName }: Said['name'] = {}): string =>
  formatted ?? [givenName, familyName].filter(Boolean).join(' ');

async function locked(tx: Tx, id: string, directory: Directory): Promise<StaffMember> {
  const [entry] = await findEntries(tx, directory, { ids: known(id) }, true);
  return entry ? memberOf(entry) : nobody();
}

/** Somebody the directory had deleted and brings back: the same person, with the same history. */
async function removedBefore(tx: Tx, email: string, { authorityId }: Directory): Promise<StaffMember | null> {
  const [found] = await rows(
    tx,
    StaffMember,
    `SELECT member.* FROM staff_member AS member JOIN scim_user AS named ON named.staff_member_id = member.id
     WHERE lower(member.email) = lower($1) AND member.authority_id = $2 AND named.removed_at IS NOT NULL FOR UPDATE`,
    [email, authorityId],
  );
  return found ? Object.assign(found, { roles: [] }) : null;
}

interface Named {
  readonly userName: string;
  readonly externalId: string | null;
  readonly said: Said;
}

const name = (
  tx: Tx,
  id: string,
  { userName, externalId, said }: Named,
  { authorityId }: Directory,
): Promise<unknown> =>
  tx.query(
    `INSERT INTO scim_user (staff_member_id, authority_id, user_name, external_id, said) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (staff_member_id) DO UPDATE SET user_name = excluded.user_name, external_id = excluded.external_id,
       said = excluded.said, removed_at = NULL`,
    [id, authorityId, userName, externalId, said],
  );

/** A leaver: access ends at once, the cases wait for somebody else, what they did stays theirs. */
function remove(directory: Directory, id: string): Promise<void> {
  return inDirectory(directory, async tx => {
    const member = await locked(tx, id, directory);
    await writeStaffMember(tx, member, { ...member, active: false });
    await tx.query(
      `INSERT INTO scim_user (staff_member_id, authority_id, user_name, removed_at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (staff_member_id) DO UPDATE SET removed_at = excluded.removed_at`,
      [member.id, directory.authorityId, member.email, now()],
    );
  });
}
