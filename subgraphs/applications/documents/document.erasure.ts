/** Deleting bytes from the store: asked for in the transaction that ends a document, done after it, for as long as it takes. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { now } from '../../../kernel/clock';
import { afterCommit, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { serviceOf } from '../../../kernel/principal';
import type { Queue } from '../../../kernel/queue';
import { documentStore } from './stores';

/** A row is its own queue and goes when its bytes are gone. */
@Entity({ name: 'document_erasure' })
export class DocumentErasure {
  /** The same as the storage key: asking twice is asking once. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  storageKey!: string;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;

  @Column('int')
  version!: number;
}

/** Deletes the bytes once the transaction has committed and `at` has come. */
export async function eraseLater(tx: Tx, storageKey: string, at: Date = now()): Promise<void> {
  await tx.query(
    `INSERT INTO document_erasure (id, storage_key, next_attempt_at) VALUES ($1, $1, $2)
     ON CONFLICT (id) DO UPDATE SET next_attempt_at = least(document_erasure.next_attempt_at, excluded.next_attempt_at)`,
    [storageKey, at],
  );
  afterCommit(tx, () => wake('document-erasure'));
}

/** Takes the request back: the bytes belong to a document now. */
export async function keep(tx: Tx, storageKey: string): Promise<void> {
  const [, kept]: [unknown, number] = await tx.query(`DELETE FROM document_erasure WHERE id = $1`, [storageKey]);
  if (kept !== 1) throw new Error('The bytes were given up before a document claimed them.');
}

export const erasureQueue: Queue<DocumentErasure> = {
  name: 'document-erasure',
  entity: DocumentErasure,
  table: 'document_erasure',
  due: 'true',
  async work(db, row) {
    await documentStore().delete(row.storageKey);
    await db.tx(serviceOf('applications'), tx =>
      tx.query(`DELETE FROM document_erasure WHERE id = $1 AND version = $2`, [row.id, row.version]),
    );
  },
};
