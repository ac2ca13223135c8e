/** Documents the platform makes itself: notices, receipts. Render and store before the transaction, then insert the row. */
import { createHash } from 'node:crypto';
import { now } from '../../../kernel/clock';
import type { Database, Tx } from '../../../kernel/database/database';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { Document, type DocumentPurpose } from './document.entity';
import { eraseLater, keep } from './document.erasure';
import { DocumentState } from './document.states';
import { documentStore } from './stores';

const UNCLAIMED_MINUTES = 60;

export interface MadeDocument {
  readonly storageKey: string;
  readonly byteSize: number;
  readonly sha256: string;
}

/**
 * Puts bytes into the store, outside of any transaction, e.g. `storeMade(ctx.db, pdf)`. When no row is inserted for them
 * within the hour (a refusal, a crash), they are deleted again.
 */
export async function storeMade(db: Database, bytes: Buffer): Promise<MadeDocument> {
  const storageKey = newId();
  await db.tx(serviceOf('applications'), tx =>
    eraseLater(tx, storageKey, new Date(now().getTime() + UNCLAIMED_MINUTES * 60_000)),
  );
  await documentStore().put(storageKey, bytes);
  return { storageKey, byteSize: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

export interface MadeRow extends MadeDocument {
  readonly id?: string;
  readonly applicationId: string;
  readonly filename: string;
  readonly mimeType: string;
  readonly purpose: DocumentPurpose;
  /** False: only staff see it until `sharedAt` is set. */
  readonly shared: boolean;
}

/** Inserts the row of bytes that were stored; the application must be locked. */
export async function insertMade(tx: Tx, made: MadeRow): Promise<Document> {
  const { shared, ...rest } = made;
  const document: Omit<Document, 'id'> & { id: string } = {
    ...rest,
    id: made.id ?? newId(),
    version: 1,
    documentRequestId: null,
    requirementCode: null,
    state: DocumentState.AVAILABLE,
    rejectionCode: null,
    origin: 'STAFF',
    sharedAt: shared ? now() : null,
    createdAt: now(),
  };
  await keep(tx, made.storageKey);
  await tx.insert(Document, document);
  return Object.assign(new Document(), document);
}
