/** Working on deliveries: the channel is called outside of any transaction, its outcome written after. */
import { now } from '../../../kernel/clock';
import { type Database, rows, type Tx } from '../../../kernel/database/database';
import { willPass } from '../../../kernel/failure';
import { DeliveryState, deliveryLifecycle } from '../../../kernel/graph/delivery.type';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { change } from '../../../kernel/version';
import type { Application } from '../application/application.entity';
import { move, tell } from '../application/application.move';
import { lockApplication } from '../application/application.rights';
import { ApplicationState } from '../application/application.states';
import { channelOf } from '../channels';
import { ChannelFailure, type Parcel } from '../channels/channel';
import { Delivery } from './delivery.entity';

/** Attempts of one round; with growing pauses they span about half a minute. */
export const MOST_ATTEMPTS = 5;

export const deliveryQueue: Queue<Delivery> = {
  name: 'deliveries',
  entity: Delivery,
  table: 'delivery',
  due: `state IN ('PENDING', 'RETRYING', 'SENDING')`,
  taken: `state = 'SENDING'`,
  leaseSeconds: 20,
  async work(db, delivery) {
    const begun = await begin(db, delivery);
    if (!begun) return;
    let failure: string | null = null;
    try {
      await channelOf(delivery.channel).deliver(begun.parcel);
    } catch (error) {
      if (!(error instanceof ChannelFailure) && willPass(error)) throw error; // nobody has said no
      failure = error instanceof ChannelFailure ? error.detail : 'The channel failed.';
      logger(db.name).warn('a delivery failed', {
        id: delivery.id,
        channel: delivery.channel,
        attempt: delivery.attempts,
        error,
      });
    }
    await end(db, delivery, begun.number, failure);
  },
};

async function begin(db: Database, delivery: Delivery): Promise<{ number: number; parcel: Parcel } | null> {
  return db.tx(serviceOf('applications'), async tx => {
    const application = await lockApplication(tx, delivery.applicationId);
    if (!application || !(await isStill(tx, delivery))) return null;
    await tx.query(
      `UPDATE delivery_attempt SET ended_at = $2, detail = 'interrupted' WHERE delivery_id = $1 AND ended_at IS NULL`,
      [delivery.id, now()],
    );
    const [{ number }]: [{ number: number }] = await tx.query(
      `INSERT INTO delivery_attempt (delivery_id, number, started_at, succeeded)
       SELECT $1, coalesce(max(number), 0) + 1, $2, false FROM delivery_attempt WHERE delivery_id = $1 RETURNING number`,
      [delivery.id, now()],
    );
    return { number, parcel: parcelOf(application, delivery) };
  });
}

/** Nobody else has taken the row since; otherwise the outcome is theirs to write. */
async function isStill(tx: Tx, delivery: Delivery): Promise<boolean> {
  const [found] = await rows(tx, Delivery, 'SELECT * FROM delivery WHERE id = $1 FOR UPDATE', [delivery.id]);
  return found?.version === delivery.version && found.state === DeliveryState.SENDING;
}

const parcelOf = (application: Application, delivery: Delivery): Parcel => ({
  deliveryId: delivery.id,
  applicationId: application.id,
  reference: delivery.reference,
  address: delivery.channelAddress,
  authorityName: application.authorityName ?? '',
  serviceTitle: application.serviceTitle,
  submittedAt: application.submittedAt ?? application.createdAt,
});

async function end(db: Database, delivery: Delivery, number: number, failure: string | null): Promise<void> {
  await db.tx(serviceOf('applications'), async tx => {
    const application = await lockApplication(tx, delivery.applicationId);
    if (!application || !(await isStill(tx, delivery))) return;
    await tx.query(
      `UPDATE delivery_attempt SET ended_at = $3, succeeded = $4, detail = $5 WHERE delivery_id = $1 AND number = $2`,
      [delivery.id, number, now(), failure === null, failure],
    );
    if (failure === null) await delivered(tx, delivery, application);
    else if (delivery.attempts < MOST_ATTEMPTS) await failed(tx, delivery);
    else await exhausted(tx, delivery, application);
  });
}

async function delivered(tx: Tx, delivery: Delivery, application: Application): Promise<void> {
  const moment = now();
  const state = deliveryLifecycle.step(delivery.state, 'acknowledge') as DeliveryState;
  await change(tx, Delivery, delivery, { state, deliveredAt: moment });
  // withdrawn, or forwarded, while it was on its way
  if (application.state !== ApplicationState.SUBMITTED || application.authorityId !== delivery.authorityId) return;
  const first = application.receivedAt === null;
  const receivedAt = application.receivedAt ?? moment; // Eingangsdatum: forwarding never moves it
  await move(tx, application, 'receive', {
    by: null,
    changes: { receivedAt },
    tells: [
      tell('application.received', {
        first,
        receivedAt: receivedAt.toISOString(),
        serviceTitle: application.serviceTitle,
      }),
    ],
  });
}

async function failed(tx: Tx, delivery: Delivery): Promise<void> {
  const state = deliveryLifecycle.step(delivery.state, 'fail') as DeliveryState;
  const nextAttemptAt = new Date(Date.now() + backoffSeconds(delivery.attempts) * 1_000);
  await change(tx, Delivery, delivery, { state, nextAttemptAt });
}

async function exhausted(tx: Tx, delivery: Delivery, application: Application): Promise<void> {
  const state = deliveryLifecycle.step(delivery.state, 'exhaust') as DeliveryState;
  await change(tx, Delivery, delivery, { state, failedAt: now() });
  if (application.state !== ApplicationState.SUBMITTED) return;
  await move(tx, application, 'exhaustDelivery', {
    by: null,
    tells: [tell('application.undeliverable', { deliveryId: delivery.id })],
  });
}
