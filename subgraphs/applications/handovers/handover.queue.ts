/** Telling a line-of-business system of a handover: over HTTP outside of any transaction, the outcome written after. */

import { Agent, fetch } from 'undici';
import { now } from '../../../kernel/clock';
import type { Tx } from '../../../kernel/database/database';
import { timeLimit } from '../../../kernel/limit';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { outside } from '../../../kernel/request';
import { announce } from '../application/application.move';
import { lockApplication } from '../application/application.rights';
import { Handover } from './handover.entity';
import { HandoverState, handoverLifecycle } from './handover.states';
import { systemNamed } from './handover.systems';

const TIMEOUT_MS = 5_000;
/** With growing pauses they span about a day. */
const MOST_ATTEMPTS = 17;
const agent = new Agent({ connections: 8, headersTimeout: TIMEOUT_MS, bodyTimeout: TIMEOUT_MS });

export const handoverQueue: Queue<Handover> = {
  name: 'handovers',
  entity: Handover,
  table: 'handover',
  due: `state = 'SENDING'`,
  leaseSeconds: 8,
  async work(db, handover) {
    const problem = await send(handover);
    if (problem) {
      logger(db.name).warn('a handover could not be sent', {
        id: handover.id,
        attempt: handover.attempts,
        code: problem,
      });
    }
    await db.tx(serviceOf('applications'), tx => outcome(tx, handover, problem));
  },
};

/** @returns what went wrong, or null. Sending twice is harmless: the id of the handover is the key there. */
async function send({ id, system, contentHash }: Handover): Promise<string | null> {
  const known = systemNamed(system);
  if (!known) return 'UNKNOWN_SYSTEM';
  try {
    const response = await outside(() =>
      fetch(known.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ handoverId: id, system, contentHash }),
        redirect: 'error',
        signal: timeLimit('HANDOVER_TIMEOUT_MS', TIMEOUT_MS),
        dispatcher: agent,
      }),
    );
    await response.body?.cancel();
    return response.ok ? null : `HTTP_${response.status}`;
  } catch (error) {
    logger('applications').warn('a line-of-business system did not answer', { id, error });
    return 'UNREACHABLE';
  }
}

/** The version was counted when the row was taken; whoever has taken it since, or acknowledged, has the last word. */
async function outcome(tx: Tx, handover: Handover, problem: string | null): Promise<void> {
  const application = await lockApplication(tx, handover.applicationId);
  const ended = problem === null || handover.attempts >= MOST_ATTEMPTS;
  const state = ended
    ? (handoverLifecycle.step(HandoverState.SENDING, problem === null ? 'send' : 'exhaust') as HandoverState)
    : HandoverState.SENDING;
  const [, written]: [unknown, number] = await tx.query(
    `UPDATE handover SET state = $3, sent_at = $4, next_attempt_at = $5
     WHERE id = $1 AND version = $2 AND state = 'SENDING'`,
    [
      handover.id,
      handover.version,
      state,
      state === HandoverState.SENT ? now() : null,
      new Date(Date.now() + backoffSeconds(handover.attempts) * 1_000),
    ],
  );
  if (written !== 1 || !ended || !application) return;
  await announce(tx, application, 'application.handover-changed', { handoverId: handover.id, handoverState: state });
}
