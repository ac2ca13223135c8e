/** Tokens by which an authority's directory writes its staff: shown once, kept as hashes, for one authority each. */
import { createHash, randomBytes } from 'node:crypto';
import { now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @returns the token, which nobody can read again */
export async function issueToken(tx: Tx, authorityId: string): Promise<string> {
  const token = `scim_${randomBytes(32).toString('base64url')}`;
  await tx.query(`INSERT INTO scim_token (token_hash, authority_id, created_at) VALUES ($1, $2, $3)`, [
    hashOf(token),
    authorityId,
    now(),
  ]);
  return token;
}

/** @returns how many tokens of the authority have ended */
export async function revokeTokens(tx: Tx, authorityId: string): Promise<number> {
  const [, count]: [unknown, number] = await tx.query(`DELETE FROM scim_token WHERE authority_id = $1`, [authorityId]);
  return count;
}

/** Whose directory it is; null for an unknown token. */
export async function authorityOfToken(tx: Tx, token: string): Promise<string | null> {
  const [row]: { authority_id: string }[] = await tx.query(
    `SELECT authority_id FROM scim_token WHERE token_hash = $1`,
    [hashOf(token)],
  );
  return row?.authority_id ?? null;
}
