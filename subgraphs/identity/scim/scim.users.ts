/** SCIM users: the people of an authority. Their roles come with groups, see scim.groups.ts. */
import SCIMMY from 'scimmy';
import { now } from '../../../kernel/clock';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { isId, newId } from '../../../kernel/ids';
import { say } from '../../../kernel/language';
import { ANONYMOUS } from '../../../kernel/principal';
import { askPlace, type Place } from '../asks';
import { StaffMember } from '../staff/staff.entity';
import { rememberStaffPerson } from '../staff/staff.recognition';
import { type StaffContent, staffProblems, writeStaffMember } from '../staff/staff.service';
import { type Directory, type Entry, equalTo, findEntries, inDirectory } from './scim.directory';
import { guarded, matching, scimError } from './scim.errors';
import { mailDomainOf } from './scim.token';

const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
/** SCIM has no date of birth; it is needed to recognise a person's own cases (four eyes). */
const PERSON = 'urn:ietf:params:scim:schemas:extension:amtsgraph:2.0:User';

/** What of a SCIM user counts here. */
interface ScimUser {
  readonly id?: string;
  readonly externalId?: string;
  readonly userName: string;
  readonly displayName?: string;
  readonly name?: { givenName?: string; familyName?: string; formatted?: string };
  readonly emails?: readonly { value?: string; primary?: boolean }[];
  readonly active?: boolean;
  readonly [ENTERPRISE]?: { department?: string };
  readonly [PERSON]?: { dateOfBirth?: string };
}

export function declareUsers(): void {
  const person = new SCIMMY.Types.SchemaDefinition('Person', PERSON, 'Who the person is (four eyes).', [
    new SCIMMY.Types.Attribute('string', 'dateOfBirth', {
      description: 'Day of birth, as YYYY-MM-DD; written, never read.',
      mutable: 'writeOnly',
      returned: 'never',
    }),
  ]);
  SCIMMY.Resources.declare(SCIMMY.Resources.User)
    .extend(SCIMMY.Schemas.EnterpriseUser, false)
    .extend(person as never, false) // it takes a definition as well, whatever its types say
    .egress((resource, directory) => guarded(() => read(resource as Asked, directory as Directory)) as never)
    .ingress(
      (resource, user, directory) =>
        guarded(() => save(resource.id, user as unknown as ScimUser, directory as Directory)) as never,
    )
    .degress((resource, directory) => guarded(() => remove(resource.id!, directory as Directory)));
}

interface Asked {
  readonly id?: string;
  readonly filter?: SCIMMY.Types.Filter;
}

async function read({ id, filter }: Asked, directory: Directory): Promise<object> {
  const [userName, externalId] = [equalTo(filter, 'userName'), equalTo(filter, 'externalId')];
  const wanted = { ...(userName !== undefined && { userName }), ...(externalId !== undefined && { externalId }) };
  const found = await inDirectory(directory, tx =>
    findEntries(tx, directory, id === undefined ? wanted : { ids: known(id) }),
  );
  const isLookedUp = userName !== undefined || externalId !== undefined;
  if (id === undefined) return filter && !isLookedUp ? matching(filter, found.map(shown)) : found.map(shown);
  if (!found[0]) throw scimError(404, null, 'There is no such user.');
  return shown(found[0]);
}

