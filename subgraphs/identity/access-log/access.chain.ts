/** The chains of the access log: one per account for its holder, one per authority for its auditors. */
import { canonicalJson, GENESIS, linkHash, saltedHash } from '../../../kernel/chain';
import type { Tx } from '../../../kernel/database/database';
import type { ChainProof } from '../../../kernel/graph/chain.type';
import { namedSince } from './access.forgetting';

/** What a record says; the reader stands in it only as a salted hash, so that a name can be erased. */
export interface AccessFacts {
  readonly accountId: string;
  readonly reader: string;
  readonly actorName: string;
  readonly authorityId: string | null;
  readonly action: string;
  readonly purpose: string;
  readonly subjectType: string;
  readonly subjectId: string;
  readonly applicationId: string | null;
  readonly occurredAt: Date;
  /** Null once the reader was taken out. */
  readonly salt: string | null;
}

/** @param canonical the text that was hashed; the only one that still knows it when the reader was taken out */
function actorHashOf({ salt, reader, actorName, occurredAt }: AccessFacts, canonical: string | null): string | null {
  if (salt !== null) return saltedHash(salt, `${reader}\u0000${actorName}`);
  const isTime = occurredAt.toISOString().slice(0, 10) < namedSince();
  return isTime && canonical !== null ? (JSON.parse(canonical) as { actorHash: string }).actorHash : null;
}

/** What a record that is put at this place of a chain says. @param canonical what it is known to have said, where it is known */
export const canonicalOf = (
  facts: AccessFacts,
  sequence: number,
  canonical: string | null = null,
  actorHash = actorHashOf(facts, canonical),
): string =>
  canonicalJson({
    sequence,
    occurredAt: facts.occurredAt,
    accountId: facts.accountId,
    actorHash,
    authorityId: facts.authorityId,
    action: facts.action,
    purpose: facts.purpose,
    subjectType: facts.subjectType,
    subjectId: facts.subjectId,
    applicationId: facts.applicationId,
  });

interface Head {
  readonly length: number;
  readonly head_hash: string;
}

/** A stored record, to be appended to a chain. */
export interface NewLink {
  readonly chainId: string;
  readonly recordId: string;
  readonly facts: AccessFacts;
}

/** Appends to any number of chains, in the order given; the row locks of the chains keep the order between processes. */
export async function append(tx: Tx, entries: readonly NewLink[]): Promise<void> {
  const ids = [...new Set(entries.map(({ chainId }) => chainId))];
  await tx.query(
    `INSERT INTO access_chain (id, length, head_hash) SELECT id, 0, $2 FROM unnest($1::uuid[]) AS id ORDER BY id
     ON CONFLICT DO NOTHING`,
    [ids, GENESIS],
  );
  const found: (Head & { id: string })[] = await tx.query(
    `SELECT id, length, head_hash FROM access_chain WHERE id = ANY($1) ORDER BY id FOR UPDATE`,
    [ids],
  );
  const heads = new Map(found.map(({ id, length, head_hash: hash }) => [id, { id, length, hash }]));
  const links = entries.map(({ chainId, recordId, facts }) => {
    const head = heads.get(chainId)!;
    const previousHash = head.hash;
    head.length += 1;
    const canonical = canonicalOf(facts, head.length);
    head.hash = linkHash(previousHash, canonical);
    return { chainId, sequence: head.length, recordId, canonical, previousHash, hash: head.hash };
  });
  await tx.query(
    `INSERT INTO access_link (chain_id, sequence, record_id, canonical, previous_hash, hash)
     SELECT "chainId", sequence, "recordId", canonical, "previousHash", hash FROM json_to_recordset($1)
       AS link ("chainId" uuid, sequence int, "recordId" uuid, canonical text, "previousHash" text, hash text)`,
    [JSON.stringify(links)],
  );
  await tx.query(
    `UPDATE access_chain SET length = head.length, head_hash = head.hash
     FROM json_to_recordset($1) AS head (id uuid, length int, hash text) WHERE access_chain.id = head.id`,
    [JSON.stringify([...heads.values()])],
  );
}

/** Every link is hashed anew, by the database, so that the whole chain is checked without carrying it here. */
const CHECK = `
  WITH link AS (
    SELECT sequence, hash, previous_hash, canonical, row_number() OVER chain AS place,
           coalesce(lag(hash) OVER chain, $2) AS expected, lead(hash) OVER chain IS NULL AS is_last
    FROM access_link WHERE chain_id = $1 WINDOW chain AS (ORDER BY sequence)
  )
  SELECT count(*)::int AS length, max(hash) FILTER (WHERE is_last) AS head,
         min(place) FILTER (WHERE sequence <> place OR previous_hash <> expected
           OR hash <> encode(sha256(convert_to(previous_hash || canonical, 'UTF8')), 'hex'))::int AS broken_at
  FROM link`;

/**
 * Checks the whole chain, that it ends where it is known to end, and that the records shown say what was hashed.
 * @param shown of this chain, as they are served
 */
export async function checkWhole(
  tx: Tx,
  chainId: string,
  shown: readonly (AccessFacts & { sequence: number; canonical: string | null })[],
): Promise<ChainProof> {
  const [found]: { length: number; head: string | null; broken_at: number | null }[] = await tx.query(CHECK, [
    chainId,
    GENESIS,
  ]);
  const [known]: Head[] = await tx.query(`SELECT length, head_hash FROM access_chain WHERE id = $1`, [chainId]);
  const length = found?.length ?? 0;
  const headHash = found?.head ?? GENESIS;
  const broken: number[] = shown
    .filter(one => one.canonical !== canonicalOf(one, one.sequence, one.canonical))
    .map(({ sequence }) => sequence);
  if (found?.broken_at != null) broken.push(found.broken_at);
  if (length < (known?.length ?? 0)) broken.push(length + 1);
  else if (length > (known?.length ?? 0) || headHash !== (known?.head_hash ?? GENESIS)) broken.push(length);
  return {
    valid: broken.length === 0,
    length,
    headHash,
    brokenAt: broken.length === 0 ? null : Math.min(...broken),
  };
}
