/** The projection of cases and what is still to be paid for one. */
import { dayOf } from '../../../kernel/clock';
import { rows, type Tx } from '../../../kernel/database/database';
import type { StoredEvent } from '../../../kernel/events/stream';
import type { ApplicationChange, Events } from '../../../schema/events';
import { type Price, placeKey, priceOf, rulesInForce } from '../fees/fee.rules';
import { Case } from './case.entity';

/** Locked, so that payments of one case are begun and settled one after the other. Take it before a payment's lock. */
export async function lockCase(tx: Tx, id: string): Promise<Case | null> {
  const [found] = await rows(tx, Case, 'SELECT * FROM application WHERE id = $1 FOR UPDATE', [id]);
  return found ?? null;
}

/** What the rules of a day say for each case, by case id; nothing where no fee is known. */
export async function pricesOf(tx: Tx, cases: readonly Case[], on: string): Promise<Map<string, Price>> {
  const placed = cases.flatMap(one => (one.ars === null ? [] : [{ ...one, ars: one.ars }]));
  const rules = placed.length > 0 ? await rulesInForce(tx, placed, on) : new Map();
  const prices = new Map<string, Price>();
  for (const one of cases) {
    const rule = one.ars === null ? null : rules.get(placeKey({ leikaKey: one.leikaKey, ars: one.ars }));
    const price = priceOf(rule, one.feeOverrideMinor);
    if (price) prices.set(one.id, price);
  }
  return prices;
}

/** What counts towards the fees of cases already, in cents by case id. */
export async function settledOf(tx: Tx, ids: readonly string[]): Promise<Map<string, number>> {
  const sums: { id: string; settled: number }[] = await tx.query(
    `SELECT application_id AS id, sum(counted_minor)::int AS settled FROM payment
     WHERE application_id = ANY($1) GROUP BY application_id`,
    [ids],
  );
  return new Map(sums.map(({ id, settled }) => [id, settled]));
}

/** Fee less what was settled, in cents by case id; nothing where no fee is known. */
export async function amountsDue(tx: Tx, cases: readonly Case[], on: string): Promise<Map<string, number>> {
  const prices = await pricesOf(tx, cases, on);
  const settled = await settledOf(
    tx,
    cases.map(({ id }) => id),
  );
  const due = new Map<string, number>();
  for (const { id, feeMinor } of cases) {
    const fee = feeMinor ?? prices.get(id)?.totalMinor;
    if (fee !== undefined) due.set(id, Math.max(0, fee - (settled.get(id) ?? 0)));
  }
  return due;
}

export async function beginDraft(
  tx: Tx,
  payload: Events['application.draft-created'],
  { position }: StoredEvent,
): Promise<void> {
  await tx.query(
    `INSERT INTO application (id, account_id, agent_account_id, leika_key, ars, fee_override_minor, state, position,
       required_trust_level)
     VALUES ($1, $2, $3, $4, $5, $6, 'DRAFT', $7, $8) ON CONFLICT (id) DO NOTHING`,
    [
      payload.applicationId,
      payload.accountId,
      payload.agentAccountId,
      payload.leikaKey,
      payload.ars,
      payload.feeOverrideMinor,
      position,
      payload.requiredTrustLevel,
    ],
  );
}

/** Is the beginning of one of these cases told already, but not yet handled here? */
export async function isComing(tx: Tx, ids: readonly string[]): Promise<boolean> {
  const coming: unknown[] = await tx.query(
    `SELECT 1 FROM events.event WHERE type = 'application.draft-created' AND key = ANY($1)
       AND (position > (SELECT position FROM consumer WHERE name = 'reactions')
         OR position IN (SELECT position FROM parked_event WHERE key = ANY($1))) LIMIT 1`,
    [ids],
  );
  return coming.length > 0;
}

/** Keeps state and authority in step. A case whose draft was never heard of has no place, so its fee is unknown. */
export async function followCase(tx: Tx, payload: ApplicationChange, { position }: StoredEvent): Promise<void> {
  await tx.query(
    `INSERT INTO application (id, account_id, agent_account_id, leika_key, state, reference, authority_id, position,
       required_trust_level)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (id) DO UPDATE SET agent_account_id = excluded.agent_account_id, state = excluded.state,
       reference = excluded.reference, authority_id = excluded.authority_id, position = excluded.position,
       required_trust_level = excluded.required_trust_level
     WHERE application.position < excluded.position`,
    [
      payload.applicationId,
      payload.accountId,
      payload.agentAccountId,
      payload.leikaKey,
      payload.state,
      payload.reference,
      payload.authorityId,
      position,
      payload.requiredTrustLevel,
    ],
  );
}

/** From its submission on a case costs what it cost on that day. */
export async function freezeFee(tx: Tx, applicationId: string, occurredAt: Date): Promise<void> {
  const found = await lockCase(tx, applicationId);
  if (!found || found.feeMinor !== null) return;
  const price = (await pricesOf(tx, [found], dayOf(occurredAt))).get(found.id);
  if (price) await tx.update(Case, { id: found.id }, { feeMinor: price.totalMinor });
}

/** A draft without payments is forgotten; what was paid or tried stays in the books. */
export async function endDraft(tx: Tx, applicationId: string, { position }: StoredEvent): Promise<void> {
  await tx.query(
    `DELETE FROM application WHERE id = $1 AND NOT EXISTS (SELECT FROM payment WHERE application_id = $1)`,
    [applicationId],
  );
  await tx.query(`UPDATE application SET state = 'DESTROYED', position = $2 WHERE id = $1`, [applicationId, position]);
}
