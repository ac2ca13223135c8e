/** Pages by keyset: a cursor is a signed position in its order, so that a page costs the same wherever it lies. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { EntityTarget } from 'typeorm';
import { derive, type SubgraphName, subgraphConfig } from './config';
import { asEntity, type Tx } from './database/database';
import { badInput, graphError } from './errors';

export interface PageArgs {
  first: number;
  after?: string | null;
}

export interface Page<T> {
  edges: { cursor: string; node: T }[];
  nodes: T[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
  totalCount?: number | null;
}

const signature = (secret: string, text: string): Buffer =>
  createHmac('sha256', derive(secret, 'cursor')).update(text).digest().subarray(0, 12);

/** @param kind the list it belongs to, so that a cursor fits no other  @param values JSON values */
export function signCursor(name: SubgraphName, kind: string, values: readonly unknown[]): string {
  const text = JSON.stringify([kind, ...values]);
  return Buffer.concat([signature(subgraphConfig(name).secret, text), Buffer.from(text)]).toString('base64url');
}

/** @throws BAD_INPUT for `field` when it is malformed, forged or of another list */
export function readCursor(name: SubgraphName, kind: string, cursor: string, field = 'after'): unknown[] {
  const bytes = Buffer.from(cursor, 'base64url');
  const text = bytes.subarray(12).toString();
  const fits = (secret: string) => timingSafeEqual(bytes.subarray(0, 12), signature(secret, text));
  if (bytes.length < 15 || !subgraphConfig(name).accepted.some(fits)) throw badInput(field);
  const [ofKind, ...values] = JSON.parse(text) as unknown[];
  if (ofKind !== kind) throw badInput(field);
  return values;
}

/** @throws BAD_INPUT unless 1 ≤ first ≤ most */
export function checkFirst(first: number, most = 100): number {
  if (!Number.isInteger(first) || first < 1 || first > most) throw badInput('first');
  return first;
}

/** A column of the order; `cast` is its SQL type, `desc` turns it round. The columns must be unique together and not null. */
export interface OrderColumn {
  readonly column: string;
  readonly cast: 'uuid' | 'timestamptz' | 'date' | 'text' | 'bigint' | 'int';
  readonly desc?: boolean;
}

export interface ListQuery {
  readonly subgraph: SubgraphName;
  /** Names the list; also part of its cursors. */
  readonly kind: string;
  /** `SELECT …` with `$1…` for values and without ORDER BY; the order's columns must be among its columns. */
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly order: readonly OrderColumn[];
}

/** One page of entities. All order columns must point the same way, so that one index serves. */
export async function page<E extends object>(
  tx: Tx,
  entity: EntityTarget<E>,
  query: ListQuery,
  args: PageArgs,
): Promise<Page<E>> {
  const { edges, ...rest } = await pageRows(tx, query, args);
  const found = edges.map(({ cursor, node }) => ({ cursor, node: asEntity(tx, entity, node) }));
  return { ...rest, edges: found, nodes: found.map(edge => edge.node) };
}

/** Like {@link page}, with plain rows. */
export async function pageRows(tx: Tx, query: ListQuery, args: PageArgs): Promise<Page<Record<string, unknown>>> {
  const first = checkFirst(args.first);
  const values = [...query.values];
  const columns = query.order.map(({ column }) => column);
  const descending = query.order[0]?.desc === true;
  if (query.order.some(({ desc }) => (desc === true) !== descending))
    throw new Error(`${query.kind}: mixed directions`);
  let where = '';
  if (args.after != null) {
    const position = readCursor(query.subgraph, query.kind, args.after);
    if (position.length !== columns.length) throw badInput('after');
    const places = query.order.map(({ cast }, i) => `$${values.length + i + 1}::${cast}`);
    where = `WHERE (${columns.join(', ')}) ${descending ? '<' : '>'} (${places.join(', ')})`;
    values.push(...position);
  }
  const direction = descending ? ' DESC' : '';
  // as text: JavaScript dates have milliseconds only, and a cursor needs the exact moment
  const exact = columns.map((column, i) => `, ${column}::text AS order_${i}`);
  const found: Record<string, unknown>[] = await tx.query(
    `SELECT *${exact.join('')} FROM (${query.sql}) AS list ${where}
     ORDER BY ${columns.map(column => column + direction).join(', ')} LIMIT ${first + 1}`,
    values,
  );
  const hasNextPage = found.length > first;
  const edges = found.slice(0, first).map(node => ({
    cursor: signCursor(
      query.subgraph,
      query.kind,
      query.order.map((_, i) => node[`order_${i}`]),
    ),
    node,
  }));
  return {
    edges,
    nodes: edges.map(edge => edge.node),
    pageInfo: { hasNextPage, endCursor: edges.at(-1)?.cursor ?? null },
  };
}

/** The cursor of a live event: a position in the event stream. */
export const eventCursor = (name: SubgraphName, position: number): string => signCursor(name, 'event', [position]);

/**
 * Where a live stream begins.
 * @throws BAD_INPUT when malformed, CURSOR_EXPIRED when events after it are no longer kept
 */
export function eventPosition(name: SubgraphName, after: string, positions: { head: number; oldest: number }): number {
  const [position] = readCursor(name, 'event', after);
  if (typeof position !== 'number' || position > positions.head) throw badInput('after');
  if (position + 1 < positions.oldest) throw graphError('CURSOR_EXPIRED');
  return position;
}
