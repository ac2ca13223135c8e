/**
 * Tokens by which an authority's directory writes its staff: shown once, kept as hashes, for one authority and its mail
 * domains each.
 */
import { createHash, randomBytes } from 'node:crypto';
import { now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';

/** Whose directory a token is, and for which mail domains it speaks, each in lower case. */
export interface Granted {
  readonly authorityId: string;
  readonly mailDomains: readonly string[];
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

/** @returns the token, which nobody can read again */
export async function issueToken(tx: Tx, { authorityId, mailDomains }: Granted): Promise<string> {
  const token = `scim_${randomBytes(32).toString('base64url')}`;
  await tx.query(
    `INSERT INTO scim_token (token_hash, authority_id, mail_domains, created_at) VALUES ($1, $2, $3, $4)`,
    [hashOf(token), authorityId, mailDomains, now()],
  );
  return token;
}

/** @returns how many tokens of the authority have ended */
export async function revokeTokens(tx: Tx, authorityId: string): Promise<number> {
  const [, count]: [unknown, number] = await tx.query(`DELETE FROM scim_token WHERE authority_id = $1`, [authorityId]);
  return count;
}

/** @returns null for an unknown token */
export async function findGranted(tx: Tx, token: string): Promise<Granted | null> {
  const [row]: { authority_id: string; mail_domains: string[] }[] = await tx.query(
    `SELECT authority_id, mail_domains FROM scim_token WHERE token_hash = $1`,
    [hashOf(token)],
  );
  return row ? { authorityId: row.authority_id, mailDomains: row.mail_domains } : null;
}

/** As it is compared. A domain does not speak for those below it; an international one is compared as it is written. */
export const mailDomainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const DOMAIN = /^[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)+$/u;

/** @param text domains, with commas between @throws Error for one that is none, a whole top-level domain included */
export function mailDomainsOf(text: string): string[] {
  const domains = text.split(',').map(part => part.trim().toLowerCase());
  const wrong = domains.find(domain => !DOMAIN.test(domain));
  if (wrong !== undefined) throw new Error(`'${wrong}' is no mail domain.`);
  return [...new Set(domains)];
}
