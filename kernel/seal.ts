/**
 * Sealing: what passes through the event stream for one reader only. Anybody can seal for a public key; the private key
 * follows from the reader's secret and a salt, so that forgetting the salt makes every sealed copy unreadable for good.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { derive, type SubgraphName, subgraphConfig } from './config';

/** What stands before the 32 bytes of an X25519 key in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex');
const SPKI_BYTES = 44;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

const privateKey = (secret: string, salt: string): KeyObject =>
  createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.from(derive(derive(secret, 'seal'), salt), 'base64url')]),
    format: 'der',
    type: 'pkcs8',
  });

export const newSalt = (): string => randomBytes(16).toString('base64url');

/** What others seal for. */
export const sealingKey = (name: SubgraphName, salt: string): string =>
  createPublicKey(privateKey(subgraphConfig(name).secret, salt))
    .export({ format: 'der', type: 'spki' })
    .toString('base64url');

const aesKey = (own: KeyObject, other: KeyObject): Buffer =>
  Buffer.from(hkdfSync('sha256', diffieHellman({ privateKey: own, publicKey: other }), '', 'seal', 32));

const publicKey = (der: Buffer): KeyObject => createPublicKey({ key: der, format: 'der', type: 'spki' });

/** @param key of {@link sealingKey}  @returns base64url: X25519, HKDF, AES-256-GCM over the compressed JSON */
export function seal(key: string, value: unknown): string {
  const once = generateKeyPairSync('x25519');
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(
    'aes-256-gcm',
    aesKey(once.privateKey, publicKey(Buffer.from(key, 'base64url'))),
    nonce,
  );
  const sealed = Buffer.concat([cipher.update(gzipSync(JSON.stringify(value))), cipher.final()]);
  const from = once.publicKey.export({ format: 'der', type: 'spki' });
  return Buffer.concat([from, nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/**
 * Also what was sealed before the reader's secret changed, while the one before is accepted.
 * @throws Error when it was sealed for another, or changed on its way
 */
export function unseal<T>(name: SubgraphName, salt: string, text: string): T {
  const bytes = Buffer.from(text, 'base64url');
  const [secret, before] = subgraphConfig(name).accepted;
  try {
    return unsealWith(secret!, salt, bytes) as T;
  } catch (error) {
    if (before === undefined) throw error;
    return unsealWith(before, salt, bytes) as T;
  }
}

function unsealWith(secret: string, salt: string, bytes: Buffer): unknown {
  const afterNonce = SPKI_BYTES + NONCE_BYTES;
  const key = aesKey(privateKey(secret, salt), publicKey(bytes.subarray(0, SPKI_BYTES)));
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(SPKI_BYTES, afterNonce));
  decipher.setAuthTag(bytes.subarray(afterNonce, afterNonce + TAG_BYTES));
  const opened = Buffer.concat([decipher.update(bytes.subarray(afterNonce + TAG_BYTES)), decipher.final()]);
  return JSON.parse(gunzipSync(opened).toString());
}
