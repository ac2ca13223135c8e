/** Sending an application on its way: at submission, and when it is forwarded to another authority. */
import { now } from '../../../kernel/clock';
import { afterCommit, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { DeliveryState } from '../../../kernel/graph/delivery.type';
import { newId } from '../../../kernel/ids';
import type { RoutingChannel } from '../../../schema/channels';
import type { Application } from '../application/application.entity';
import { Delivery } from './delivery.entity';

/** Writes the intent; the queue delivers after the commit. The application must be SUBMITTED to its authority. */
export async function startDelivery(
  tx: Tx,
  application: Application,
  channel: RoutingChannel,
  channelAddress: string | null,
): Promise<void> {
  const { id, reference, authorityId } = application;
  if (!reference || !authorityId) throw new Error('Only a submitted application is delivered.');
  await tx.insert(Delivery, {
    id: newId(),
    version: 1,
    applicationId: id,
    reference,
    authorityId,
    channel,
    channelAddress,
    state: DeliveryState.PENDING,
    attempts: 0,
    nextAttemptAt: now(),
    createdAt: now(),
    deliveredAt: null,
    failedAt: null,
    abandonReason: null,
  });
  afterCommit(tx, () => wake('deliveries'));
}

/** Has an operator given up the newest delivery? Only then an undeliverable application is forwarded by hand. */
export async function isGivenUp(tx: Tx, applicationId: string): Promise<boolean> {
  const [newest]: { state: string }[] = await tx.query(
    `SELECT state FROM delivery WHERE application_id = $1 ORDER BY id DESC LIMIT 1`,
    [applicationId],
  );
  return newest?.state === DeliveryState.ABANDONED;
}
