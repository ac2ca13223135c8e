/**
 * Streams of subgraphs over Apollo's HTTP callback protocol (`callbackSpec=1.0`): the subgraph sends each event to an
 * address of ours, so that no connection stays open. For partners whose servers or networks want it so.
 */
import { randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import express, { type Express } from 'express';
import { keepDigits } from '../engine/numbers';
import { readEvent } from '../upstream/answer';
import type { StreamListener, StreamRequest, Transport } from './upstream';
import { endingOf, type HttpTransportOptions, LARGEST_EVENT_BYTES, postStream, refusalIn } from './upstream-http';

export interface CallbackOptions extends HttpTransportOptions {
  /** Where subgraphs reach the gateway, without a path. */
  readonly gatewayUrl: () => string;
}

interface Open {
  readonly verifier: Buffer;
  readonly listener: StreamListener;
  silence: NodeJS.Timeout;
}

interface Message {
  readonly kind?: unknown;
  readonly action?: unknown;
  readonly verifier?: unknown;
  readonly payload?: unknown;
  readonly errors?: unknown;
}

const HEARTBEAT_MS = 5_000;
/** A subgraph that says nothing for so long is taken for dead. */
const SILENCE_MS = 3 * HEARTBEAT_MS;
const PROTOCOL = { 'subscription-protocol': 'callback' } as const;

export class Callbacks {
  private readonly open = new Map<string, Open>();

  constructor(private readonly options: CallbackOptions) {}

  readonly transport: Transport = (request, listener) => {
    const id = randomUUID();
    const verifier = randomBytes(32).toString('base64url');
    const leaving = new AbortController();
    this.open.set(id, { verifier: Buffer.from(verifier), listener, silence: this.expire(id) });
    this.begin(id, verifier, request, leaving.signal).catch(() => this.end(id, 'broken'));
    return () => {
      leaving.abort();
      this.forget(id);
    };
  };

  /** Hears the subgraphs. A stream that nobody listens to any more is 404, which tells its subgraph to stop. */
  serve(app: Express): void {
    app.post(
      '/callback/:id',
      express.json({ limit: LARGEST_EVENT_BYTES, reviver: keepDigits }),
      (request, response) => {
        const message = (request.body ?? {}) as Message;
        const { id } = request.params as { id: string };
        const known = this.open.get(id);
        if (!known) return void response.status(404).set(PROTOCOL).end();
        if (message.kind !== 'subscription' || !isSame(message.verifier, known.verifier)) {
          return void response.status(400).set(PROTOCOL).end();
        }
        const isUnderstood = this.hear(id, known, message);
        response
          .status(isUnderstood ? 204 : 400)
          .set(PROTOCOL)
          .end();
      },
    );
  }

  private async begin(id: string, verifier: string, request: StreamRequest, signal: AbortSignal): Promise<void> {
    const subscription = {
      callbackUrl: `${this.options.gatewayUrl()}/callback/${id}`,
      subscriptionId: id,
      verifier,
      heartbeatIntervalMs: HEARTBEAT_MS,
    };
    const accept = 'application/json;callbackSpec=1.0';
    const response = await postStream(request, this.options, accept, signal, { subscription });
    const refusal = await refusalIn(response);
    if (response.statusCode >= 400 || refusal !== 'broken') this.end(id, refusal);
  }

  private hear(id: string, known: Open, message: Message): boolean {
    clearTimeout(known.silence);
    known.silence = this.expire(id);
    if (message.action === 'check') return true;
    if (message.action === 'complete') {
      this.end(id, endingOf(message) ?? 'finished');
      return true;
    }
    const answer = message.action === 'next' ? readEvent(message.payload) : null;
    if (answer) known.listener.next(answer);
    return answer !== null;
  }

  private expire(id: string): NodeJS.Timeout {
    return setTimeout(() => this.end(id, 'broken'), SILENCE_MS);
  }

  private end(id: string, ending: Parameters<StreamListener['ended']>[0]): void {
    const { listener } = this.open.get(id) ?? {};
    this.forget(id);
    listener?.ended(ending);
  }

  private forget(id: string): void {
    clearTimeout(this.open.get(id)?.silence);
    this.open.delete(id);
  }
}

function isSame(given: unknown, verifier: Buffer): boolean {
  const text = Buffer.from(typeof given === 'string' ? given : '');
  return text.length === verifier.length && timingSafeEqual(text, verifier);
}
