/** Identity's stream of ended sessions and changed rights: what the gateway holds of somebody is dropped at once. */
import { setTimeout as wait } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Log } from '../kernel/log';
import type { Principal } from '../kernel/principal';
import type { Replicas } from '../kernel/replicas';
import type { Certificate } from '../kernel/tls';

/** Whose rights have changed; a session that ended names its session. */
export interface Revocation {
  readonly sessionId?: string;
  readonly accountId?: string;
  readonly staffMemberId?: string;
}

export interface RevocationListener {
  /** The stream is there (again). What happened meanwhile was missed. */
  connected(): void;
  /** The stream is gone. */
  disconnected(): void;
  revoked(revocation: Revocation): void;
}

export interface RevocationOptions {
  /** The addresses of identity, without a path. Each of its processes tells of what any of them has committed. */
  readonly identity: Replicas<string>;
  readonly certificate: Certificate | null;
  readonly authorization: () => Promise<string>;
  readonly log: Log;
}

/** Longer without a line, not even a heartbeat, and the connection counts as dead. */
const SILENCE_MS = 15_000;
const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Is this somebody the revocation names? Acting for an account counts as being it. */
export function names({ sessionId, accountId, staffMemberId }: Revocation, principal: Principal): boolean {
  if (principal.kind === 'person') {
    return principal.sessionId === sessionId || principal.accountId === accountId || principal.actingFor === accountId;
  }
  return principal.kind === 'staff' && (principal.sessionId === sessionId || principal.staffMemberId === staffMemberId);
}

export class Revocations {
  private readonly stopping = new AbortController();
  private readonly agent: Agent;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: RevocationOptions,
    private readonly listener: RevocationListener,
  ) {
    const connect = { ...options.certificate };
    this.agent = new Agent({ connections: 1, bodyTimeout: SILENCE_MS, headersTimeout: SILENCE_MS, connect });
  }

  start(): void {
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    await this.agent.destroy();
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    let pause = FIRST_WAIT_MS;
    while (!signal.aborted) {
      try {
        await this.read(() => {
          pause = FIRST_WAIT_MS;
        });
      } catch (error) {
        if (!signal.aborted) this.options.log.debug('the stream of revocations broke', { subgraph: 'identity', error });
      }
      await wait(pause, undefined, { signal }).catch(() => {});
      pause = Math.min(pause * 2, LONGEST_WAIT_MS);
    }
  }

  /** Reads until the connection ends. */
  private async read(opened: () => void): Promise<void> {
    const [origin] = this.options.identity.inTurn();
    const { statusCode, body } = await this.agent.request({
      origin: origin!,
      path: '/internal/revocations',
      method: 'GET',
      headers: { authorization: `Bearer ${await this.options.authorization()}`, accept: 'application/x-ndjson' },
      signal: this.stopping.signal,
    });
    body.on('error', () => {}); // the loop below is told
    if (statusCode !== 200) {
      body.destroy();
      throw new Error('Identity refused the stream of revocations.');
    }
    this.listener.connected();
    opened();
    try {
      let rest = '';
      for await (const chunk of body) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) if (line.trim()) this.listener.revoked(JSON.parse(line) as Revocation);
      }
    } finally {
      this.listener.disconnected();
    }
  }
}
