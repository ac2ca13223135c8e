/** Structured logs, one JSON object a line; fields are an allow-list so that no personal data can slip in. */
import pino from 'pino';
import { setting } from './config';

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
]);

const BUFFER_BYTES = 12 * 1024;
const WRITTEN_AFTER_MS = 250;
/** Lines are written together: one write for each would cost the gateway more than the rest of the line. */
const output = pino.destination({ dest: 1, minLength: BUFFER_BYTES, sync: false }); // pino writes the rest at the exit
setInterval(() => output.flush(), WRITTEN_AFTER_MS).unref();
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
    output.flush(() => resolve());
  });
  if (!mayBlock) output.destroy();
}

let writtenAt = 0;
let time = '';

/** The time as a member of a line; many lines are of the same millisecond. */
function timeMember(): string {
  const now = Date.now();
  if (now !== writtenAt) {
    writtenAt = now;
    time = `,"time":"${new Date(now).toISOString()}"`;
  }
  return time;
}

const root = pino(
  {
    level: setting('LOG_LEVEL'),
    base: null,
    timestamp: timeMember,
    formatters: { level: label => ({ level: label }) },
  },
  output,
);

function clean(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name in fields) {
    const value = fields[name as keyof LogFields];
    if (value !== undefined && ALLOWED.has(name)) out[name] = value;
  }
  if (fields.error !== undefined) {
    const error = fields.error as { name?: string; code?: string; stack?: string };
    out.error = error?.name ?? typeof fields.error;
    if (typeof error?.code === 'string') out.sqlState ??= error.code;
    out.at = error?.stack
      ?.split('\n')
      .filter(line => /^\s+at /.test(line) && !line.includes('node:internal'))
      .slice(0, 6)
      .map(line => line.trim());
  }
  return out;
}

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** @param process_ the name of the process, such as `gateway`; messages are fixed texts, never data. */
export function logger(process_: string): Log {
  const child = root.child({ process: process_ });
  return {
    debug: (message, fields = {}) => child.debug(clean(fields), message),
    info: (message, fields = {}) => child.info(clean(fields), message),
    warn: (message, fields = {}) => child.warn(clean(fields), message),
    error: (message, fields = {}) => {
      child.error(clean(fields), message);
      if (mayBlock) output.flushSync(); // what comes next may be the end
    },
  };
}
