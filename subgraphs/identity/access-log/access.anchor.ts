/**
 * Anchors: every minute the heads of the chains that have grown, with their lengths, are signed and put outside the
 * database, each anchor holding the hash of the one before. Who owns the database can hash a chain anew or cut it off,
 * but not what was anchored.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { canonicalJson, GENESIS } from '../../../kernel/chain';
import { now } from '../../../kernel/clock';
import { derive, setting } from '../../../kernel/config';
import type { Database, Tx } from '../../../kernel/database/database';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { repeat } from '../../../kernel/repeat';
import { anchorStore } from './anchors';
import type { AnchorStore } from './anchors/anchor';

export interface AnchoredHead {
  readonly chainId: string;
  readonly length: number;
  readonly headHash: string;
}

export interface Anchor {
  readonly number: number;
  /** The SHA-256 of the text of the anchor before. */
  readonly previousHash: string;
  readonly madeAt: string;
  readonly heads: readonly AnchoredHead[];
}

/** What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

const signingKey = (): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.from(derive(setting('ACCESS_LOG_KEY'), 'access-log anchors'), 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  });

/** The public half, as base64url of its SPKI: what an auditor needs to verify without us. */
export const verificationKey = (): string =>
  createPublicKey(signingKey()).export({ format: 'der', type: 'spki' }).toString('base64url');

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** The canonical JSON of the anchor, and below it its signature (Ed25519, base64url). */
export function anchorText(anchor: Anchor): string {
  const body = canonicalJson(anchor);
  return `${body}\n${sign(null, Buffer.from(body), signingKey()).toString('base64url')}\n`;
}

/** @param key as of {@link verificationKey}  @returns null when it is not signed with that key */
export function readAnchor(text: string, key: string): Anchor | null {
  const [body = '', signature = ''] = text.split('\n');
  const publicKey = createPublicKey({ key: Buffer.from(key, 'base64url'), format: 'der', type: 'spki' });
  const isSigned = verify(null, Buffer.from(body), publicKey, Buffer.from(signature, 'base64url'));
  return isSigned ? (JSON.parse(body) as Anchor) : null;
}

const MOST_HEADS = 5_000;

interface Pending {
  readonly number: number;
  readonly content: string;
}

/** Anchors every chain that has grown since it was last. @returns how many anchors were put */
export async function anchorChains(db: Database, store: AnchorStore): Promise<number> {
  for (let put = 0; ; put++) {
    const pending = await db.tx(serviceOf(db.name), nextAnchor);
    if (!pending) return put;
    await store.put(pending.number, pending.content); // after a crash the same text is put again
    await db.tx(serviceOf(db.name), tx => markStored(tx, pending));
  }
}

/** The one that is on its way, else a new one; null when every chain is anchored as far as it goes. */
async function nextAnchor(tx: Tx): Promise<Pending | null> {
  await tx.query(`SELECT pg_advisory_xact_lock(hashtext('access anchor'))`);
  const [last]: { number: number; hash: string; content: string | null }[] = await tx.query(
    `SELECT number, hash, content FROM access_anchor ORDER BY number DESC LIMIT 1`,
  );
  if (last?.content) return { number: last.number, content: last.content };
  const heads: AnchoredHead[] = await tx.query(
    `SELECT id AS "chainId", length, head_hash AS "headHash" FROM access_chain
     WHERE anchored_length < length ORDER BY id LIMIT ${MOST_HEADS}`,
  );
  if (heads.length === 0) return null;
  const number = (last?.number ?? 0) + 1;
  const content = anchorText({
    number,
    previousHash: last?.hash ?? GENESIS,
    madeAt: now().toISOString(),
    heads: heads.map(({ chainId, length, headHash }) => ({ chainId, length, headHash })),
  });
  await tx.query(`INSERT INTO access_anchor (number, hash, content) VALUES ($1, $2, $3)`, [
    number,
    hashOf(content),
    content,
  ]);
  return { number, content };
}

async function markStored(tx: Tx, { number, content }: Pending): Promise<void> {
  const { heads } = JSON.parse(content.split('\n')[0]!) as Anchor;
  await tx.query(`UPDATE access_anchor SET content = NULL, stored_at = $2 WHERE number = $1`, [number, now()]);
  await tx.query(
    `UPDATE access_chain SET anchored_length = greatest(anchored_length, head.length)
     FROM jsonb_to_recordset($1) AS head ("chainId" uuid, length int) WHERE id = head."chainId"`,
    [JSON.stringify(heads)],
  );
}

const EVERY_MS = 60_000;

/** Every minute; a place that cannot be reached is tried again a minute later, and nothing is lost meanwhile. */
export function startAnchoring(db: Database): () => Promise<void> {
  const store = anchorStore();
  return repeat(
    EVERY_MS,
    () => anchorChains(db, store),
    error => logger(db.name).error('the access log could not be anchored, will try again', { error }),
  );
}
