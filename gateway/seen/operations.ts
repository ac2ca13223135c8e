/** Where every operation ends, however it came in: a line in the access log, and the numbers. Variables never come here. */
import { type Log, logger } from '../../kernel/log';
import type { Span } from '../../kernel/trace';
import type { Asking } from '../request';
import { countOperation } from './metrics';

export interface EndedOperation {
  /** As its document names it; never what a client merely claims. */
  readonly name: string | undefined;
  /** Unknown when the document could not be read. */
  readonly kind: 'query' | 'mutation' | 'subscription' | 'unknown';
  readonly requestId: string;
  /** Milliseconds from request to answer; of a live stream, its life. */
  readonly ms: number;
  /** The codes of its errors, as the client sees them. */
  readonly codes: readonly string[];
  /** False when nothing was answered but errors. */
  readonly answered: boolean;
  /** Events of a live stream. */
  readonly events?: number;
  /** Its trace, which ends here too. */
  readonly span?: Span | undefined;
}

let log: Log | undefined;

const LONGEST_NAME = 64;

/** A client may write what it likes into a name: logs and traces get its beginning, of letters that mean nothing to them. */
export const shownName = (name: string | undefined): string | undefined =>
  name?.slice(0, LONGEST_NAME).replace(/[^A-Za-z0-9_]/g, '?');

export function operationEnded(operation: EndedOperation): void {
  const { name, kind, requestId, ms, codes, answered, events, span } = operation;
  const outcome = !answered ? 'refused' : codes.length > 0 ? 'partial' : 'ok';
  countOperation(name, kind, outcome, ms, codes);
  const operationName = shownName(name);
  span?.end({
    name: operationName ? `${kind} ${operationName}` : kind,
    outcome,
    failed: !answered,
    ...(operationName && { operation: operationName }),
  });
  log ??= logger('access');
  log.info('operation', {
    requestId,
    kind,
    outcome,
    ms: Math.round(ms * 10) / 10,
    operation: operationName,
    code: codes[0],
    count: events,
  });
}

/** A request that was refused before anybody knew what it asks. @param codes as the client sees them */
export function requestRefused({ requestId, began, span }: Asking, codes: readonly string[]): void {
  const ms = performance.now() - began;
  operationEnded({ name: undefined, kind: 'unknown', requestId, ms, codes, answered: false, span });
}

/** The codes of errors as they go to a client. */
export const codesOf = (
  errors: readonly { readonly extensions?: { readonly [name: string]: unknown } | undefined }[] | undefined,
): readonly string[] => errors?.map(({ extensions }) => String(extensions?.code ?? 'INTERNAL')) ?? NO_CODES;

const NO_CODES: readonly string[] = [];
