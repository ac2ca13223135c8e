/** How a server leaves: what runs may end, what is new is told to come again, and all of it is over in time. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { graphError } from '../errors';
import type { Log } from '../log';

/** How long a server takes to leave. */
export interface Leaving {
  /** Milliseconds in which what is new is told to come again, at least: until balancers and clients know. */
  readonly lingerMs: number;
  /** Milliseconds after which what still runs is cut off. */
  readonly endMs: number;
  /** Resolves when it is known whether the next process waits for the port; until then everything is served. */
  readonly followed?: Promise<boolean>;
}

/** Nobody is told, and what runs may end: for tests, and for servers that nobody uses. */
export const AT_ONCE: Leaving = { lingerMs: 0, endMs: 8_000 };

/** Says towards the gateway that nothing of the request was done, so that it may be sent elsewhere, whatever it is. */
export const NOT_DONE = 'x-not-done';
export const RETRY_AFTER_SECONDS = 1;
export const restarting = () => graphError('RESTARTING', { retryAfter: RETRY_AFTER_SECONDS });

const LOOK_MS = 20;
const LAST_LOOKS = 5;
/** What remains for those that run when nobody has followed. */
const FOR_REQUESTS_MS = 2_000;

/** Node keeps at a connection the response that is on its way there. */
interface Connection extends Socket {
  _httpMessage?: ServerResponse | null;
}

/** Counts nothing while the server serves: what runs is read from its connections when it leaves. */
export class Drain {
  private readonly connections = new Set<Connection>();
  private readonly turnedAway = new WeakSet<ServerResponse>();
  private leaving: Leaving | null = null;
  private until = 0;
  /** The next process serves what is new. */
  private isFollowed = false;
  private turnsAway = false;
  private closed: Promise<unknown> | undefined;

  constructor(
    private readonly server: Server | TlsServer,
    private readonly log: Log,
  ) {
    const opened = (connection: Connection) => {
      this.connections.add(connection);
      connection.once('close', () => this.connections.delete(connection));
    };
    server.on('connection', opened).on('secureConnection', opened);
  }

  get isLeaving(): boolean {
    return this.leaving !== null;
  }

  /**
   * Whether a request is served.
   * @param always names addresses that are served to the end, such as those that tell how the process is
   * @returns false when it is to be answered with 503; when to come again stands in the answer already
   */
  admits({ url = '' }: IncomingMessage, response: ServerResponse, always: RegExp): boolean {
    if (!this.leaving) return true;
    response.shouldKeepAlive = false;
    if (!this.turnsAway || always.test(url)) return true;
    this.turnedAway.add(response);
    response.statusCode = 503;
    response.setHeader('retry-after', RETRY_AFTER_SECONDS);
    response.setHeader(NOT_DONE, 'restarting');
    return false;
  }

  /**
   * From now on it is not ready, and each answer is the last one of its connection. Resolves when nothing new is to be
   * served any more: at once, unless somebody follows who is not there yet.
   */
  async begin(leaving: Leaving): Promise<void> {
    this.leaving = leaving;
    this.until = performance.now() + leaving.endMs;
    for (const response of this.running()) if (!response.headersSent) response.shouldKeepAlive = false;
    if (leaving.followed) {
      const reserve = Math.min(leaving.lingerMs + FOR_REQUESTS_MS, leaving.endMs / 2);
      this.isFollowed = await Promise.race([leaving.followed, this.late(false, reserve)]);
    }
    this.turnsAway = true;
  }

  /**
   * Resolves when nothing runs any more and nobody is connected; what takes too long is cut off, and the log says so.
   * @param told resolves when those have left who were asked to
   */
  async end(told: Promise<unknown>): Promise<void> {
    const { lingerMs, endMs } = this.leaving!;
    if (this.isFollowed) this.close();
    else if (this.connections.size > 0) await wait(lingerMs);
    await Promise.race([told, this.late(null)]);
    while (this.running().length > 0 && performance.now() < this.until) await wait(LOOK_MS);
    const { length } = this.running();
    if (length > 0) this.log.warn('requests did not end within DRAIN_MS and are cut off', { count: length, ms: endMs });
    const closed = this.close();
    for (let looks = 0; looks < LAST_LOOKS; looks++) {
      await turn(); // what has arrived meanwhile is read by now, however busy the process is: it is answered, not cut off
      if (!this.hasAnswers()) break;
      await wait(LOOK_MS);
    }
    // a connection that is kept alive says nothing about whether anything runs: to wait for it would be in vain
    for (const connection of this.connections) connection.destroy();
    await closed;
  }

  private close(): Promise<unknown> {
    this.closed ??= new Promise(resolve => this.server.close(resolve));
    return this.closed;
  }

  private late<T>(value: T, reserve = 0): Promise<T> {
    return wait(Math.max(0, this.until - reserve - performance.now()), value, { ref: false });
  }

  /** Those that turn away count too. */
  private hasAnswers(): boolean {
    return [...this.connections].some(({ _httpMessage }) => _httpMessage);
  }

  private running(): ServerResponse[] {
    return [...this.connections].flatMap(({ _httpMessage }) =>
      _httpMessage && !this.turnedAway.has(_httpMessage) ? [_httpMessage] : [],
    );
  }
}
