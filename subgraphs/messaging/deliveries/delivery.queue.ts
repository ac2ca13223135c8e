/** Working on deliveries: begin an attempt and commit, hand over outside of any transaction, write the outcome. */
import { now } from '../../../kernel/clock';
import { afterCommit, type Database, rows, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { willPass } from '../../../kernel/failure';
import { DeliveryState, deliveryLifecycle } from '../../../kernel/graph/delivery.type';
import { newId } from '../../../kernel/ids';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { change } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { NO_AUTHORITY, type SubmittedCase } from '../cases/case.entity';
import { lockCase } from '../cases/case.service';
import { CHANNELS } from '../channels';
import { type Channel, type Handed, type Letter, NotDelivered } from '../channels/channel';
import { changeOf, Message, MessageKind } from '../messages/message.entity';
import { ALWAYS_ANNOUNCED } from '../notifications/notification.entity';
import { addressForNeeded, preferencesOf } from '../notifications/notification.loaders';
import { MessageDelivery } from './delivery.entity';

/** With the kernel's backoff about four hours until an operator is asked. */
export const ATTEMPTS_A_ROUND = 14;

const QUEUE = 'message deliveries';
const WHO = serviceOf('messaging');
const log = logger('messaging');

export const deliveryQueue: Queue<MessageDelivery> = {
  name: QUEUE,
  entity: MessageDelivery,
  table: 'message_delivery',
  due: `state IN ('PENDING', 'RETRYING', 'SENDING')`,
  taken: `state = 'SENDING'`,
  work: attempt,
};

export const wakeDeliveries = (tx: Tx): void => afterCommit(tx, () => wake(QUEUE));

/** Makes a delivery on each given channel, in the transaction that gives the reason for it. */
export async function queueDeliveries(
  tx: Tx,
  message: Pick<Message, 'id'>,
  about: SubmittedCase,
  channels: readonly Channel[],
): Promise<void> {
  for (const { name } of channels) {
    await tx.query(
      `INSERT INTO message_delivery (id, version, message_id, application_id, authority_id, channel, state, next_attempt_at)
       VALUES ($1, 1, $2, $3, $4, $5, $6, clock_timestamp())`,
      [newId(), message.id, about.applicationId, about.authorityId, name, deliveryLifecycle.initial],
    );
  }
  wakeDeliveries(tx);
}

type Outcome = { handed: Handed } | { failure: NotDelivered };

async function attempt(db: Database, delivery: MessageDelivery): Promise<void> {
  const channel = CHANNELS[delivery.channel];
  const letter = await db.tx(WHO, tx => begin(tx, delivery, channel));
  if (letter === null) return;
  let outcome: Outcome;
  try {
    outcome = { handed: await channel.deliver(letter) };
  } catch (error) {
    if (!(error instanceof NotDelivered) && willPass(error)) throw error; // nobody has said no
    if (!(error instanceof NotDelivered))
      log.error('a channel failed', { channel: channel.name, id: delivery.id, error });
    outcome = { failure: error instanceof NotDelivered ? error : new NotDelivered('FAULT') };
  }
  await db.tx(WHO, tx => conclude(tx, delivery, outcome));
}

/** @returns the letter, or null when the account no longer wants it this way; then the delivery is dropped */
async function begin(tx: Tx, delivery: MessageDelivery, channel: Channel): Promise<Letter | null> {
  const [message] = await rows(tx, Message, `SELECT * FROM message WHERE id = $1`, [delivery.messageId]);
  const about = await lockCase(tx, delivery.applicationId);
  const letter = await letterOf(tx, delivery.id, message!.kind, about!.accountId);
  if (!channel.takes(letter)) {
    await tx.query(`DELETE FROM message_delivery WHERE id = $1 AND version = $2`, [delivery.id, delivery.version]);
    return null;
  }
  const startedAt = now();
  await tx.query(
    `UPDATE delivery_attempt SET ended_at = $2, detail = 'interrupted' WHERE delivery_id = $1 AND ended_at IS NULL`,
    [delivery.id, startedAt],
  );
  // one whose outcome could not be written was none, and its number is taken again
  await tx.query(
    `INSERT INTO delivery_attempt (delivery_id, number, started_at) VALUES ($1, $2, $3)
     ON CONFLICT (delivery_id, number) DO UPDATE SET started_at = excluded.started_at, ended_at = NULL, detail = NULL`,
    [delivery.id, delivery.attemptCount, startedAt],
  );
  return letter;
}

async function letterOf(tx: Tx, deliveryId: string, kind: MessageKind, accountId: string): Promise<Letter> {
  const preferences = await preferencesOf(tx, accountId);
  const { email, emailConfirmed, emailFor, language } = preferences;
  if (ALWAYS_ANNOUNCED.includes(kind)) return { deliveryId, language, email: await addressForNeeded(tx, preferences) };
  return { deliveryId, language, email: emailConfirmed && emailFor.includes(kind) ? email : null };
}

async function conclude(tx: Tx, taken: MessageDelivery, outcome: Outcome): Promise<void> {
  const found = (await lockCase(tx, taken.applicationId))!;
  const about = { ...found, authorityId: found.authorityId ?? NO_AUTHORITY };
  const [delivery] = await rows(tx, MessageDelivery, `SELECT * FROM message_delivery WHERE id = $1 FOR UPDATE`, [
    taken.id,
  ]);
  if (!delivery) return;
  const failure = 'failure' in outcome ? outcome.failure : null;
  const detail = failure ? failure.detail : (outcome as { handed: Handed }).handed.detail;
  await tx.query(
    `UPDATE delivery_attempt SET ended_at = $3, succeeded = $4, detail = $5
     WHERE delivery_id = $1 AND number = $2 AND ended_at IS NULL`,
    [delivery.id, taken.attemptCount, now(), failure === null, detail],
  );
  // it took longer than the lease and somebody else has it now: theirs is the outcome that counts
  if (delivery.version !== taken.version) return;
  if (failure) await fail(tx, delivery, about, failure);
  else await acknowledge(tx, delivery, about, (outcome as { handed: Handed }).handed);
}

async function acknowledge(tx: Tx, delivery: MessageDelivery, about: SubmittedCase, handed: Handed): Promise<void> {
  const state = deliveryLifecycle.step(delivery.state, 'acknowledge') as DeliveryState;
  await change(tx, MessageDelivery, delivery, { state, failedAt: null });
  if (handed.makesAvailable) await makeAvailable(tx, delivery.messageId, about);
}

async function fail(tx: Tx, delivery: MessageDelivery, about: SubmittedCase, failure: NotDelivered): Promise<void> {
  const round = delivery.attemptCount - delivery.roundBeganAtAttempt;
  const exhausted = failure.permanent || round >= ATTEMPTS_A_ROUND;
  const state = deliveryLifecycle.step(delivery.state, exhausted ? 'exhaust' : 'fail') as DeliveryState;
  if (!exhausted) {
    const dueAt = new Date(now().getTime() + backoffSeconds(round) * 1_000);
    await change(tx, MessageDelivery, delivery, { state, dueAt });
    return;
  }
  await change(tx, MessageDelivery, delivery, { state, failedAt: now() });
  const [message] = await rows(tx, Message, `SELECT * FROM message WHERE id = $1`, [delivery.messageId]);
  await publish(tx, 'message.undeliverable', about.applicationId, {
    ...changeOf(message!, about),
    deliveryId: delivery.id,
  });
  log.warn('a message could not be delivered', { channel: delivery.channel, id: delivery.id, attempt: round });
}

/** The message can be read from now on (Bereitstellung); what only announces it begins here. Twice is once. */
async function makeAvailable(tx: Tx, messageId: string, about: SubmittedCase): Promise<void> {
  const availableAt = now();
  const [message] = await rows(
    tx,
    Message,
    `WITH made AS (UPDATE message SET available_at = $2 WHERE id = $1 AND available_at IS NULL RETURNING *) SELECT * FROM made`,
    [messageId, availableAt],
  );
  if (!message) return;
  await tx.query(`UPDATE thread SET last_available_at = greatest(last_available_at, $2) WHERE id = $1`, [
    message.threadId,
    availableAt,
  ]);
  await publish(tx, 'message.available', about.applicationId, {
    ...changeOf(message, about),
    availableAt: availableAt.toISOString(),
    noticeDocumentId: message.kind === MessageKind.NOTICE ? (message.documentIds[0] ?? null) : null,
  });
  const letter = await letterOf(tx, newId(), message.kind, about.accountId);
  const announcing = Object.values(CHANNELS).filter(one => one.begins === 'AVAILABLE' && one.takes(letter));
  await queueDeliveries(tx, message, about, announcing);
}
