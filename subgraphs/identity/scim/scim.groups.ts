/**
 * SCIM groups: one for each role, whose members hold it; they are always there, and none is made. OPERATOR is missing: only
 * operators grant it, in the graph.
 */

import type { Tx } from '../../../kernel/database/database';
import { StaffRole } from '../staff/staff.roles';
import { writeStaffMember } from '../staff/staff.service';
import { type Directory, type Entry, findEntries, inDirectory, memberOf } from './scim.directory';
import { scimError } from './scim.errors';
import type { Values } from './scim.filter';
import { patched, resourceOf } from './scim.patch';
import type { Resources } from './scim.routes';
import { GROUP } from './scim.schema';

const ROLES = Object.values(StaffRole).filter(role => role !== StaffRole.OPERATOR);

export const groups: Resources = {
  type: GROUP,
  async list(directory, filter) {
    const staff = await inDirectory(directory, tx => findEntries(tx, directory, {}));
    const all = ROLES.map(role => shown(role, staff, directory));
    return filter ? all.filter(filter.matches) : all;
  },
  async read(directory, id) {
    const role = roleOf(id);
    return shown(role, await inDirectory(directory, tx => findEntries(tx, directory, {})), directory);
  },
  async create(_directory, body) {
    const { displayName } = resourceOf(GROUP, body);
    const role = named(displayName);
    throw role
      ? scimError(409, 'uniqueness', `The group ${role} is there already; its members are changed by PATCH or PUT.`)
      : scimError(400, 'invalidValue', `A group is one of ${ROLES.join(', ')}.`);
  },
  replace: (directory, id, body) => change(directory, roleOf(id), () => resourceOf(GROUP, body)),
  patch: (directory, id, body) => change(directory, roleOf(id), group => patched(GROUP, group, body)),
  async remove(directory, id) {
    await change(directory, roleOf(id), group => ({ ...group, members: [] }));
  },
};

const shown = (role: StaffRole, staff: readonly Entry[], { base }: Directory): Values => ({
  schemas: [GROUP.core.id],
  id: role,
  displayName: role,
  members: staff
    .filter(({ roles }) => roles.includes(role))
    .map(({ id, displayName }) => ({ value: id, display: displayName, type: 'User', $ref: `${base}/Users/${id}` })),
  meta: { resourceType: 'Group', location: `${base}${GROUP.endpoint}/${role}` },
});

function roleOf(id: string): StaffRole {
  const role = ROLES.find(one => one === id);
  if (!role) throw scimError(404, null, 'There is no such group.');
  return role;
}

/** Names of groups are not case-exact. */
const named = (displayName: unknown): StaffRole | undefined =>
  ROLES.find(role => role === String(displayName).trim().toUpperCase());

/** In one transaction, so that nobody else's change of the role is lost. */
function change(directory: Directory, role: StaffRole, work: (group: Values) => Values): Promise<Values> {
  return inDirectory(directory, async tx => {
    const staff = await findEntries(tx, directory, {}, true);
    const group = work(shown(role, staff, directory));
    if (named(group.displayName) !== role) throw scimError(400, 'mutability', 'The name of a group stays.');
    await hold(tx, role, staff, (group.members ?? []) as { value: string }[]);
    return shown(role, await findEntries(tx, directory, {}), directory);
  });
}

/** Exactly these people hold the role from now on. */
async function hold(
  tx: Tx,
  role: StaffRole,
  staff: readonly Entry[],
  members: readonly { value: string }[],
): Promise<void> {
  const wanted = new Set(members.map(({ value }) => value.toLowerCase()));
  const there = new Set(staff.map(({ id }) => id));
  const unknown = [...wanted].filter(id => !there.has(id));
  if (unknown.length > 0)
    throw scimError(400, 'invalidValue', `members: unknown users ${unknown.slice(0, 5).join(', ')}.`);
  for (const entry of staff) {
    if (entry.roles.includes(role) === wanted.has(entry.id)) continue;
    const roles = entry.roles.filter(one => one !== role);
    if (wanted.has(entry.id)) roles.push(role);
    await writeStaffMember(tx, memberOf(entry), { ...entry, roles: roles.sort() });
  }
}
