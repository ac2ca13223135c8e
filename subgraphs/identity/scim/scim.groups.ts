/** SCIM groups: one for each role, whose members hold it. OPERATOR is missing: only operators grant it, in the graph. */
import SCIMMY from 'scimmy';
import { isId } from '../../../kernel/ids';
import { StaffMember } from '../staff/staff.entity';
import { StaffRole } from '../staff/staff.roles';
import { writeStaffMember } from '../staff/staff.service';
import { type Directory, type Entry, findEntries, inDirectory } from './scim.directory';
import { guarded, matching, scimError } from './scim.errors';

const ROLES = Object.values(StaffRole).filter(role => role !== StaffRole.OPERATOR);

interface ScimGroup {
  readonly displayName: string;
  readonly members?: readonly { value?: string }[];
}

export function declareGroups(): void {
  SCIMMY.Resources.declare(SCIMMY.Resources.Group)
    .egress((resource, directory) => guarded(() => read(resource as Asked, directory as Directory)) as never)
    .ingress(
      (resource, group, directory) =>
        guarded(() => save(resource.id, group as unknown as ScimGroup, directory as Directory)) as never,
    )
    .degress((resource, directory) => guarded(() => empty(roleOf(resource.id!), directory as Directory)));
}

interface Asked {
  readonly id?: string;
  readonly filter?: SCIMMY.Types.Filter;
}

async function read({ id, filter }: Asked, directory: Directory): Promise<object> {
  const roles = id === undefined ? ROLES : [roleOf(id)];
  const staff = await inDirectory(directory, tx => findEntries(tx, directory, {}));
  const groups = roles.map(role => shown(role, staff));
  if (id !== undefined) return groups[0]!;
  return filter ? matching(filter, groups) : groups;
}

const shown = (role: StaffRole, staff: readonly Entry[]): object => ({
  id: role,
  displayName: role,
  members: staff
    .filter(({ roles }) => roles.includes(role))
    .map(({ id, displayName }) => ({ value: id, display: displayName, type: 'User' })),
});

function roleOf(id: string): StaffRole {
  const role = ROLES.find(one => one === id);
  if (!role) throw scimError(404, null, 'There is no such group.');
  return role;
}

async function save(id: string | undefined, group: ScimGroup, directory: Directory): Promise<object> {
  const role = id === undefined ? ROLES.find(one => one === group.displayName.toUpperCase()) : roleOf(id);
  if (!role || group.displayName.toUpperCase() !== role)
    throw scimError(400, id === undefined ? 'invalidValue' : 'mutability', `A group is one of ${ROLES.join(', ')}.`);
  return hold(
    role,
    (group.members ?? []).map(({ value = '' }) => value),
    directory,
  );
}

/** Exactly these people hold the role from now on. */
function hold(role: StaffRole, ids: readonly string[], directory: Directory): Promise<object> {
  return inDirectory(directory, async tx => {
    const staff = await findEntries(tx, directory, {}, true);
    const unknown = ids.filter(id => !isId(id) || !staff.some(member => member.id === id));
    if (unknown.length > 0)
      throw scimError(400, 'invalidValue', `members: unknown users ${unknown.slice(0, 5).join(', ')}.`);
    for (const { userName, externalId, ...member } of staff) {
      const roles = member.roles.filter(one => one !== role);
      if (ids.includes(member.id)) roles.push(role);
      if (roles.length === member.roles.length) continue;
      await writeStaffMember(tx, Object.assign(new StaffMember(), member), { ...member, roles: roles.sort() });
    }
    return shown(role, await findEntries(tx, directory, {}));
  });
}

const empty = async (role: StaffRole, directory: Directory): Promise<void> => void (await hold(role, [], directory));
