/** Substitutions: arranged for oneself, by the team's lead or by the administration; ended by those concerned. */
import { dayOf, now, today } from '../../../kernel/clock';
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { type PageArgs, page } from '../../../kernel/page';
import type { ProblemData } from '../../../kernel/refusal';
import { checkVersion } from '../../../kernel/version';
import { type GrantState, isOver, stateSql } from '../grant-state';
import { refuse } from '../refusals';
import { StaffMember } from '../staff/staff.entity';
import { holds, provenMember } from '../staff/staff.rights';
import { StaffRole } from '../staff/staff.roles';
import { revoke, tellSubstitutionChanged } from './substitution.end';
import { Substitution } from './substitution.entity';
import type { ArrangeSubstitutionInput, EndSubstitutionInput } from './substitution.inputs';
import { substitutionRights } from './substitution.rights';

export const substitutionById = batch<string, Substitution>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, Substitution, 'SELECT * FROM substitution WHERE id = ANY($1)', [ids])),
    one => one.id,
  ),
);

/** @throws NOT_FOUND for another authority */
export function listSubstitutions(ctx: Context, authorityId: string, states: GrantState[] | null, args: PageArgs) {
  if (!substitutionRights.maySee({ authorityId }, ctx.asker)) throw notFound();
  return ctx.read(tx =>
    page(
      tx,
      Substitution,
      {
        subgraph: 'identity',
        kind: 'substitutions',
        sql: `SELECT * FROM substitution WHERE authority_id = $1 AND ($2::text[] IS NULL OR ${stateSql('$3')} = ANY($2))`,
        values: [authorityId, states, now()],
        order: [{ column: 'id', cast: 'uuid', desc: true }],
      },
      args,
    ),
  );
}

export function arrangeSubstitution(ctx: Context, input: ArrangeSubstitutionInput): Promise<Substitution> {
  return ctx.write(async tx => {
    const asker = await provenMember(tx, ctx.principal, 'staff:work', 'staff:admin');
    const { id } = await once(tx, ctx.principal, 'arrangeSubstitution', input, async () => {
      const [absent, substitute] = await colleagues(tx, asker, input);
      if (absent && !mayArrange(asker, absent)) throw forbidden();
      const problems = problemsOf(input, asker, absent, substitute);
      if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
      const { absentStaffMemberId, substituteStaffMemberId, validFrom, validTo } = input;
      const made = Object.assign(new Substitution(), {
        id: newId(),
        version: 1,
        absentStaffMemberId,
        substituteStaffMemberId,
        authorityId: asker.authorityId,
        validFrom,
        validTo,
        revokedAt: null,
        revokedById: null,
        reason: reasonOf(input),
        arrangedById: asker.id,
        createdAt: now(),
      });
      await tx.insert(Substitution, made);
      await tellSubstitutionChanged(tx, made);
      return made.id;
    });
    const [made] = await rows(tx, Substitution, 'SELECT * FROM substitution WHERE id = $1', [id]);
    return made!;
  });
}

const LONGEST_REASON = 200;
const reasonOf = ({ reason }: ArrangeSubstitutionInput): string | null => reason?.trim() || null;

/** Both in the asker's authority and still there, locked so that neither leaves meanwhile. */
async function colleagues(tx: Tx, asker: StaffMember, input: ArrangeSubstitutionInput) {
  const ids = [input.absentStaffMemberId, input.substituteStaffMemberId];
  const found = await rows(
    tx,
    StaffMember,
    'SELECT * FROM staff_member WHERE id = ANY($1) AND authority_id = $2 AND active ORDER BY id FOR SHARE',
    [ids, asker.authorityId],
  );
  return ids.map(id => found.find(member => member.id === id));
}

/** For oneself; for the team one leads; for everybody as administrator. */
function mayArrange(asker: StaffMember, absent: StaffMember): boolean {
  if (holds(asker, 'staff:admin') || asker.id === absent.id) return true;
  const leads = asker.roles.includes(StaffRole.TEAM_LEAD);
  return leads && (asker.departmentId === null || asker.departmentId === absent.departmentId);
}

/** Casework is lent to who handles no cases otherwise only by those who answer for the team, not by a colleague. */
const mayLend = (asker: StaffMember): boolean =>
  holds(asker, 'staff:admin') || asker.roles.includes(StaffRole.TEAM_LEAD);

function problemsOf(
  input: ArrangeSubstitutionInput,
  asker: StaffMember,
  absent: StaffMember | undefined,
  substitute: StaffMember | undefined,
): ProblemData[] {
  const problems: ProblemData[] = [];
  const add = (path: string, code: string, de: string, en: string) => problems.push({ path, code, text: { de, en } });
  if (!absent)
    add('/absentStaffMemberId', 'UNKNOWN', 'Diese Person arbeitet hier nicht.', 'Nobody of that id works here.');
  if (!substitute)
    add('/substituteStaffMemberId', 'UNKNOWN', 'Diese Person arbeitet hier nicht.', 'Nobody of that id works here.');
  if (input.absentStaffMemberId === input.substituteStaffMemberId)
    add('/substituteStaffMemberId', 'ONESELF', 'Sich selbst vertritt niemand.', 'Nobody covers for themself.');
  else if (substitute && !holds(substitute, 'staff:work') && !mayLend(asker))
    add(
      '/substituteStaffMemberId',
      'NO_CASEWORK',
      'Die Person bearbeitet keine Fälle.',
      'The person handles no cases.',
    );
  if ((reasonOf(input)?.length ?? 0) > LONGEST_REASON)
    add('/reason', 'LENGTH', 'Höchstens 200 Zeichen sind möglich.', 'At most 200 characters are possible.');
  if (dayOf(input.validFrom) < today())
    add('/validFrom', 'IN_PAST', 'Der Beginn liegt in der Vergangenheit.', 'The beginning lies in the past.');
  if (input.validTo <= now())
    add('/validTo', 'IN_PAST', 'Das Ende liegt in der Vergangenheit.', 'The end lies in the past.');
  if (input.validTo <= input.validFrom)
    add('/validTo', 'BEFORE_START', 'Das Ende liegt nicht nach dem Beginn.', 'The end is not after the beginning.');
  return problems;
}

/** Those concerned may end it: both colleagues, who arranged it, the lead, the administration. */
export function endSubstitution(ctx: Context, input: EndSubstitutionInput): Promise<Substitution> {
  return ctx.write(async tx => {
    const asker = await provenMember(tx, ctx.principal, 'staff:work', 'staff:admin');
    const [substitution] = await rows(
      tx,
      Substitution,
      'SELECT * FROM substitution WHERE id = $1 AND authority_id = $2 FOR UPDATE',
      [input.substitutionId, asker.authorityId],
    );
    if (!substitution) throw notFound();
    const [absent] = await rows(tx, StaffMember, 'SELECT * FROM staff_member WHERE id = $1', [
      substitution.absentStaffMemberId,
    ]);
    const concerned = [substitution.substituteStaffMemberId, substitution.arrangedById].includes(asker.id);
    if (!concerned && !mayArrange(asker, absent!)) throw forbidden();
    checkVersion(substitution, input.expectedVersion);
    if (isOver(substitution)) throw refuse('INVALID_TRANSITION', { stored: substitution });
    return revoke(tx, substitution, asker.id);
  });
}
