/** The access log: written from what readers say they have read, shown to whom it concerns. */
import { randomBytes } from 'node:crypto';
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import type { StoredEvent } from '../../../kernel/events/stream';
import { newId } from '../../../kernel/ids';
import { type Page, type PageArgs, pageRows } from '../../../kernel/page';
import type { Events } from '../../../schema/events';
import { append, type NewLink } from './access.chain';
import { AccessRecord } from './access.entity';
import { accessRights } from './access.rights';

type Accessed = Events['data.accessed'];

const HOUR_MS = 60 * 60_000;
const UNKNOWN = 'unbekannt';

/** One entry per reader, account, case, object, action, purpose and hour, in the account's chain and in the authority's. */
export async function recordAccesses(tx: Tx, events: readonly StoredEvent[]): Promise<void> {
  const told = events.map(event => factsOf(event.payload as unknown as Accessed, event.occurredAt ?? now()));
  // most reads repeat one of the same hour: those cost this statement only
  const written: { id: string; actor_name: string }[] = await tx.query(
    `INSERT INTO access_record (id, account_id, reader, staff_member_id, actor_name, authority_id, action, purpose,
       subject_type, subject_id, application_id, occurred_at, hour, salt)
     SELECT one.id, "accountId", reader, "staffMemberId", coalesce(member.display_name, machine), "authorityId", action, purpose,
       "subjectType", "subjectId", "applicationId", "occurredAt", hour, salt
     FROM json_to_recordset($1) AS one (id uuid, "accountId" uuid, reader text, "staffMemberId" uuid, machine text,
       "authorityId" uuid, action text, purpose text, "subjectType" text, "subjectId" uuid, "applicationId" uuid,
       "occurredAt" timestamptz, hour timestamptz, salt text)
     LEFT JOIN staff_member AS member ON member.id = "staffMemberId"
     ON CONFLICT DO NOTHING RETURNING id, actor_name`,
    [JSON.stringify(told)],
  );
  const names = new Map(written.map(({ id, actor_name: name }) => [id, name]));
  const links = told.flatMap(({ id, ...rest }): NewLink[] => {
    const actorName = names.get(id);
    if (actorName === undefined) return [];
    const facts = { ...rest, actorName };
    const chains = rest.authorityId ? [rest.accountId, rest.authorityId] : [rest.accountId];
    return chains.map(chainId => ({ chainId, recordId: id, facts }));
  });
  if (links.length > 0) await append(tx, links);
}

function factsOf({ staffMemberId, machine, ...rest }: Accessed, occurredAt: Date) {
  return {
    ...rest,
    id: newId(),
    staffMemberId,
    machine: machine ?? UNKNOWN,
    reader: staffMemberId ? `staff:${staffMemberId}` : `machine:${machine ?? UNKNOWN}`,
    occurredAt,
    hour: new Date(Math.floor(occurredAt.getTime() / HOUR_MS) * HOUR_MS),
    salt: randomBytes(16).toString('hex'),
  };
}

/** A page of one chain, with the chain it is of. */
export type AccessLog = Page<AccessRecord> & { readonly chainId: string };

interface Filter {
  readonly applicationId: string | null;
  readonly staffMemberId: string | null;
}

/**
 * The log of one's own account, or of the organisation one belongs to and acts for.
 * @throws FORBIDDEN for staff, and for who acts by a mandate: the log is not about them
 */
export async function accessLog(ctx: Context, applicationId: string | null, args: PageArgs): Promise<AccessLog> {
  const who = ctx.asker;
  if (who.kind !== 'person') throw forbidden();
  return ctx.read(async tx => {
    const isMember = who.actingFor !== who.accountId && (await belongsTo(tx, who.accountId, who.actingFor));
    if (!accessRights.maySee({ chainId: who.actingFor, isMember }, who)) throw forbidden();
    return list(tx, who.actingFor, { applicationId, staffMemberId: null }, args);
  });
}

async function belongsTo(tx: Tx, accountId: string, organisationId: string): Promise<boolean> {
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM organisation_member WHERE organisation_id = $1 AND account_id = $2`,
    [organisationId, accountId],
  );
  return found.length > 0;
}

/** @throws NOT_FOUND for another authority */
export async function authorityAccessLog(
  ctx: Context,
  authorityId: string,
  filter: Filter,
  args: PageArgs,
): Promise<AccessLog> {
  if (!accessRights.maySee({ chainId: authorityId, isMember: false }, ctx.asker)) throw notFound();
  return ctx.read(tx => list(tx, authorityId, filter, args));
}

async function list(tx: Tx, chainId: string, filter: Filter, args: PageArgs): Promise<AccessLog> {
  const found = await pageRows(
    tx,
    {
      subgraph: 'identity',
      kind: 'accessLog',
      sql: `SELECT link.sequence, link.canonical, link.previous_hash, link.hash, record.*
            FROM access_link AS link JOIN access_record AS record ON record.id = link.record_id
            WHERE link.chain_id = $1 AND ($2::uuid IS NULL OR record.application_id = $2)
              AND ($3::uuid IS NULL OR record.staff_member_id = $3)`,
      values: [chainId, filter.applicationId, filter.staffMemberId],
      order: [{ column: 'sequence', cast: 'int', desc: true }],
    },
    args,
  );
  const edges = found.edges.map(({ cursor, node }) => ({ cursor, node: asRecord(node) }));
  return { ...found, edges, nodes: edges.map(({ node }) => node), chainId };
}

function asRecord(row: Record<string, unknown>): AccessRecord {
  return Object.assign(new AccessRecord(), {
    accountId: row.account_id,
    reader: row.reader,
    staffMemberId: row.staff_member_id,
    authorityId: row.authority_id,
    applicationId: row.application_id,
    salt: row.salt,
    sequence: row.sequence,
    occurredAt: row.occurred_at,
    actorName: row.actor_name,
    action: row.action,
    purpose: row.purpose,
    subjectType: row.subject_type,
    subjectId: row.subject_id,
    canonical: row.canonical,
    previousHash: row.previous_hash,
    hash: row.hash,
  }) as AccessRecord;
}
