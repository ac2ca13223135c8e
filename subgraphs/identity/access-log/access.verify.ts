/** Recomputes every chain of the access log from its records and compares it with what was anchored outside. */
import { GENESIS, linkHash } from '../../../kernel/chain';
import { now } from '../../../kernel/clock';
import type { Database, Tx } from '../../../kernel/database/database';
import { type Anchor, hashOf, readAnchor } from './access.anchor';
import { type AccessFacts, canonicalOf } from './access.chain';
import type { AnchorStore, StoredAnchor } from './anchors/anchor';

export interface Break {
  /** Such as `chain 0198… at 17`, or `anchor 4`. */
  readonly where: string;
  readonly why: string;
}

export interface Verification {
  readonly chains: number;
  readonly links: number;
  readonly anchors: number;
  /** When the newest anchor was made; null without any. */
  readonly anchoredAt: string | null;
  /** Anchors with a valid time stamp, and when the first was stamped; null where stamps are not asked for. */
  readonly stamps: { readonly count: number; readonly since: string | null } | null;
  /** Chains that have grown since their last anchor: only the database vouches for those entries yet. */
  readonly unanchored: number;
  /** At most {@link MOST_BREAKS}; empty when all is well. */
  readonly breaks: readonly Break[];
}

const MOST_BREAKS = 100;
const A_PAGE = 5_000;

class Findings {
  readonly breaks: Break[] = [];
  chains = 0;
  links = 0;
  anchors = 0;
  anchoredAt: string | null = null;
  stamps: { count: number; since: string | null } | null = null;

  add(where: string, why: string): void {
    if (this.breaks.length < MOST_BREAKS) this.breaks.push({ where, why });
  }
}

/** @param key the public key of the anchors, see {@link verificationKey} */
export async function verifyAccessLog(db: Database, store: AnchorStore, key: string): Promise<Verification> {
  const findings = new Findings();
  const unanchored = await asOneMoment(db, async tx => {
    await checkChains(tx, findings);
    await checkAnchors(tx, store, key, now().toISOString(), findings);
    const [grown]: { count: number }[] = await tx.query(
      `SELECT count(*)::int AS count FROM access_chain WHERE anchored_length < length`,
    );
    return grown!.count;
  });
  const { chains, links, anchors, anchoredAt, stamps, breaks } = findings;
  return { chains, links, anchors, anchoredAt, stamps, unanchored, breaks };
}

/** All statements see the same state, while entries go on being appended. */
async function asOneMoment<T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.source.transaction('REPEATABLE READ', async tx => {
    await tx.query(`SELECT set_config('app.kind', 'service', true)`);
    return work(tx);
  });
}

interface LinkRow {
  readonly chain_id: string;
  readonly sequence: number;
  readonly canonical: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly account_id: string;
  readonly reader: string;
  readonly actor_name: string;
  readonly authority_id: string | null;
  readonly action: string;
  readonly purpose: string;
  readonly subject_type: string;
  readonly subject_id: string;
  readonly application_id: string | null;
  readonly occurred_at: Date;
  readonly salt: string | null;
}

/** In pages by chain and place, so that a million chains need no more memory than one. */
async function* allLinks(tx: Tx): AsyncGenerator<LinkRow> {
  let after: [string, number] = ['00000000-0000-0000-0000-000000000000', 0];
  for (;;) {
    const found: LinkRow[] = await tx.query(
      `SELECT link.chain_id, link.sequence, link.canonical, link.previous_hash, link.hash, record.*
       FROM access_link AS link JOIN access_record AS record ON record.id = link.record_id
       WHERE (link.chain_id, link.sequence) > ($1::uuid, $2) ORDER BY link.chain_id, link.sequence LIMIT ${A_PAGE}`,
      after,
    );
    yield* found;
    if (found.length < A_PAGE) return;
    after = [found.at(-1)!.chain_id, found.at(-1)!.sequence];
  }
}

interface Walked {
  readonly id: string;
  length: number;
  head: string;
  broken: boolean;
}

async function checkChains(tx: Tx, findings: Findings): Promise<void> {
  let walked = null as Walked | null;
  for await (const link of allLinks(tx)) {
    if (walked?.id !== link.chain_id) {
      if (walked) await checkHead(tx, walked, findings);
      walked = { id: link.chain_id, length: 0, head: GENESIS, broken: false };
    }
    findings.links += 1;
    const why = problemOf(link, walked);
    // what follows a break follows from it: one finding a chain
    if (why && !walked.broken) findings.add(`chain ${walked.id} at ${walked.length + 1}`, why);
    walked = { ...walked, length: link.sequence, head: link.hash, broken: walked.broken || why !== null };
  }
  if (walked) await checkHead(tx, walked, findings);
  const gone: { id: string }[] = await tx.query(
    `SELECT id FROM access_chain WHERE length > 0 AND NOT EXISTS (SELECT FROM access_link WHERE chain_id = access_chain.id)
     ORDER BY id LIMIT ${MOST_BREAKS}`,
  );
  for (const { id } of gone) findings.add(`chain ${id} at 1`, 'all its entries are gone');
  const loose: { id: string }[] = await tx.query(
    `SELECT id FROM access_record WHERE NOT EXISTS (SELECT FROM access_link WHERE record_id = access_record.id)
     ORDER BY id LIMIT ${MOST_BREAKS}`,
  );
  for (const { id } of loose) findings.add(`record ${id}`, 'it is in no chain');
}

