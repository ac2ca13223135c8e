/**
 * Taking the bytes of an upload: their size and hash are checked while they stream into the store, what they are once they
 * lie there for good, and they are acknowledged when the row says so. An address is used up by the bytes that are taken or
 * refused; what broke off before, by whomever, may be sent again.
 */
import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { now } from '../../../kernel/clock';
import { type Database, rows, type Tx } from '../../../kernel/database/database';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { change } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { announce } from '../application/application.move';
import { lockApplication } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import type { RejectionCode } from '../refusals';
import { Document } from './document.entity';
import { eraseLater, keep } from './document.erasure';
import { keepDraft } from './document.service';
import { DocumentState, documentLifecycle } from './document.states';
import { type AllowedType, contentFault } from './document.types';
import { scanner } from './scanners';
import { documentStore } from './stores';

/** `taken`: it is AVAILABLE now. `used`: it was before. `closed`: nothing is expected under this address any more. */
export type Outcome =
  | { kind: 'taken' }
  | { kind: 'used' }
  | { kind: 'closed' }
  | { kind: 'rejected'; code: RejectionCode };

const UNCLAIMED_MS = 60 * 60_000;

/** The bytes were refused while they streamed. */
class Rejected extends Error {
  constructor(readonly code: RejectionCode) {
    super(code);
  }
}

export async function takeUpload(db: Database, documentId: string, bytes: AsyncIterable<Buffer>): Promise<Outcome> {
  const begun = await begin(db, documentId);
  if ('kind' in begun) return begun;
  const { document, storageKey } = begun;
  let code: RejectionCode | null = null;
  try {
    await documentStore().put(storageKey, checked(document, bytes));
    code = (await inTurn(() => content(document, storageKey))) ?? (await scan(storageKey));
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    code = error.code;
  }
  return end(db, document.id, storageKey, code);
}

/** Says that bytes are coming, and reserves a place for them that is given up again unless the end claims it. */
async function begin(db: Database, id: string): Promise<Outcome | { document: Document; storageKey: string }> {
  return db.tx(serviceOf('applications'), async tx => {
    const locked = await lock(tx, id);
    if (!locked) return { kind: 'closed' };
    const { document, application } = locked;
    if (document.state === DocumentState.AVAILABLE) return { kind: 'used' };
    if (!isExpected(document, application)) return { kind: 'closed' };
    const state = documentLifecycle.step(document.state, 'receiveBytes') as DocumentState;
    const storageKey = newId();
    await eraseLater(tx, storageKey, new Date(now().getTime() + UNCLAIMED_MS));
    return { document: await change(tx, Document, document, { state }), storageKey };
  });
}

async function lock(tx: Tx, id: string): Promise<{ document: Document; application: Application } | null> {
  const [found]: { application_id: string }[] = await tx.query(`SELECT application_id FROM document WHERE id = $1`, [
    id,
  ]);
  const application = found && (await lockApplication(tx, found.application_id));
  const [document] = await rows(tx, Document, 'SELECT * FROM document WHERE id = $1 FOR UPDATE', [id]);
  return application && document ? { document, application } : null;
}

/** What was to come with the draft comes with the draft, or not at all. */
function isExpected(document: Document, application: Application): boolean {
  if (document.state !== DocumentState.AWAITING_UPLOAD && document.state !== DocumentState.SCANNING) return false;
  const ofDraft = document.origin === 'APPLICANT' && !document.documentRequestId && document.purpose === 'EVIDENCE';
  return !ofDraft || application.state === ApplicationState.DRAFT;
}

/** Passes the bytes on and throws at the first that should not be; the store then keeps nothing. */
async function* checked(document: Document, bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > document.byteSize) throw new Rejected('FILE_TOO_LARGE');
    hash.update(chunk);
    yield chunk;
  }
  if (size !== document.byteSize || hash.digest('hex') !== document.sha256) throw new Rejected('HASH_MISMATCH');
}

let turn: Promise<unknown> = Promise.resolve();

/** One after the other, so that many uploads hold one file in memory. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = turn.then(work);
  turn = mine.catch(() => undefined);
  return mine;
}

/** Are the stored bytes what they were announced as, and nothing that acts? */
async function content(document: Document, storageKey: string): Promise<RejectionCode | null> {
  const stored = await documentStore().get(storageKey);
  if (!stored) throw new Error('The stored bytes are gone.');
  return contentFault(document.mimeType as AllowedType, await buffer(stored));
}

async function scan(storageKey: string): Promise<RejectionCode | null> {
  const found = scanner();
  if (!found) return null;
  const stored = await documentStore().get(storageKey);
  if (!stored) throw new Error('The stored bytes are gone.');
  try {
    return (await found.isClean(stored)) ? null : 'FILE_REJECTED';
  } finally {
    stored.destroy();
  }
}

async function end(db: Database, id: string, storageKey: string, code: RejectionCode | null): Promise<Outcome> {
  return db.tx(serviceOf('applications'), async tx => {
    const locked = await lock(tx, id);
    const document = locked?.document;
    if (!locked || document?.state !== DocumentState.SCANNING || !isExpected(document, locked.application)) {
      await eraseLater(tx, storageKey); // somebody else was faster, or it was removed meanwhile
      return { kind: document?.state === DocumentState.AVAILABLE ? 'used' : 'closed' };
    }
    if (code) {
      const state = documentLifecycle.step(document.state, 'reject') as DocumentState;
      await eraseLater(tx, storageKey);
      await change(tx, Document, document, { state, rejectionCode: code });
    } else {
      const state = documentLifecycle.step(document.state, 'accept') as DocumentState;
      await keep(tx, storageKey);
      await change(tx, Document, document, { state, storageKey });
      if (locked.application.state === ApplicationState.DRAFT) await keepDraft(tx, locked.application);
    }
    await tellScanned(tx, document, locked.application);
    return code ? { kind: 'rejected', code } : { kind: 'taken' };
  });
}

/** A draft has no watchers. */
async function tellScanned(tx: Tx, { id: documentId, state }: Document, application: Application): Promise<void> {
  if (application.submittedAt) await announce(tx, application, 'application.document-scanned', { documentId, state });
}
