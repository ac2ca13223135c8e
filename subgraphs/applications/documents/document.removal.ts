/** Ending a document: its row keeps what it was, its bytes and its name go. */
import type { Tx } from '../../../kernel/database/database';
import { change } from '../../../kernel/version';
import { Document } from './document.entity';
import { eraseLater } from './document.erasure';
import { DocumentState, documentLifecycle } from './document.states';

/** The application must be locked. Does nothing when the document is destroyed already. */
export async function destroyDocument(tx: Tx, document: Document): Promise<void> {
  if (document.state === DocumentState.DESTROYED) return;
  const state = documentLifecycle.step(document.state, 'removeDocument') as DocumentState;
  if (document.storageKey) await eraseLater(tx, document.storageKey);
  await change(tx, Document, document, { state, storageKey: null, filename: 'removed' });
}
