/** One upstream for however many clients listen to the same thing with the same rights. */
import type { ExecutionResult, GraphQLError } from 'graphql';
import type { Envelope } from '../../kernel/principal';
import { copy } from '../engine/data';
import type { LivePlan } from '../engine/engine';
import type { SubgraphAnswer } from '../engine/fetch';
import type { Resumable } from './resume';
import { type Pushed, Upstream, type UpstreamOptions } from './upstream';

/** An event on its way to clients, with the answers that were made of it. */
export class LiveEvent {
  /** Milliseconds of the process's clock. */
  readonly arrivedAt = performance.now();
  private readonly answers = new Map<string, Promise<ExecutionResult>>();

  constructor(readonly pushed: Pushed) {}

  /** Where the stream stood before it; null when that is not known. */
  get previous(): string | null {
    return this.pushed.previous;
  }

  get cursor(): string | null {
    return this.pushed.cursor;
  }

  /** Made once for all that give the same key, each from a copy of its own: a join writes into what it joins. */
  answer(key: string, join: (event: SubgraphAnswer) => Promise<ExecutionResult>): Promise<ExecutionResult> {
    let answer = this.answers.get(key);
    if (!answer) {
      answer = join(copy(this.pushed.answer) as SubgraphAnswer);
      this.answers.set(key, answer);
    }
    return answer;
  }

  /** One that was not whole: whoever asks next makes it anew. */
  forget(key: string, answer: Promise<ExecutionResult>): void {
    if (this.answers.get(key) === answer) this.answers.delete(key);
  }
}

/** Somebody who listens. */
export interface Listener {
  readonly asked: Envelope;
  /** Names who asks: {@link askerKey}. */
  readonly asker: string;
  push(event: LiveEvent): void;
  end(error?: GraphQLError): void;
}

/** Events that are kept so that somebody who catches up can change over to this stream without a gap. */
const KEPT_EVENTS = 64;

/** Codes that say no to the person the upstream runs as, which need not hold for the others. */
const PERSONAL = new Set(['UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND']);

export class SharedStream {
  private readonly listeners = new Set<Listener>();
  private readonly kept: Pushed[] = [];
  private readonly upstream: Upstream;
  /** Says no to the one it runs as; told when it proves to be about an event alone. */
  private held: LiveEvent | null = null;
  /** The last word was a verdict; the next one, on somebody else and before any event, is on all. */
  private isJudged = false;
  private asker: string;

  /**
   * @param first whom the upstream runs as: one of its listeners, and another one when that one leaves
   * @param closed called once, when nobody listens any more or the upstream is over
   */
  constructor(
    plan: LivePlan,
    private readonly resumable: Resumable,
    first: Listener,
    options: UpstreamOptions,
    private readonly closed: () => void,
  ) {
    this.asker = first.asker;
    this.upstream = new Upstream(plan, resumable, first.asked, options, {
      next: pushed => this.next(new LiveEvent(pushed), pushed.answer),
      ended: (error, isVerdict) => this.ended(error, isVerdict),
    });
  }

  open(): void {
    this.upstream.connect();
  }

  /** Where it stands; null when that is not known. */
  get position(): string | null {
    return this.resumable.position;
  }

  /** @param after the position after which it listens, one of those kept; null for what has come since it was asked for */
  add(listener: Listener, after: string | null = null): void {
    this.listeners.add(listener);
    const { askedAt = Number.POSITIVE_INFINITY } = listener.asked;
    const missed =
      after === null
        ? this.kept.filter(({ arrivedAt }) => arrivedAt >= askedAt)
        : this.kept.slice(this.indexAfter(after));
    for (const pushed of missed) listener.push(new LiveEvent(pushed));
  }

  remove(listener: Listener): void {
    if (!this.listeners.delete(listener)) return;
    if (this.listeners.size === 0) {
      this.upstream.close();
      this.closed();
    } else if (!this.runsAsListener()) {
      this.handOver();
    }
  }

  /** Whether nothing that has come since then is forgotten. */
  remembers(askedAt: number): boolean {
    return this.kept.length < KEPT_EVENTS || this.kept[0]!.arrivedAt < askedAt;
  }

  /** Whether somebody who stands there can go on here without a gap. */
  reaches(cursor: string): boolean {
    return this.indexAfter(cursor) >= 0;
  }

  private indexAfter(cursor: string): number {
    const start = this.kept[0]?.previous ?? (this.kept.length === 0 ? this.position : null);
    return start === cursor ? 0 : this.kept.findLastIndex(event => event.cursor === cursor) + 1 || -1;
  }

  private next(event: LiveEvent, { data, errors }: SubgraphAnswer): void {
    if (this.held) this.tell(this.held);
    this.held = null;
    this.isJudged = false;
    if (!data && this.hasOthers() && errors?.some(one => PERSONAL.has(String(one.extensions?.code)))) this.held = event;
    else this.tell(event);
  }

  private tell(event: LiveEvent): void {
    if (event.cursor !== null && this.kept.push(event.pushed) > KEPT_EVENTS) this.kept.shift();
    for (const listener of [...this.listeners]) listener.push(event);
  }

  private ended(error?: GraphQLError, isVerdict = false): void {
    const { held } = this;
    this.held = null;
    const isPersonal = held !== null || (error && PERSONAL.has(String(error.extensions.code)));
    const mayBePersonal = isVerdict && !this.isJudged;
    this.isJudged = isVerdict;
    if ((isPersonal || mayBePersonal) && this.hasOthers()) {
      const key = this.asker;
      for (const listener of [...this.listeners]) {
        if (listener.asker !== key) continue;
        this.listeners.delete(listener);
        if (held) listener.push(held);
        listener.end(error);
      }
      this.handOver();
      return;
    }
    if (held) this.tell(held);
    this.closed();
    const all = [...this.listeners];
    this.listeners.clear();
    for (const listener of all) listener.end(error);
  }

  private handOver(): void {
    const [next] = this.listeners;
    this.asker = next!.asker;
    this.upstream.continueAs(next!.asked);
  }

  private runsAsListener(): boolean {
    const key = this.asker;
    for (const { asker } of this.listeners) if (asker === key) return true;
    return false;
  }

  /** Whether it could go on as somebody else. */
  private hasOthers(): boolean {
    const key = this.asker;
    for (const { asker } of this.listeners) if (asker !== key) return true;
    return false;
  }
}
