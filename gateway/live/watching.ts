/** One client's view of a stream: its queue, its rights at every event, its place. */
import type { ExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';
import { graphError } from '../../kernel/errors';
import type { Envelope } from '../../kernel/principal';
import { backoffMs, pause } from '../../kernel/repeat';
import type { OperationRequest } from '../engine/engine';
import { unavailable } from '../engine/fetch';
import { countEvent } from '../seen/metrics';
import type { Listener, LiveEvent, SharedStream } from './shared-stream';
import { askerKey } from './sharing';
import type { Planned, Streams, Watcher } from './streams';

/**
 * An event of which a part cannot be had now is told when it can: once it was told its position is passed, and the part
 * is missed for ever. Whoever has waited so long is told that, and comes back with the cursor before it, or with its own:
 * one that never works must hold nobody up who can do without it.
 */
const PATIENCE_MS = 20_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * With more events waiting the client leaves its stream, and comes back to it where it stood when it has taken these. Those who
 * share a stream wait for the same events, so that a burst costs memory once.
 */
const WAITING_EVENTS = 2_500;
/** A client that has left its stream and takes no event for so long is too slow: it is told, and can come back with its cursor. */
const SLOW_MS = 10_000;

/** Not an `async function*`: one that waits for an event would hold `return()` until the event comes. */
export class Watching implements Listener, AsyncGenerator<ExecutionResult, void, undefined> {
  asked: Envelope;
  asker: string;
  private planned: Planned;
  private name: string;
  private answerKey: string;
  private stream: SharedStream | null = null;
  private catchingUp = false;
  private waiting: LiveEvent[] = [];
  private wake: (() => void) | null = null;
  private readonly gone = new AbortController();
  private over: { readonly error?: GraphQLError | undefined } | null = null;
  /** That of the last event handed to the client. */
  private lastCursor: string | null;
  /** Where it comes back to the stream that it has left. */
  private behind: string | null = null;
  private slow: NodeJS.Timeout | undefined;
  /** The client waits for an event. */
  private isAsking = false;

  /** @throws GraphQLError when it cannot be planned */
  constructor(
    private readonly streams: Streams,
    private readonly request: OperationRequest,
    private readonly watcher: Watcher,
    private readonly left: () => void,
  ) {
    this.asked = request.asked;
    this.asker = askerKey(this.asked);
    this.planned = streams.plan(request);
    this.name = this.planned.streamOf(this.asked);
    this.answerKey = this.planned.answerOf(this.asked);
    this.lastCursor = this.planned.after;
  }

  start(): void {
    this.listen(this.planned.after);
  }

  push(event: LiveEvent): void {
    if (this.over || this.behind !== null) return;
    if (this.waiting.length >= WAITING_EVENTS) {
      const place = this.waiting.at(-1)!.cursor;
      if (place === null) this.tooSlow();
      else this.fallBehind(place);
    } else {
      this.waiting.push(event);
      this.wake?.();
    }
  }

  end(error?: GraphQLError): void {
    this.over ??= { error };
    this.leave();
    this.wake?.();
  }

  /** The engine serves another supergraph. */
  replan(): void {
    if (this.over) return;
    try {
      this.planned = this.streams.planAgain({ ...this.request, asked: this.asked });
    } catch (error) {
      this.end(error as GraphQLError);
      return;
    }
    const place = this.waiting[0]?.previous ?? this.behind ?? this.stream?.position ?? null;
    this.answerKey = this.planned.answerOf(this.asked);
    if (this.planned.streamOf(this.asked) !== this.name) this.move(place);
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    this.isAsking = true;
    try {
      return await this.take();
    } finally {
      this.isAsking = false;
      this.slow?.refresh();
    }
  }

  private async take(): Promise<IteratorResult<ExecutionResult, void>> {
    for (;;) {
      if (this.waiting.length === 0 && this.behind !== null) this.listen(this.behind);
      while (this.waiting.length === 0 && !this.over) {
        await new Promise<void>(resolve => {
          this.wake = resolve;
        });
        this.wake = null;
      }
      const event = this.waiting.shift();
      if (!event) return this.last();
      const value = await this.show(event);
      if (value) return { done: false, value };
    }
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.gone.abort();
    this.waiting = [];
    this.over = {};
    this.leave();
    this.wake?.();
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** @returns null when the event comes again, from a stream of the rights that hold now */
  private async show(event: LiveEvent): Promise<ExecutionResult | null> {
    const until = performance.now() + PATIENCE_MS;
    try {
      for (let attempt = 1; ; attempt += 1) {
        if (!(await this.mayStillSee())) {
          this.move(event.previous);
          return null;
        }
        const { plan } = this.planned;
        const { asked } = this;
        const key = this.answerKey;
        const answer = event.answer(key, pushed => plan.join(pushed, asked));
        const shown = await answer;
        if (isWhole(shown, event)) return this.handOver(shown, event);
        event.forget(key, answer);
        if (this.gone.signal.aborted) return null;
        if (performance.now() > until) throw missing(shown, event, plan.subgraph);
        await pause(backoffMs(attempt, FIRST_PAUSE_MS, LONGEST_PAUSE_MS), this.gone.signal);
      }
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  private handOver(shown: ExecutionResult, event: LiveEvent): ExecutionResult {
    this.lastCursor = event.cursor ?? this.lastCursor;
    countEvent(performance.now() - event.arrivedAt);
    if (this.catchingUp && event.cursor !== null) this.changeOver(event.cursor);
    return shown;
  }

  /** @returns false when the rights have become others than those the stream is of */
  private async mayStillSee(): Promise<boolean> {
    const asked = await this.watcher.asked();
    if (asked.principal === this.asked.principal) return true;
    const asker = askerKey(asked);
    this.asked = asked;
    if (asker === this.asker) return true;
    this.asker = asker;
    this.planned = this.streams.plan({ ...this.request, asked });
    this.answerKey = this.planned.answerOf(asked);
    return this.planned.streamOf(asked) === this.name;
  }

  private last(): IteratorResult<ExecutionResult, void> {
    const { error } = this.over!;
    this.over = {};
    if (error) throw error;
    return { done: true, value: undefined };
  }

  private listen(after: string | null): void {
    this.catchUp();
    this.name = this.planned.streamOf(this.asked);
    Object.assign(this, this.streams.join(this, this.planned, after));
  }

  private move(place: string | null): void {
    this.stream?.remove(this);
    this.waiting = [];
    if (place === null) this.end(unavailable(this.planned.plan.subgraph));
    else if (!this.over) this.listen(place);
  }

  private changeOver(cursor: string): void {
    const { stream } = this;
    if (!stream || this.over) return;
    const meeting = this.streams.meetingAt(this, this.planned, stream, cursor);
    if (meeting === stream) return;
    stream.remove(this);
    this.waiting = [];
    this.stream = meeting;
    this.catchingUp = false;
    meeting.add(this, cursor);
  }

  private fallBehind(place: string): void {
    this.behind = place;
    this.stream?.remove(this);
    this.stream = null;
    this.slow = setTimeout(() => {
      if (this.isAsking) this.slow?.refresh();
      else this.tooSlow();
    }, SLOW_MS);
  }

  private tooSlow(): void {
    const lastCursor = this.lastCursor ?? this.waiting[0]?.previous ?? null;
    this.waiting = [];
    this.end(graphError('RATE_LIMITED', { retryAfter: 0, lastCursor }));
    this.watcher.tooSlow(lastCursor);
  }

  /** Nothing is left that it has to come back for. */
  private catchUp(): void {
    this.behind = null;
    clearTimeout(this.slow);
    this.slow = undefined;
  }

  private leave(): void {
    this.catchUp();
    this.stream?.remove(this);
    this.stream = null;
    this.left();
  }
}

const isWhole = ({ errors }: ExecutionResult, { pushed }: LiveEvent): boolean =>
  !errors?.some(passes) || Boolean(pushed.answer.errors?.some(passes)); // what its own subgraph says of it stays so

/** Whose part could not be had, and the cursors before and after the event. */
function missing({ errors }: ExecutionResult, { previous, cursor }: LiveEvent, own: string): GraphQLError {
  const subgraph = errors?.find(passes)?.extensions.subgraph ?? own;
  return graphError('SUBGRAPH_UNAVAILABLE', { subgraph, lastCursor: previous, nextCursor: cursor });
}

/** A part of the platform is missing, or says of its failure that it will pass. */
const passes = ({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): boolean =>
  extensions?.code === 'SUBGRAPH_UNAVAILABLE' || extensions?.passes === true;
