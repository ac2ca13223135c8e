/** The end of substitutions: what every subgraph must hear, and what follows when somebody leaves. */
import { now } from '../../../kernel/clock';
import { rows, type Tx } from '../../../kernel/database/database';
import { change } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { Substitution } from './substitution.entity';

/** @param revokedById null where it ends with somebody's leaving */
export const revoke = async (tx: Tx, substitution: Substitution, revokedById: string | null): Promise<Substitution> => {
  const ended = await change(tx, Substitution, substitution, { revokedAt: now(), revokedById });
  await tellSubstitutionChanged(tx, ended);
  return ended;
};

/** Who leaves or changes authority covers for nobody any more, and nobody for them. */
export async function endSubstitutionsOf(tx: Tx, staffMemberId: string): Promise<void> {
  const open = await rows(
    tx,
    Substitution,
    `SELECT * FROM substitution WHERE (absent_staff_member_id = $1 OR substitute_staff_member_id = $1)
       AND revoked_at IS NULL AND valid_to > $2 ORDER BY id FOR UPDATE`,
    [staffMemberId, now()],
  );
  for (const substitution of open) await revoke(tx, substitution, null);
}

export function tellSubstitutionChanged(tx: Tx, substitution: Substitution): Promise<void> {
  const { id, absentStaffMemberId, substituteStaffMemberId, authorityId, validFrom, validTo, revokedAt } = substitution;
  return publish(tx, 'substitution.changed', id, {
    substitutionId: id,
    absentStaffMemberId,
    substituteStaffMemberId,
    authorityId,
    validFrom: validFrom.toISOString(),
    validTo: (revokedAt ?? validTo).toISOString(),
  });
}
