/** Headers that every answer of the gateway has: the request's id, and what helmet says to browsers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import helmet from 'helmet';

/** Name and value in turn, as `writeHead` takes them. */
export type FlatHeaders = readonly string[];

/** What browsers are told about pages. The same for every answer, so helmet is asked once. */
const OF_PAGES: FlatHeaders = saidBy(helmet());

/** Data is never shown as a page, so that nothing in it may be loaded, and what is about windows and downloads is left out. */
const OF_DATA: FlatHeaders = saidBy(
  helmet({
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: { action: 'deny' },
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  }),
);

/** The headers of an answer of data to the request with this id. */
export const headersOf = (requestId: string): FlatHeaders => ['x-request-id', requestId, ...OF_DATA];

/** The same for everything else, which may be a page. */
export const pageHeadersOf = (requestId: string): FlatHeaders => ['x-request-id', requestId, ...OF_PAGES];

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
