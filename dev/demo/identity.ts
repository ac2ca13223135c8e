/** Demo data of identity: the staff of the story. Citizens have no account before they first sign in. */
import { now } from '../../kernel/clock';
import { rows, type Tx } from '../../kernel/database/database';
import { StaffMember } from '../../subgraphs/identity/staff/staff.entity';
import type { StaffRole } from '../../subgraphs/identity/staff/staff.roles';
import { tellStaffChanged } from '../../subgraphs/identity/staff/staff.service';
import {
  authorityIdOf,
  departmentIdOf,
  NEIGHBOUR,
  OPERATOR_AUTHORITY_ID,
  PERSONAS,
  type Persona,
  type Place,
  staffMemberIdOf,
} from './facts';

/** Idempotent: who is there already is brought to what is written here, and told again only when that changed them. */
export async function seedIdentity(tx: Tx, place: Place): Promise<void> {
  const people: readonly Persona[] = PERSONAS;
  for (const persona of people.filter(({ population }) => population === 'staff')) await employ(tx, persona, place);
}

async function employ(tx: Tx, persona: Persona, place: Place): Promise<void> {
  const wanted = {
    subject: persona.subject,
    displayName: persona.name,
    email: persona.email ?? `${persona.subject}@amt.example`,
    ...workplaceOf(persona, place),
    roles: [...(persona.roles ?? [])] as StaffRole[],
    active: true,
  };
  const id = staffMemberIdOf(persona.subject);
  const [old] = await rows(tx, StaffMember, 'SELECT * FROM staff_member WHERE id = $1 FOR UPDATE', [id]);
  const same =
    old && Object.entries(wanted).every(([key, value]) => String(old[key as keyof StaffMember]) === String(value));
  if (same) return;
  if (old) await tx.update(StaffMember, { id }, { ...wanted, version: old.version + 1 });
  else await tx.insert(StaffMember, { ...wanted, id, version: 1, tokensSince: new Date(0), createdAt: now() });
  await tellStaffChanged(tx, { ...wanted, id, version: (old?.version ?? 0) + 1 });
}

function workplaceOf({ authority, department }: Persona, { associationArs }: Place) {
  if (authority === 'operator') return { authorityId: OPERATOR_AUTHORITY_ID, departmentId: null };
  const ars = authority === 'neighbour' ? NEIGHBOUR.associationArs : associationArs;
  return { authorityId: authorityIdOf(ars), departmentId: department ? departmentIdOf(ars, department) : null };
}
