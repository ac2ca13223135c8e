/** The live streams of the gateway: which are open, who shares them, and what each client gets of their events. */
import { type DocumentNode, type ExecutionResult, type GraphQLError, parse, visit } from 'graphql';
import { newId } from '../../kernel/ids';
import type { Envelope } from '../../kernel/principal';
import type { Engine, LivePlan, OperationRequest } from '../engine/engine';
import { Resumable } from './resume';
import { type Listener, SharedStream } from './shared-stream';
import { askerKey, SharedFields, scopeKey, stableJson } from './sharing';
import type { UpstreamOptions } from './upstream';
import { Watching } from './watching';

/** The client of one subscription. */
export interface Watcher {
  /** Who asks, at the moment of an event; rejects when the rights have ended. */
  asked(): Promise<Envelope>;
  /** It did not keep up. @param lastCursor where it can go on: that of the last event handed to it */
  tooSlow(lastCursor: string | null): void;
}

export interface StreamsOptions extends UpstreamOptions {
  readonly engine: Engine;
  /** @returns what is wrong with a document by the schema that is served now */
  readonly check: (document: DocumentNode) => readonly GraphQLError[];
}

/** A subscription as planned, and what of it is the same for whom. */
export interface Planned {
  readonly plan: LivePlan;
  /** Where the client wants to begin; null for what is new. */
  readonly after: string | null;
  /** Names the stream for somebody: subgraph, document and variables without a position, and rights. */
  streamOf(asked: Envelope): string;
  /** Names the answer that somebody gets of an event. */
  answerOf(asked: Envelope): string;
}

export class Streams {
  private readonly open = new Map<string, SharedStream>();
  private readonly watching = new Set<Watching>();
  private shared: SharedFields;

  constructor(private readonly options: StreamsOptions) {
    this.shared = this.readShared();
  }

  /** How many clients listen, and to how many upstreams. */
  get size(): { readonly clients: number; readonly upstreams: number } {
    return { clients: this.watching.size, upstreams: new Set(this.open.values()).size };
  }

  /**
   * @throws GraphQLError when it cannot be planned
   * @returns the events; ends with an error when the upstream ends with one, when the watcher's rights have ended, or
   * when it was too slow. Its `return()` takes effect at once.
   */
  watch(request: OperationRequest, watcher: Watcher): AsyncGenerator<ExecutionResult, void, undefined> {
    const watching = new Watching(this, request, watcher, () => this.watching.delete(watching));
    this.watching.add(watching);
    try {
      watching.start();
    } catch (error) {
      this.watching.delete(watching);
      throw error;
    }
    return watching;
  }

  /** After the engine serves another supergraph: what it still supports goes on, the rest is told. */
  replan(): void {
    this.shared = this.readShared();
    for (const watching of [...this.watching]) watching.replan();
  }

  /** @throws GraphQLError when the schema that is served now does not support it any more */
  planAgain(request: OperationRequest): Planned {
    const [wrong] = this.options.check(request.document);
    if (wrong) throw wrong;
    return this.plan(request);
  }

  /** @throws GraphQLError when it cannot be planned */
  plan(request: OperationRequest): Planned {
    const { engine } = this.options;
    const plan = engine.live(request);
    const resumable = new Resumable(engine.schema, plan);
    // shared only where whoever takes over can go on where the other one stood
    const sharesStream = resumable.possible && this.shared.covers(parse(plan.query));
    const sharesAnswer = sharesStream && this.shared.covers(request.document);
    const stream = stableJson([plan.subgraph, resumable.withoutPosition()]);
    const answer = stableJson([request.key, request.operationName, withoutPosition(request, resumable)]);
    return {
      plan,
      after: resumable.position,
      streamOf: asked => `${stream} ${sharesStream ? scopeKey(asked) : askerKey(asked)}`,
      answerOf: asked => `${answer} ${sharesAnswer ? scopeKey(asked) : askerKey(asked)}`,
    };
  }

  /**
   * Lets a client listen.
   * @param after where it begins; null for what is new
   * @returns what it listens to, and whether that is its own until it has caught up
   */
  join(listener: Listener, planned: Planned, after: string | null): { stream: SharedStream; catchingUp: boolean } {
    const name = planned.streamOf(listener.asked);
    const known = after === null ? this.streamSince(name, listener) : this.streamAt(name, after);
    if (known) {
      known.add(listener, after);
      return { stream: known, catchingUp: false };
    }
    const own = after === null && !this.open.has(name) ? name : `${name} own ${newId()}`;
    const stream = this.begin(own, planned, listener, after);
    stream.add(listener);
    stream.open();
    return { stream, catchingUp: own !== name };
  }

  /**
   * Where a client that catches up changes over to when it has come to a position. When nobody is there, its own stream
   * becomes the one that others change over to.
   */
  meetingAt(listener: Listener, planned: Planned, own: SharedStream, cursor: string): SharedStream {
    const name = planned.streamOf(listener.asked);
    const known = this.streamAt(name, cursor, own);
    if (known) return known;
    if (!this.open.has(caughtUp(name))) this.open.set(caughtUp(name), own);
    return own;
  }

  private begin(name: string, { plan }: Planned, first: Listener, after: string | null): SharedStream {
    const resumable = new Resumable(this.options.engine.schema, plan);
    if (after !== null) resumable.goTo(after);
    const stream: SharedStream = new SharedStream(plan, resumable, first, this.options, () => {
      for (const [key, one] of this.open) if (one === stream) this.open.delete(key);
    });
    this.open.set(name, stream);
    return stream;
  }

  /** The one that is open, unless so much has come since the client asked that its first events are forgotten there. */
  private streamSince(name: string, { asked: { askedAt = Number.POSITIVE_INFINITY } }: Listener) {
    const stream = this.open.get(name);
    return stream?.remembers(askedAt) ? stream : undefined;
  }

  private streamAt(name: string, cursor: string, except?: SharedStream): SharedStream | undefined {
    return [this.open.get(name), this.open.get(caughtUp(name))].find(
      stream => stream !== except && stream?.reaches(cursor),
    );
  }

  private readShared(): SharedFields {
    const { engine } = this.options;
    return new SharedFields(engine.text, engine.schema);
  }
}

/** Where a client began makes no difference to an event; all would differ by it after a restart. */
function withoutPosition({ document, variables }: OperationRequest, { positionVariable }: Resumable): object {
  if (positionVariable === null) return variables;
  let uses = 0;
  visit(document, {
    VariableDefinition: () => false,
    Variable: ({ name }) => {
      if (name.value === positionVariable) uses += 1;
    },
  });
  const { [positionVariable]: _, ...others } = variables;
  return uses === 1 ? others : variables;
}

const caughtUp = (name: string): string => `${name} caught up`;
