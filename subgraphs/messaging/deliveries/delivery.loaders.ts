/** Deliveries and their attempts, for operators, and for staff of the authority in charge. */
import { batch, byKey, groupBy } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import type { DeliveryAttempt } from '../../../kernel/graph/delivery.type';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import { MessageDelivery } from './delivery.entity';
import { deliveryRights } from './delivery.rights';

export const deliveryById = batch<string, MessageDelivery>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, MessageDelivery, `SELECT * FROM message_delivery WHERE id = ANY($1)`, [ids]),
  );
  return byKey(
    found.filter(one => deliveryRights.maySee(one, ctx.asker)),
    one => one.id,
  );
});

export const deliveriesByMessage = batch<string, MessageDelivery[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(tx, MessageDelivery, `SELECT * FROM message_delivery WHERE message_id = ANY($1) ORDER BY id`, [ids]),
  );
  return groupBy(
    found.filter(one => deliveryRights.maySee(one, ctx.asker)),
    one => one.messageId,
  );
});

const ATTEMPTS_SHOWN = 100;

/** The newest attempts of each delivery, oldest first. */
export const attemptsByDelivery = batch<string, DeliveryAttempt[]>(async (ids, ctx) => {
  const found: (Record<string, unknown> & { deliveryId: string })[] = await ctx.read(tx =>
    tx.query(
      `SELECT delivery_id AS "deliveryId", number, started_at AS "startedAt", ended_at AS "endedAt", succeeded, detail
       FROM unnest($1::uuid[]) AS asked (id) CROSS JOIN LATERAL (
         SELECT * FROM delivery_attempt WHERE delivery_id = asked.id ORDER BY number DESC LIMIT ${ATTEMPTS_SHOWN}
       ) AS newest ORDER BY number`,
      [ids],
    ),
  );
  return groupBy(found, one => one.deliveryId) as unknown as Map<string, DeliveryAttempt[]>;
});

/** Deliveries that failed for good, newest first. @param authorityId null: of all */
export async function undeliverable(
  tx: Tx,
  authorityId: string | null,
  args: PageArgs,
): Promise<Page<MessageDelivery>> {
  const where = `state = 'UNDELIVERABLE' ${authorityId === null ? '' : 'AND authority_id = $1'}`;
  const values = authorityId === null ? [] : [authorityId];
  const found = await page(
    tx,
    MessageDelivery,
    {
      subgraph: 'messaging',
      kind: 'undeliverable',
      sql: `SELECT * FROM message_delivery WHERE ${where}`,
      values,
      order: [
        { column: 'failed_at', cast: 'timestamptz', desc: true },
        { column: 'id', cast: 'uuid', desc: true },
      ],
    },
    args,
  );
  const [counted]: { count: number }[] = await tx.query(
    `SELECT count(*)::int AS count FROM message_delivery WHERE ${where}`,
    values,
  );
  return { ...found, totalCount: counted!.count };
}
