/** Idempotency keys: the same key and body give the same answer and one effect, also when both arrive at once. */
import { createHash } from 'node:crypto';
import { canonicalJson } from './chain';
import type { Tx } from './database/database';
import { actorKey, type Principal } from './principal';
import { refuseCommon } from './refusal';

const bodyHash = (body: object): string => createHash('sha256').update(canonicalJson(body)).digest('hex');

/**
 * The thing a write with this key made before, or null. Call it before asking other subgraphs.
 * @throws Refusal IDEMPOTENCY_MISMATCH when the key was used with another body
 */
export async function madeBefore(
  tx: Tx,
  who: Principal,
  action: string,
  input: { idempotencyKey: string },
): Promise<string | null> {
  const [row]: { body_hash: string; result: string | null }[] = await tx.query(
    `SELECT body_hash, result FROM idempotency_key WHERE actor = $1 AND action = $2 AND key = $3`,
    [actorKey(who), action, input.idempotencyKey],
  );
  if (!row) return null;
  if (row.body_hash !== bodyHash(input)) throw refuseCommon('IDEMPOTENCY_MISMATCH');
  return row.result;
}

/**
 * Runs `make` once for this actor, action and key. A second call waits for the first to commit and then gets its id.
 * @param make makes the thing inside the same transaction and returns its id
 * @throws Refusal IDEMPOTENCY_MISMATCH when the key was used with another body
 */
export async function once(
  tx: Tx,
  who: Principal,
  action: string,
  input: { idempotencyKey: string },
  make: () => Promise<string>,
): Promise<{ id: string; repeated: boolean }> {
  const claimed: unknown[] = await tx.query(
    `INSERT INTO idempotency_key (actor, action, key, body_hash) VALUES ($1, $2, $3, $4)
     ON CONFLICT DO NOTHING RETURNING key`,
    [actorKey(who), action, input.idempotencyKey, bodyHash(input)],
  );
  if (claimed.length === 0) {
    const id = await madeBefore(tx, who, action, input);
    if (id === null) throw refuseCommon('TRY_AGAIN');
    return { id, repeated: true };
  }
  const id = await make();
  await tx.query(`UPDATE idempotency_key SET result = $4 WHERE actor = $1 AND action = $2 AND key = $3`, [
    actorKey(who),
    action,
    input.idempotencyKey,
    id,
  ]);
  return { id, repeated: false };
}
