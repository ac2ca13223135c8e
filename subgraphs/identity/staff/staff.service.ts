/** The staff of an authority: who works there, with which roles, until they leave. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { type PageArgs, page } from '../../../kernel/page';
import { serviceOf } from '../../../kernel/principal';
import type { ProblemData } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { askPlace, type Place } from '../asks';
import { refuse } from '../refusals';
import { endAll } from '../sessions/session.service';
import { endSubstitutionsOf } from '../substitutions/substitution.end';
import { StaffMember } from './staff.entity';
import type { SaveStaffMemberInput } from './staff.inputs';
import { administers, isOperator, maySeeStaff, provenMember } from './staff.rights';
import { StaffRole, scopesOfRoles } from './staff.roles';

/** @throws NOT_FOUND for the staff of other authorities */
export async function listStaff(ctx: Context, authorityId: string, role: StaffRole | null, args: PageArgs) {
  if (!maySeeStaff(ctx.asker, await authorityOf(ctx, authorityId))) throw notFound();
  const where = `(authority_id = $1 OR department_id = $1) AND active AND ($2::text IS NULL OR $2 = ANY(roles))`;
  return ctx.read(async tx => {
    const found = await page(
      tx,
      StaffMember,
      {
        subgraph: 'identity',
        kind: 'staffMembers',
        sql: `SELECT * FROM staff_member WHERE ${where}`,
        values: [authorityId, role],
        order: [
          { column: 'display_name', cast: 'text' },
          { column: 'id', cast: 'uuid' },
        ],
      },
      args,
    );
    const [{ count }] = await tx.query(`SELECT count(*)::int AS count FROM staff_member WHERE ${where}`, [
      authorityId,
      role,
    ]);
    return { ...found, totalCount: count as number };
  });
}

/** A department's authority, as far as somebody works there; anything else is taken for an authority. */
async function authorityOf(ctx: Context, id: string): Promise<string> {
  const [row]: { authority_id: string }[] = await ctx.read(tx =>
    tx.query(`SELECT authority_id FROM staff_member WHERE department_id = $1 LIMIT 1`, [id]),
  );
  return row?.authority_id ?? id;
}

/** Asks the catalogue where the place is before its transaction. */
export async function saveStaffMember(ctx: Context, input: SaveStaffMemberInput): Promise<StaffMember> {
  const made = await ctx.write(tx => madeBefore(tx, ctx.principal, 'saveStaffMember', input));
  const place = made ? null : await askPlace(input.authorityId, ctx.envelope);
  try {
    // as the subgraph itself: an operator ends the substitutions of a leaver in another authority
    return await ctx.db.tx(serviceOf('identity', ctx.principal), async tx => {
      const asker = await provenMember(tx, ctx.principal, 'staff:admin');
      const { id } = await once(tx, ctx.principal, 'saveStaffMember', input, () => save(tx, asker, input, place));
      const [member] = await rows(tx, StaffMember, 'SELECT * FROM staff_member WHERE id = $1', [id]);
      return member!;
    });
  } catch (error) {
    if (brokenConstraint(error) === 'staff_member_email')
      throw refuse('VALIDATION_FAILED', { problems: [EMAIL_TAKEN] });
    throw error;
  }
}

async function save(tx: Tx, asker: StaffMember, input: SaveStaffMemberInput, place: Place | null): Promise<string> {
  const old = input.id ? await lockForAdministration(tx, asker, input.id) : null;
  if (old) checkVersion(old, input.expectedVersion);
  else if (input.expectedVersion !== 0) throw refuse('VERSION_CONFLICT');
  const mayPlace = place !== null && administers(asker, place.authorityId);
  const problems = staffProblems(input, mayPlace);
  if (problems.length > 0 || !place) throw refuse('VALIDATION_FAILED', { problems });
  const roles = [...new Set(input.roles)].sort();
  checkRoles(asker, old, roles, input.active);

  const member = await writeStaffMember(tx, old, {
    displayName: input.displayName.trim(),
    email: input.email.trim(),
    ...place,
    roles,
    active: input.active,
  });
  return member.id;
}

