/** Headers that every answer of the gateway has: the request's id, and what helmet says to browsers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Name and value in turn, as `writeHead` takes them. */
export type FlatHeaders = readonly string[];

/** The same for every answer, so helmet is asked once. */
const SECURE: FlatHeaders = saidBy(helmet());

/** The headers of an answer to the request with this id. */
export const headersOf = (requestId: string): FlatHeaders => ['x-request-id', requestId, ...SECURE];

/** Gives an answer its headers, for all who write it in another way than {@link headersOf} at once. */
export function dress(response: ServerResponse, headers: FlatHeaders): void {
  for (let i = 0; i < headers.length; i += 2) response.setHeader(headers[i]!, headers[i + 1]!);
}

function saidBy(middleware: ReturnType<typeof helmet>): FlatHeaders {
  const said = new Map<string, string>();
  const listener = {
    setHeader: (name: string, value: unknown) => said.set(name, String(value)),
    removeHeader: (name: string) => said.delete(name),
  };
  middleware({} as IncomingMessage, listener as unknown as ServerResponse, error => {
    if (error) throw error;
  });
  return [...said].flat();
}
