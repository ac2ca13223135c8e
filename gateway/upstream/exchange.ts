/** One HTTP exchange with a subgraph: its whole answer within a deadline and a size, or the reason why there is none. */

import type { IncomingHttpHeaders } from 'node:http';
import { brotliDecompress, gunzip, inflate, type ZlibOptions } from 'node:zlib';
import type { Dispatcher } from 'undici';
import { TimeUp } from '../../kernel/limit';
import type { GoneSignal } from '../engine/fetch';
import type { Bulkhead } from './bulkhead';
import { UpstreamProblem } from './problem';

export interface ExchangeOptions {
  readonly pool: Dispatcher;
  readonly bulkhead: Bulkhead;
  readonly request: Dispatcher.DispatchOptions;
  /** Milliseconds until the answer must be there, waiting included. */
  readonly timeoutMs: number;
  /** The name of that limit and its value, for the log. */
  readonly limit: string;
  /** Bytes of the answer at most, after decompression. */
  readonly maxBytes: number;
  /** Gives the request up. */
  readonly signal: GoneSignal | undefined;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** @throws UpstreamProblem connection, timeout, too-large, malformed, full or cancelled; redirects are answers as any other */
export function exchange(options: ExchangeOptions): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    new Exchange(options, resolve, reject).begin();
  });
}

/** Hears undici directly: a stream and a promise for each answer would cost as much as the rest of the request. */
class Exchange implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private status = 0;
  private headers: IncomingHttpHeaders = {};
  private controller: Dispatcher.DispatchController | undefined;
  private started = false;
  private over = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ExchangeOptions,
    private readonly resolve: (answer: RawAnswer | Promise<RawAnswer>) => void,
    private readonly reject: (problem: UpstreamProblem) => void,
  ) {}

  begin(): void {
    const { bulkhead, timeoutMs, limit, signal } = this.options;
    if (signal?.aborted) {
      this.giveUp(new UpstreamProblem('cancelled'));
      return;
    }
    this.timer = setTimeout(() => this.giveUp(new UpstreamProblem('timeout', new TimeUp(limit))), timeoutMs);
    signal?.addEventListener('abort', this.cancelled);
    if (!bulkhead.enter(() => this.send())) this.giveUp(new UpstreamProblem('full'));
  }

  private send(): void {
    this.started = true;
    if (this.over)
      this.options.bulkhead.leave(); // given up while it waited
    else this.options.pool.dispatch(this.options.request, this);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.over) controller.abort(new UpstreamProblem('cancelled'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > this.options.maxBytes) this.giveUp(new UpstreamProblem('too-large'));
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.end()) return;
    const body = this.chunks.length === 1 ? this.chunks[0]! : Buffer.concat(this.chunks, this.bytes);
    const answer = { status: this.status, headers: this.headers, body };
    this.resolve(this.headers['content-encoding'] ? decompressed(answer, this.options.maxBytes) : answer);
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    this.giveUp(new UpstreamProblem('connection', error, this.controller === undefined));
  }

  private readonly cancelled = () => this.giveUp(new UpstreamProblem('cancelled'));

  private giveUp(problem: UpstreamProblem): void {
    if (!this.end()) return;
    this.controller?.abort(problem);
    this.reject(problem);
  }

  /** @returns false when it had ended before */
  private end(): boolean {
    if (this.over) return false;
    this.over = true;
    clearTimeout(this.timer);
    this.options.signal?.removeEventListener('abort', this.cancelled);
    if (this.started) this.options.bulkhead.leave();
    return true;
  }
}

type Decompress = (body: Buffer, options: ZlibOptions, done: (error: Error | null, body: Buffer) => void) => void;
const DECOMPRESS: Readonly<Record<string, Decompress>> = { gzip: gunzip, deflate: inflate, br: brotliDecompress };

/** A few bytes may stand for gigabytes: it is stopped as soon as there are too many. */
function decompressed(answer: RawAnswer, maxBytes: number): Promise<RawAnswer> {
  const decompress = DECOMPRESS[String(answer.headers['content-encoding'])];
  if (!decompress) return Promise.reject(new UpstreamProblem('malformed'));
  return new Promise((resolve, reject) => {
    decompress(answer.body, { maxOutputLength: maxBytes }, (error, body) => {
      if (!error) return resolve({ ...answer, body });
      const isTooLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
      reject(new UpstreamProblem(isTooLarge ? 'too-large' : 'malformed', error));
    });
  });
}
