/** Streams of subgraphs over server-sent events (graphql-sse, distinct connections). */
import type { Dispatcher } from 'undici';
import { parseMessage, readEvent } from '../upstream/answer';
import { type Ending, type StreamListener, type StreamRequest, type Transport, unreadable } from './upstream';
import { type HttpTransportOptions, LARGEST_EVENT_BYTES, postStream, refusalIn } from './upstream-http';

export const overSse =
  (options: HttpTransportOptions): Transport =>
  (request, listener) => {
    const leaving = new AbortController();
    read(request, listener, options, leaving.signal).then(
      ending => listener.ended(ending),
      error => listener.ended(error instanceof TooLarge ? 'refused' : 'broken'), // it would come again
    );
    return () => leaving.abort();
  };

class TooLarge extends Error {}

async function read(
  request: StreamRequest,
  listener: StreamListener,
  options: HttpTransportOptions,
  signal: AbortSignal,
): Promise<Ending> {
  const response = await postStream(request, options, 'text/event-stream', signal);
  const { statusCode, headers, body } = response;
  const isStream = statusCode === 200 && String(headers['content-type']).startsWith('text/event-stream');
  if (!isStream) return refusalIn(response);
  for await (const { event, data } of eventsIn(body)) {
    if (event === 'complete') return 'finished';
    if (event === 'next') listener.next(readEvent(parsed(data)) ?? unreadable(request.subgraph));
  }
  return 'broken'; // it has ended without saying that it is complete
}

function parsed(data: string): unknown {
  try {
    return parseMessage(data);
  } catch {
    return null;
  }
}

interface ServerSentEvent {
  readonly event: string;
  readonly data: string;
}

/** @throws TooLarge for an event that is */
async function* eventsIn(body: Dispatcher.ResponseData['body']): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk as Buffer, { stream: true });
    const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop()!;
    if (rest.length > LARGEST_EVENT_BYTES) throw new TooLarge();
    for (const block of blocks) yield eventIn(block);
  }
}

function eventIn(block: string): ServerSentEvent {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
  }
  return { event, data: data.join('\n') };
}
