/** Optimistic versions: a stale write is refused with the stored row. */
import type { EntityTarget, FindOptionsWhere, ObjectLiteral, QueryDeepPartialEntity } from 'typeorm';
import type { Tx } from './database/database';
import { refuseCommon } from './refusal';

interface Versioned extends ObjectLiteral {
  id: string;
  version: number;
}

/** @throws Refusal VERSION_CONFLICT with the stored row beside it */
export function checkVersion(row: Versioned, expectedVersion: number): void {
  if (row.version !== expectedVersion) throw refuseCommon('VERSION_CONFLICT', { stored: row });
}

/**
 * Writes a change of a row that is already locked or was just read, counts its version up, and keeps the object in step.
 * @throws Refusal VERSION_CONFLICT when the row has moved on since it was read
 */
export async function change<E extends Versioned>(
  tx: Tx,
  entity: EntityTarget<E>,
  row: E,
  changes: Partial<E>,
): Promise<E> {
  const { affected } = await tx.update(
    entity,
    { id: row.id, version: row.version } as FindOptionsWhere<E>,
    { ...changes, version: row.version + 1 } as QueryDeepPartialEntity<E>,
  );
  if (affected !== 1) throw refuseCommon('VERSION_CONFLICT', { stored: row });
  return Object.assign(row, changes, { version: row.version + 1 });
}
