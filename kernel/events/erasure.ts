/** Erasing from the event stream: positions, types and keys stay, so that nobody stumbles; what was said of a person goes. */
import type { Tx } from '../database/database';

/**
 * Replaces fields in the subgraph's own events about these keys; others' events are behind row-level security.
 * @param type such as `account.changed`  @param neutral what stands in the fields from now on
 */
export async function eraseFromEvents(
  tx: Tx,
  type: string,
  keys: readonly string[],
  neutral: Readonly<Record<string, string | null>>,
): Promise<void> {
  const values = [type, keys, JSON.stringify(neutral)];
  await tx.query(`UPDATE outbox SET payload = payload || $3 WHERE type = $1 AND key = ANY($2)`, values);
  await tx.query(`UPDATE events.event SET payload = payload || $3 WHERE type = $1 AND key = ANY($2)`, values);
}
