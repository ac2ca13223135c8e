/** Structured logs, one JSON object a line; fields are an allow-list so that no personal data can slip in. */
import pino from 'pino';
import { setting } from './config';
import { limitOf } from './limit';

/** Everything a log line may carry. Ids are opaque; there is no field for names, texts or variables on purpose. */
export interface LogFields {
  requestId?: string;
  operation?: string;
  /** Of an operation: query, mutation or subscription. */
  kind?: string;
  /** How something ended, one of a few words. */
  outcome?: string;
  subgraph?: string;
  code?: string;
  reference?: string;
  event?: string;
  position?: string;
  id?: string;
  channel?: string;
  attempt?: number;
  count?: number;
  ms?: number;
  port?: number;
  path?: string;
  sqlState?: string;
  /** Which limit of time has struck, as NAME=VALUE; taken from the error when it is not given. */
  limit?: string;
  /** Only the kind and the stack's code positions are written, never the message: it may quote data. */
  error?: unknown;
}

const ALLOWED: ReadonlySet<string> = new Set<keyof LogFields>([
  'requestId',
  'operation',
  'kind',
  'outcome',
  'subgraph',
  'code',
  'reference',
  'event',
  'position',
  'id',
  'channel',
  'attempt',
  'count',
  'ms',
  'port',
  'path',
  'sqlState',
  'limit',
]);

const BATCH_CHARACTERS = 32 * 1024;
const WRITTEN_AFTER_MS = 250;
/** Outlives a slow reader, and one that is gone; it writes what it has at the exit. */
const output = pino.destination({ dest: 1, minLength: BATCH_CHARACTERS, maxWrite: 2 * BATCH_CHARACTERS, sync: false });

/** Lines that were not handed over: each by itself would cost the gateway more than the rest of the line. */
let lines: string[] = [];
let characters = 0;
let isClosed = false;

function put(line: string): void {
  lines.push(line);
  characters += line.length;
  if (characters >= BATCH_CHARACTERS) handOver();
}

function handOver(): void {
  if (lines.length === 0 || isClosed) return;
  const text = lines.join('');
  lines = [];
  characters = 0;
  output.write(text);
}

setInterval(() => {
  handOver();
  output.flush();
}, WRITTEN_AFTER_MS).unref();
process.prependListener('exit', handOver); // the destination's own listener writes it

const FINISHED_WITHIN_MS = 500;
let mayBlock = true;

/** Whoever reads the lines is gone, perhaps. The library waits for ever for a broken pipe, so from now on nothing waits for it. */
export function readerIsGone(): void {
  mayBlock = false;
}

/** Before the exit: resolves when the lines are written, or cannot be. */
export async function finishLog(): Promise<void> {
  await new Promise<void>(resolve => {
    setTimeout(resolve, FINISHED_WITHIN_MS);
    handOver();
    output.flush(() => resolve());
  });
  if (mayBlock) return;
  isClosed = true;
  output.destroy();
}

const SECOND_MS = 1000;
let second = 0;
let upToSecond = '';

/** The time as a member of a line; many lines are of the same second. */
function timeMember(): string {
  const now = Date.now();
  const milliseconds = now % SECOND_MS;
  if (now - milliseconds !== second) {
    second = now - milliseconds;
    upToSecond = `,"time":"${new Date(second).toISOString().slice(0, -'000Z'.length)}`;
  }
  return `${upToSecond}${String(milliseconds).padStart(3, '0')}Z"`;
}

/** Each of these as a member of a line, behind another. */
function membersOf(fields: LogFields): string {
  let members = '';
  for (const name in fields) {
    const value = fields[name as keyof LogFields];
    if (value !== undefined && ALLOWED.has(name)) members += `,"${name}":${JSON.stringify(value)}`;
  }
  return fields.error === undefined ? members : members + ofError(fields);
}

function ofError({ error, sqlState, limit }: LogFields): string {
  const { name = typeof error, code, stack } = (error ?? {}) as { name?: string; code?: unknown; stack?: string };
  const at = stack
    ?.split('\n')
    .filter(line => /^\s+at /.test(line) && !line.includes('node:internal'))
    .slice(0, 6)
    .map(line => line.trim());
  const state = sqlState === undefined && typeof code === 'string' ? `,"sqlState":${JSON.stringify(code)}` : '';
  const struck = limit === undefined ? limitOf(error) : undefined;
  const late = struck === undefined ? '' : `,"limit":${JSON.stringify(struck)}`;
  return `${state}${late},"error":${JSON.stringify(name)}${at ? `,"at":${JSON.stringify(at)}` : ''}`;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** What is less is not written. */
const least = LEVELS.indexOf(setting('LOG_LEVEL') as (typeof LEVELS)[number]);
if (least < 0) throw new Error(`LOG_LEVEL is one of ${LEVELS.join(', ')}.`);

/** @param process_ the name of the process, such as `gateway`; messages are fixed texts, never data. */
export function logger(process_: string): Log {
  const writer = (level: (typeof LEVELS)[number]) => {
    if (LEVELS.indexOf(level) < least) return () => {};
    return (message: string, fields: LogFields = {}) =>
      put(
        `{"level":"${level}"${timeMember()},"process":"${process_}"${membersOf(fields)},"msg":${JSON.stringify(message)}}\n`,
      );
  };
  const error = writer('error');
  return {
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: (message, fields) => {
      error(message, fields);
      handOver();
      if (mayBlock) output.flushSync(); // what comes next may be the end
    },
  };
}
