/** Limits of time: whichever strikes says in the log which one it was, by its name and its value. */
import { DATABASE_LIMITS } from './database/limits';

/** A time that is over. Its name is that of the platform's own signals of time, for those who ask whether a failure passes. */
export class TimeUp extends Error {
  override readonly name = 'TimeoutError';

  constructor(readonly limit: string) {
    super(limit);
  }
}

export const limitNamed = (name: string, ms: number): string => `${name}=${ms}`;

/** A signal of time, with a reason that says which limit it was. */
export function timeLimit(name: string, ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort(new TimeUp(limitNamed(name, ms))), ms).unref();
  return controller.signal;
}

interface Failure {
  readonly limit?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly cause?: unknown;
  readonly driverError?: unknown;
}

const ofDatabase = (name: keyof typeof DATABASE_LIMITS): string => limitNamed(name, DATABASE_LIMITS[name]);

/** How the database, its driver, HTTP and mail say it, since they carry no name; a statement that somebody cancelled is none. */
const WORDS: readonly (readonly [RegExp, (ms: string | undefined) => string])[] = [
  [/^canceling statement due to statement timeout/, () => ofDatabase('statement_timeout')],
  [/^canceling statement due to lock timeout/, () => ofDatabase('lock_timeout')],
  [/idle-in-transaction timeout/, () => ofDatabase('idle_in_transaction_session_timeout')],
  [/^Query read timeout/, () => ofDatabase('query_timeout')],
  [
    /^(timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)/,
    () => ofDatabase('connection_timeout'),
  ],
  [/^Connect Timeout Error.*timeout: (\d+)ms/, ms => `connect_timeout=${ms}`],
  [/^(Headers|Body) Timeout Error/, () => 'headers_or_body_timeout'],
  [/^(Connection timeout|Greeting never received|Timeout)$/, () => 'mail_timeout'],
];

const DEEPEST = 6;

/** @returns `NAME=VALUE` of the limit that has struck; undefined for any other failure */
export function limitOf(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > DEEPEST) return undefined;
  const { limit, message, cause, driverError } = error as Failure;
  if (error instanceof TimeUp && typeof limit === 'string') return limit;
  const text = String(message);
  for (const [words, say] of WORDS) {
    const found = words.exec(text);
    if (found) return say(found[1]);
  }
  return limitOf(driverError, depth + 1) ?? limitOf(cause, depth + 1);
}
