/** The work on privacy requests: ask every part, and go on once all have answered. The row is its queue. */
import { now } from '../../../kernel/clock';
import { afterCommit, type Database, rows, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import type { Queue } from '../../../kernel/queue';
import { sealingKey, unseal } from '../../../kernel/seal';
import { stricterTrust, TrustLevel } from '../../../kernel/trust';
import { type Events, publish, type Retained } from '../../../schema/events';
import { PRIVACY_PARTS } from '../../../schema/privacy';
import { ownCopy } from './privacy.copy';
import { PrivacyRequest, PrivacyRequestKind } from './privacy.entity';
import { eraseAccount } from './privacy.erasure';
import { renderCopy } from './privacy.pdf';
import { QUEUE } from './privacy.service';
import { PrivacyRequestState, privacyLifecycle } from './privacy.states';

/** How long a copy is kept. */
const COPY_DAYS = 7;
/** Asking again mends what was sealed for another secret; what does not open after so many rounds has another reason. */
export const MOST_ROUNDS = 10;
const log = logger('identity');
const DAY_MS = 24 * 60 * 60_000;

export const privacyQueue: Queue<PrivacyRequest> = {
  name: QUEUE,
  entity: PrivacyRequest,
  table: 'privacy_request',
  due: 'is_due',
  leaseSeconds: 60,
  async work(db, request) {
    if (request.state === PrivacyRequestState.REQUESTED) return ask(db, request, 'askParts');
    const parts = await partsOf(db, request);
    if (!PRIVACY_PARTS.every(name => parts.some(({ subgraph }) => subgraph === name))) {
      return ask(db, request, 'askAgain');
    }
    if (request.kind === PrivacyRequestKind.EXPORT) return completeCopy(db, request, parts);
    return completeErasure(db, request, parts);
  },
};

const asService = <T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> => db.tx(serviceOf('identity'), work);

/** Locked and as it was taken; null when somebody else has it. */
async function lock(tx: Tx, { id, version }: PrivacyRequest): Promise<PrivacyRequest | null> {
  const [found] = await rows(
    tx,
    PrivacyRequest,
    'SELECT * FROM privacy_request WHERE id = $1 AND version = $2 FOR UPDATE',
    [id, version],
  );
  return found ?? null;
}

type Action = 'askParts' | 'askAgain' | 'complete' | 'expire';

/** The only writer of a request's state. */
export async function move(
  tx: Tx,
  request: PrivacyRequest,
  action: Action,
  changes: Partial<PrivacyRequest>,
): Promise<void> {
  const state = privacyLifecycle.step(request.state, action) as PrivacyRequestState;
  await tx.update(PrivacyRequest, { id: request.id }, { ...changes, state, version: request.version + 1 });
}

function ask(db: Database, taken: PrivacyRequest, action: 'askParts' | 'askAgain'): Promise<void> {
  return asService(db, async tx => {
    const request = await lock(tx, taken);
    if (!request) return;
    if (request.requestedById === null && (await isUsedAgain(tx, request))) {
      await tx.delete(PrivacyRequest, { id: request.id });
      return;
    }
    const { id, kind, accountId } = request;
    const round = request.round + 1;
    await move(tx, request, action, { round, isDue: false });
    await publish(tx, 'privacy.requested', accountId, {
      requestId: id,
      round,
      kind,
      accountId,
      sealFor: sealingKey('identity', request.sealSalt!),
    });
  });
}

/** Somebody has signed in since the clock decided to erase an idle account. */
async function isUsedAgain(tx: Tx, { accountId, requestedAt }: PrivacyRequest): Promise<boolean> {
  const found: unknown[] = await tx.query(`SELECT 1 FROM account WHERE id = $1 AND last_seen_on >= $2::date`, [
    accountId,
    requestedAt,
  ]);
  return found.length > 0;
}

/** Keeps what a part has answered; when it was the last, the work goes on. */
export async function takeAnswer(tx: Tx, part: Events['privacy.answered']): Promise<void> {
  const [request] = await rows(tx, PrivacyRequest, 'SELECT * FROM privacy_request WHERE id = $1 FOR UPDATE', [
    part.requestId,
  ]);
  // once all have answered it is our turn, and whoever answers again comes too late
  if (request?.state !== PrivacyRequestState.RUNNING || request.isDue || request.round !== part.round) return;
  await tx.query(
    `INSERT INTO privacy_part (request_id, round, subgraph, piece, pieces, sealed, retained, running, required_trust_level)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
    [
      request.id,
      part.round,
      part.subgraph,
      part.piece,
      part.pieces,
      part.sealed,
      JSON.stringify(part.retained),
      part.running,
      part.requiredTrustLevel,
    ],
  );
  const whole: { subgraph: string }[] = await tx.query(
    `SELECT subgraph FROM privacy_part WHERE request_id = $1 AND round = $2
     GROUP BY subgraph HAVING count(*) = max(pieces)`,
    [request.id, request.round],
  );
  const answered = new Set(whole.map(({ subgraph }) => subgraph));
  if (!PRIVACY_PARTS.every(one => answered.has(one))) return;
  await tx.query(
    `UPDATE privacy_request SET is_due = true, next_attempt_at = clock_timestamp(), version = version + 1 WHERE id = $1`,
    [request.id],
  );
  afterCommit(tx, () => wake(QUEUE));
}

interface Part {
  readonly subgraph: string;
  readonly sealed: string | null;
  readonly retained: Retained[];
  readonly running: boolean;
  readonly required_trust_level: TrustLevel;
}

/** The answers of the present round, in order; those of a round that led nowhere are gone. */
const partsOf = (db: Database, { id, round }: PrivacyRequest): Promise<Part[]> =>
  asService(db, tx =>
    tx.query(`SELECT * FROM privacy_part WHERE request_id = $1 AND round = $2 ORDER BY subgraph, piece`, [id, round]),
  );

async function completeCopy(db: Database, taken: PrivacyRequest, parts: readonly Part[]): Promise<void> {
  const own = await asService(db, tx => ownCopy(tx, taken.accountId));
  const opened = openParts(taken, parts);
  if (!opened) return ask(db, taken, 'askAgain');
  const madeAt = now();
  const copy = {
    format: 'data-export',
    version: 1,
    accountId: taken.accountId,
    madeAt,
    parts: { identity: own, ...opened },
  };
  const pdf = await renderCopy(copy);
  await asService(db, async tx => {
    const request = await lock(tx, taken);
    if (!request) return;
    await tx.query(`INSERT INTO privacy_copy (request_id, data, pdf) VALUES ($1, $2, $3)`, [
      request.id,
      JSON.stringify(copy, null, 2),
      pdf,
    ]);
    await move(tx, request, 'complete', {
      ...done(),
      expiresAt: new Date(madeAt.getTime() + COPY_DAYS * DAY_MS),
      requiredTrustLevel: parts.reduce(
        (strictest, part) => stricterTrust(strictest, part.required_trust_level),
        request.requiredTrustLevel,
      ),
    });
    await forgetParts(tx, request);
  });
}

/** @returns null when they were sealed for a secret that we have no more  @throws Error when that comes again and again */
function openParts({ id, sealSalt, round }: PrivacyRequest, parts: readonly Part[]): Record<string, object> | null {
  try {
    return Object.fromEntries(
      PRIVACY_PARTS.map(name => {
        const sealed = parts.filter(({ subgraph }) => subgraph === name).map(part => part.sealed ?? '');
        return [name, unseal<object>('identity', sealSalt!, sealed.join(''))];
      }),
    );
  } catch (error) {
    if (round >= MOST_ROUNDS) throw error;
    log.warn('the parts of a copy do not open and are asked for again', { id, error });
    return null;
  }
}

async function completeErasure(db: Database, taken: PrivacyRequest, parts: readonly Part[]): Promise<void> {
  await asService(db, async tx => {
    const request = await lock(tx, taken);
    if (!request) return;
    const kept = parts.flatMap(({ retained }) => retained);
    await forgetParts(tx, request);
    if (parts.some(({ running }) => running)) {
      // its holder must still get the notice: the account stays, and is tried again the next day
      await tx.query(
        `UPDATE privacy_request SET retained = $2, next_attempt_at = clock_timestamp() + interval '1 day',
           version = version + 1 WHERE id = $1`,
        [request.id, JSON.stringify([...kept, ACCOUNT_NEEDED])],
      );
      return;
    }
    kept.push(...(await eraseAccount(tx, request)));
    await move(tx, request, 'complete', { ...done(), kept });
  });
}

const ACCOUNT_NEEDED: Retained = {
  description: {
    de: 'Konto, Postfach und Identitätsdaten, bis die laufenden Verfahren beendet sind',
    en: 'Account, mailbox and identity data, until the running cases have ended',
  },
  legalBasis: 'Art. 17 Abs. 3 Buchst. b DSGVO, § 9 OZG',
  until: null,
};

const done = (): Partial<PrivacyRequest> => ({ completedAt: now(), isDue: false, sealSalt: null });

const forgetParts = (tx: Tx, { id }: PrivacyRequest): Promise<unknown> =>
  tx.query(`DELETE FROM privacy_part WHERE request_id = $1`, [id]);

/** Copies whose time is over are deleted. */
export async function expireCopies(tx: Tx): Promise<void> {
  const over = await rows(
    tx,
    PrivacyRequest,
    `SELECT * FROM privacy_request WHERE state = 'COMPLETED' AND expires_at <= $1 FOR UPDATE SKIP LOCKED`,
    [now()],
  );
  for (const request of over) {
    await tx.query(`DELETE FROM privacy_copy WHERE request_id = $1`, [request.id]);
    await move(tx, request, 'expire', {});
  }
}
