/** The refresh tokens that sessions hold: sealed, each for its own session. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { derive, type Population, subgraphConfig } from '../../../kernel/config';
import type { Tx } from '../../../kernel/database/database';

/** A row of `session_refresh`. */
export interface HeldToken {
  readonly population: Population;
  readonly generation: number;
  readonly sealed_token: string;
  readonly rotated_at: Date;
}

/** The token that a session holds from now on. */
export const keep = (tx: Tx, session: string, token: string): Promise<unknown> =>
  tx.query(`UPDATE session_refresh SET sealed_token = $2 WHERE session_id = $1`, [session, seal(token, session)]);

/** What a session that has ended still holds. @returns null when it goes on, because somebody has signed in to it again */
export async function heldToken(
  tx: Tx,
  session: string,
): Promise<{ population: Population; token: string; sealed: string } | null> {
  const [row]: HeldToken[] = await tx.query(
    `SELECT held.* FROM session_refresh AS held JOIN session ON session.id = held.session_id
     WHERE held.session_id = $1 AND session.ended_at IS NOT NULL`,
    [session],
  );
  return row
    ? { population: row.population, token: unseal(row.sealed_token, session), sealed: row.sealed_token }
    : null;
}

const sealingKey = (secret: string): Buffer => createHash('sha256').update(derive(secret, 'refresh token')).digest();

/** @param session bound to the text, so that one row's token cannot be moved to another */
export function seal(text: string, session: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(subgraphConfig('identity').secret), nonce).setAAD(
    Buffer.from(session),
  );
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** With the secret of before too, while secrets are changed. @throws Error when none of them opens it */
export function unseal(sealed: string, session: string): string {
  const [current, ...others] = subgraphConfig('identity').accepted;
  try {
    return unsealWith(current!, sealed, session);
  } catch (error) {
    const [other] = others;
    if (!other) throw error;
    return unsealWith(other, sealed, session);
  }
}

function unsealWith(secret: string, sealed: string, session: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(secret), bytes.subarray(0, 12))
    .setAAD(Buffer.from(session))
    .setAuthTag(bytes.subarray(12, 28));
  return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8');
}