/** A day that there was, in the lifetime of somebody alive. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text) && text >= '1900-01-01' && day <= now();
}

const known = (id: string): string[] => (isId(id) ? [id] : []);

const shown = (entry: Entry): object => ({
  id: entry.id,
  ...(entry.externalId && { externalId: entry.externalId }),
  userName: entry.userName,
  displayName: entry.displayName,
  emails: [{ value: entry.email, type: 'work', primary: true }],
  active: entry.active,
  roles: entry.roles.map(value => ({ value })),
  ...(entry.departmentId && { [ENTERPRISE]: { department: entry.departmentId } }),
  meta: { created: entry.createdAt, version: `W/"${entry.version}"` },
});

async function save(id: string | undefined, user: ScimUser, directory: Directory): Promise<object> {
  const place = await placeOf(user, directory);
  const content = contentOf(user);
  const [problem] = staffProblems(content, true);
  if (problem) throw scimError(400, 'invalidValue', `${problem.path}: ${say(problem.text, 'en')}`);
  const bornOn = user[PERSON]?.dateOfBirth;
  if (bornOn !== undefined && bornOn !== null && !isDay(bornOn))
    throw scimError(400, 'invalidValue', 'dateOfBirth: a day as YYYY-MM-DD is needed.');
  try {
    return await inDirectory(directory, async tx => {
      const kept = id === undefined ? null : await locked(tx, id, directory);
      demandOwnDomain(content.email, kept, directory);
      const old = kept ?? (await removedBefore(tx, content.email, directory));
      const saved = await writeStaffMember(tx, old, { ...content, ...place, roles: old?.roles ?? [] });
      await name(tx, saved.id, user, directory);
      const { givenName, familyName } = user.name ?? {};
      await rememberStaffPerson(tx, saved.id, { givenName, familyName, bornOn });
      const [entry] = await findEntries(tx, directory, { ids: [saved.id] });
      return shown(entry!);
    });
  } catch (error) {
    const taken = ['staff_member_email', 'scim_user_name'].includes(brokenConstraint(error) ?? '');
    throw taken ? scimError(409, 'uniqueness', 'This user name or e-mail address already belongs to somebody.') : error;
  }
}

/** Judged before anybody is looked for by it. An address that somebody has already may stay, so that they can be let go. */
function demandOwnDomain(email: string, kept: StaffMember | null, { mailDomains }: Directory): void {
  if (email === kept?.email || mailDomains.includes(mailDomainOf(email))) return;
  const ours = mailDomains.length > 0 ? `only at ${mailDomains.join(', ')}` : 'at no domain; it needs a new token';
  throw scimError(400, 'invalidValue', `emails: this directory names people ${ours}.`);
}

/** The department, when it is one of the authority's; else the authority itself. */
async function placeOf(user: ScimUser, { authorityId }: Directory): Promise<Place> {
  const department = user[ENTERPRISE]?.department;
  if (!department || department === authorityId) return { authorityId, departmentId: null };
  const asked = { principal: ANONYMOUS, requestId: newId(), language: 'en' } as const;
  const place = isId(department) ? await askPlace(department, asked) : null;
  if (place?.authorityId !== authorityId)
    throw scimError(400, 'invalidValue', 'department: the id of a department of this authority is needed.');
  return place;
}

function contentOf(user: ScimUser): Pick<StaffContent, 'displayName' | 'email' | 'active'> {
  const { displayName, name: { formatted, givenName, familyName } = {}, emails = [], userName, active } = user;
  const email = (emails.find(({ primary }) => primary) ?? emails[0])?.value ?? userName;
  const names = [givenName, familyName].filter(Boolean).join(' ');
  return { displayName: (displayName ?? formatted ?? names).trim(), email: email.trim(), active: active ?? true };
}

async function locked(tx: Tx, id: string, directory: Directory): Promise<StaffMember> {
  const [entry] = await findEntries(tx, directory, { ids: known(id) }, true);
  if (!entry) throw scimError(404, null, 'There is no such user.');
  const { userName, externalId, ...member } = entry;
  return Object.assign(new StaffMember(), member);
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

const name = (tx: Tx, id: string, { userName, externalId }: ScimUser, { authorityId }: Directory): Promise<unknown> =>
  tx.query(
    `INSERT INTO scim_user (staff_member_id, authority_id, user_name, external_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (staff_member_id) DO UPDATE SET user_name = excluded.user_name, external_id = excluded.external_id,
       removed_at = NULL`,
    [id, authorityId, userName, externalId ?? null],
  );

/** A leaver: access ends at once, the cases wait for somebody else, what they did stays theirs. */
function remove(id: string, directory: Directory): Promise<void> {
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