function problemOf(link: LinkRow, { length, head }: Walked): string | null {
  if (link.sequence !== length + 1) return `an entry is missing: ${link.sequence} follows ${length}`;
  if (link.previous_hash !== head) return 'it does not follow from the entry before';
  if (link.hash !== linkHash(head, link.canonical)) return 'its hash is not that of its text';
  if (link.canonical !== canonicalOf(factsOf(link), link.sequence, link.canonical))
    return 'its record says something else';
  return null;
}

const factsOf = (link: LinkRow): AccessFacts => ({
  accountId: link.account_id,
  reader: link.reader,
  actorName: link.actor_name,
  authorityId: link.authority_id,
  action: link.action,
  purpose: link.purpose,
  subjectType: link.subject_type,
  subjectId: link.subject_id,
  applicationId: link.application_id,
  occurredAt: link.occurred_at,
  salt: link.salt,
});

async function checkHead(tx: Tx, { id, length, head, broken }: Walked, findings: Findings): Promise<void> {
  findings.chains += 1;
  const [known]: { length: number; head_hash: string }[] = await tx.query(
    `SELECT length, head_hash FROM access_chain WHERE id = $1`,
    [id],
  );
  if (broken || (known?.length === length && known.head_hash === head)) return;
  findings.add(`chain ${id} at ${length + 1}`, `it should end at ${known?.length ?? 0}, but ends at ${length}`);
}

/** @param moment of the snapshot: what was anchored later cannot be in it */
async function checkAnchors(
  tx: Tx,
  store: AnchorStore,
  key: string,
  moment: string,
  findings: Findings,
): Promise<void> {
  let previousHash = GENESIS;
  for await (const { number, text, stamp } of store.read()) {
    const where = `anchor ${number}`;
    const anchor = readAnchor(text, key);
    if (anchor && anchor.madeAt >= moment) break;
    const expected = findings.anchors + 1;
    findings.anchors = number;
    if (number !== expected) findings.add(`anchor ${expected}`, 'it is gone from where anchors are kept');
    else if (!anchor) findings.add(where, 'it is not signed with the key given');
    else if (anchor.number !== number || anchor.previousHash !== previousHash) {
      findings.add(where, 'it does not follow from the anchor before');
    }
    if (anchor) {
      findings.anchoredAt = anchor.madeAt;
      checkStamp(anchor, stamp, findings);
      await compare(tx, anchor, findings);
    }
    previousHash = hashOf(text);
  }
  const [stored]: { last: number | null }[] = await tx.query(
    `SELECT max(number) AS last FROM access_anchor WHERE stored_at IS NOT NULL`,
  );
  const last = stored?.last ?? 0;
  if (findings.stamps?.count === 0) findings.add(`anchor ${findings.anchors}`, 'no anchor has a valid time stamp');
  if (last > findings.anchors) findings.add(`anchor ${last}`, 'it is gone from where anchors are kept');
  if (last < findings.anchors - 1) findings.add(`anchor ${findings.anchors}`, 'the database no longer knows it');
}

/** Clocks differ. */
const EARLIEST_MS = 5 * 60_000;
/** Later than any outage of the authority should last: who signs another history afterwards can have it stamped only then. */
const LATEST_MS = 24 * 60 * 60_000;

/** Once there are stamps, every anchor has one, of about the moment it was made. */
function checkStamp({ number, madeAt }: Anchor, stamp: StoredAnchor['stamp'], findings: Findings): void {
  if (stamp === undefined) return;
  const where = `anchor ${number}`;
  findings.stamps ??= { count: 0, since: null };
  if (stamp === null) {
    if (findings.stamps.count > 0) findings.add(where, 'it has no time stamp, though earlier ones have');
  } else if ('flaw' in stamp) findings.add(where, `its time stamp proves nothing: ${stamp.flaw}`);
  else {
    findings.stamps.count += 1;
    findings.stamps.since ??= stamp.at;
    const lateness = Date.parse(stamp.at) - Date.parse(madeAt);
    if (lateness < -EARLIEST_MS || lateness > LATEST_MS)
      findings.add(where, `it says that it was made at ${madeAt}, but was stamped at ${stamp.at}`);
  }
}

/** Every anchored head must still be there: a chain hashed anew has another, one that was cut off has none. */
async function compare(tx: Tx, { number, heads }: Anchor, findings: Findings): Promise<void> {
  const found: { chainId: string; length: number; headHash: string; hash: string | null }[] = await tx.query(
    `SELECT head.*, link.hash FROM jsonb_to_recordset($1) AS head ("chainId" uuid, length int, "headHash" text)
     LEFT JOIN access_link AS link ON link.chain_id = head."chainId" AND link.sequence = head.length
     WHERE link.hash IS DISTINCT FROM head."headHash" LIMIT ${MOST_BREAKS}`,
    [JSON.stringify(heads)],
  );
  for (const { chainId, length, hash } of found) {
    const why = hash
      ? `anchor ${number} has another hash: the chain was rewritten after it was anchored`
      : `anchor ${number} has it: the chain was cut off after it was anchored`;
    findings.add(`chain ${chainId} at ${length}`, why);
  }
}