export type StaffContent = Pick<
  StaffMember,
  'displayName' | 'email' | 'authorityId' | 'departmentId' | 'roles' | 'active'
>;

/**
 * Makes or changes a person and tells the other subgraphs. Who leaves, or changes authority, covers for nobody any more.
 * @param old locked; null for a new person
 */
export async function writeStaffMember(tx: Tx, old: StaffMember | null, content: StaffContent): Promise<StaffMember> {
  const { displayName, email, authorityId, departmentId, roles, active } = content;
  const given = { displayName, email, authorityId, departmentId, roles, active };
  const made = { ...given, id: newId(), version: 1, subject: null, tokensSince: new Date(0), createdAt: now() };
  const leaves = old?.active === true && !active;
  const moves = old !== null && old.authorityId !== authorityId; // before `change` brings the row up to date
  const member = old ? await change(tx, StaffMember, old, given) : Object.assign(new StaffMember(), made);
  if (!old) await tx.insert(StaffMember, member);
  await tellStaffChanged(tx, member);
  if (leaves) await endAll(tx, { staffMemberId: member.id }); // who comes back signs on anew
  if (!active || moves) await endSubstitutionsOf(tx, member.id);
  return member;
}

async function lockForAdministration(tx: Tx, asker: StaffMember, id: string): Promise<StaffMember> {
  const [member] = await rows(tx, StaffMember, 'SELECT * FROM staff_member WHERE id = $1 FOR UPDATE', [id]);
  if (!member || !administers(asker, member.authorityId)) throw notFound();
  return member;
}

/** Only operators touch OPERATOR, and nobody locks themself out. */
function checkRoles(asker: StaffMember, old: StaffMember | null, roles: StaffRole[], active: boolean): void {
  const operates = (held: readonly StaffRole[]) => held.includes(StaffRole.OPERATOR);
  if (operates(roles) !== operates(old?.roles ?? []) && !isOperator(asker)) throw refuse('OPERATOR_ONLY');
  if (old && operates(old.roles) && !isOperator(asker)) throw refuse('OPERATOR_ONLY');
  const keepsOwn = active && roles.includes(StaffRole.ADMINISTRATOR);
  if (old?.id === asker.id && !keepsOwn) throw refuse('NOT_ONESELF');
}

const EMAIL_TAKEN: ProblemData = {
  path: '/email',
  code: 'TAKEN',
  text: { de: 'Diese Adresse gehört schon zu einer Person.', en: 'This address already belongs to somebody.' },
};
const LONGEST_NAME = 200;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,255}$/;

export function staffProblems(
  input: Pick<SaveStaffMemberInput, 'displayName' | 'email'>,
  mayPlace: boolean,
): ProblemData[] {
  const problems: ProblemData[] = [];
  const name = input.displayName.trim();
  if (name === '' || name.length > LONGEST_NAME) {
    const text = {
      de: 'Ein Name mit höchstens 200 Zeichen ist nötig.',
      en: 'A name of at most 200 characters is needed.',
    };
    problems.push({ path: '/displayName', code: 'LENGTH', text });
  }
  if (!EMAIL.test(input.email.trim())) {
    const text = { de: 'Das ist keine E-Mail-Adresse.', en: 'This is no e-mail address.' };
    problems.push({ path: '/email', code: 'MALFORMED', text });
  }
  if (!mayPlace) {
    const text = { de: 'Diese Stelle verwalten Sie nicht.', en: 'You do not administer this authority.' };
    problems.push({ path: '/authorityId', code: 'UNKNOWN', text });
  }
  return problems;
}

/** What other subgraphs go by: for each of them this is the person's right. */
export function tellStaffChanged(
  tx: Tx,
  member: Omit<StaffMember, 'subject' | 'tokensSince' | 'createdAt'>,
): Promise<void> {
  return publish(tx, 'staff.changed', member.id, {
    staffMemberId: member.id,
    authorityId: member.authorityId,
    departmentId: member.departmentId,
    scopes: scopesOfRoles(member.roles),
    active: member.active,
    displayName: member.displayName,
  });
}
