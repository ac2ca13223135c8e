/** HMAC-SHA-256 (RFC 2104) for short texts with a secret that stays: two digests at once, a fifth cheaper than an Hmac object. */
import { hash } from 'node:crypto';

/** @returns base64url */
export type Mac = (text: string) => string;

const BLOCK = 64;
const DIGEST = 32;
const BYTES_PER_CHARACTER = 3;

export function macOf(secret: string): Mac {
  const given = Buffer.from(secret);
  const key = Buffer.alloc(BLOCK);
  key.set(given.length > BLOCK ? hash('sha256', given, 'buffer') : given);
  let inner: Buffer = Buffer.concat([key.map(byte => byte ^ 0x36), Buffer.alloc(4096)]);
  const outer = Buffer.concat([key.map(byte => byte ^ 0x5c), Buffer.alloc(DIGEST)]);
  return text => {
    const most = BLOCK + text.length * BYTES_PER_CHARACTER;
    if (inner.length < most) inner = Buffer.concat([inner.subarray(0, BLOCK), Buffer.alloc(most)]);
    const length = inner.write(text, BLOCK);
    // as text, because a new Buffer costs as much as the digest
    outer.write(hash('sha256', inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'latin1');
    return hash('sha256', outer, 'base64url');
  };
}
