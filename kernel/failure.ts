/** What a failure says of itself: does it pass, so that trying again is all that is needed, or would it come again? */
import { sqlState } from './database/database';
import { backoffMs, pause } from './repeat';

/**
 * Classes of SQLSTATE that are about the database and not about what was asked of it: connection, transaction state
 * (read-only), rollback, resources, locks, operator's intervention and shutdown, system.
 */
const PASSING_CLASSES: ReadonlySet<string> = new Set(['08', '25', '40', '53', '55', '57', '58']);
/** Of sockets, names and files, as Node, undici and the mail client write them. */
const PASSING_CODE =
  /^(ECONN[A-Z]+|E?TIMEDOUT|ETIME|EPIPE|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN|EAI_AGAIN|ENOTFOUND|ESOCKET|EDNS|ENOSPC|EDQUOT|EROFS|EMFILE|ENFILE|EBUSY|EIO|UND_ERR_(CONNECT_TIMEOUT|HEADERS_TIMEOUT|BODY_TIMEOUT|SOCKET|CLOSED|DESTROYED))$/;
const PASSING_NAME: ReadonlySet<string> = new Set([
  'TimeoutError',
  // of TypeORM, whose connection was lost while it was used
  'QueryRunnerAlreadyReleasedError',
  'QueryRunnerProviderAlreadyReleasedError',
]);
/** The database's driver and its pool have no codes for these. */
const PASSING_MESSAGE =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired$|Query read timeout$|Client has encountered a connection error|Client was closed and is not queryable|Cannot use a pool after calling end)/;
/** Answers of the graph by which somebody says: not now. */
const PASSING_ANSWERS: ReadonlySet<unknown> = new Set(['SUBGRAPH_UNAVAILABLE', 'RATE_LIMITED']);

const DEEPEST = 6;

/** True when it will pass by itself, so that it never counts as an attempt of what it happened to. */
export function willPass(error: unknown): boolean {
  return causesOf(error).some(isPassing);
}

function isPassing(error: object): boolean {
  const { name, message, code, extensions, options } = error as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    extensions?: { code?: unknown };
    options?: { retryable?: unknown };
  };
  if (typeof code === 'string' && isSqlState(code)) return PASSING_CLASSES.has(code.slice(0, 2));
  return (
    PASSING_CODE.test(String(code)) ||
    PASSING_NAME.has(String(name)) ||
    PASSING_MESSAGE.test(String(message)) ||
    PASSING_ANSWERS.has(extensions?.code) ||
    (name === 'Refusal' && options?.retryable === true)
  );
}

/** Five letters and digits, with a digit among them: no name of an error of Node is like that. */
const isSqlState = (code: string): boolean => /^(?=.*\d)[0-9A-Z]{5}$/.test(code);

/** Why, as a code: an SQLSTATE, the code of a refusal or of the system, or the kind of the error. Never its words. */
export function reasonOf(error: unknown): string {
  const codes = causesOf(error).flatMap(one => {
    const { code, extensions } = one as { code?: unknown; extensions?: { code?: unknown } };
    return [sqlState(one), code, extensions?.code];
  });
  const found = codes.find((code): code is string => typeof code === 'string' && /^\w{1,64}$/.test(code));
  const name = String((error as { name?: unknown } | null)?.name);
  return found ?? (/^\w{1,64}$/.test(name) ? name : 'UNKNOWN');
}

/** The error itself and what it was made of, outermost first. */
function causesOf(error: unknown): object[] {
  const found: object[] = [];
  const look = (one: unknown, depth: number): void => {
    if (typeof one !== 'object' || one === null || depth > DEEPEST || found.includes(one)) return;
    found.push(one);
    const { driverError, originalError, cause, thrownValue, errors } = one as Record<string, unknown>;
    for (const inner of [driverError, originalError, cause, thrownValue]) look(inner, depth + 1);
    if (Array.isArray(errors)) for (const inner of errors.slice(0, DEEPEST)) look(inner, depth + 1);
  };
  look(error, 0);
  return found;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Tries again for as long as what fails will pass.
 * @param isWhole false for a result that is to be made again  @returns undefined when `signal` has aborted
 */
export async function patiently<T>(
  work: () => Promise<T>,
  signal: AbortSignal,
  isWhole: (result: T) => boolean = () => true,
): Promise<T | undefined> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      const result = await work();
      if (isWhole(result)) return result;
    } catch (error) {
      if (!willPass(error)) throw error;
    }
    await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), signal);
  }
  return undefined;
}
