/** A small HTTP server for the development services: a function from Request to Response, and listening on a port. */
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartError } from './start-error';

export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => void;
export type WebHandler = (request: Request, url: URL) => Response | Promise<Response>;

export interface Listening {
  readonly port: number;
  /** `http://localhost:<port>`, without a slash at the end. */
  readonly url: string;
  /** Cuts open connections and waits until the port is free. */
  stop(): Promise<void>;
}

export interface Where {
  /** 0 for any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/**
 * @param what the service, as named in the error
 * @throws StartError when the port is taken
 */
export async function listen(what: string, handler: NodeHandler, where: Where): Promise<Listening> {
  const server = http.createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new StartError(`Port ${where.port} is taken; ${what} cannot listen on it.`)
          : error,
      );
    });
    server.listen(where.port, where.host ?? '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, url: `http://localhost:${port}`, stop };
}

const MAX_BODY = 1024 * 1024;

/** Answers 413 to bodies over 1 MiB and 500 to what the handler throws. */
export function web(handler: WebHandler): NodeHandler {
  return (incoming, outgoing) => {
    respond(handler, incoming)
      .catch(error => {
        console.error(error);
        return json({ code: 'UNSPECIFIED' }, 500);
      })
      .then(async response => {
        outgoing.writeHead(response.status, Object.fromEntries(response.headers));
        outgoing.end(Buffer.from(await response.arrayBuffer()));
      })
      .catch(() => outgoing.destroy());
  };
}

async function respond(handler: WebHandler, incoming: IncomingMessage): Promise<Response> {
  const url = new URL(incoming.url ?? '/', `http://${incoming.headers.host ?? 'localhost'}`);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of incoming as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) return json({ code: 'TOO_LARGE' }, 413);
    parts.push(part);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (value !== undefined) headers.set(name, String(value));
  const method = incoming.method ?? 'GET';
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(parts);
  return handler(new Request(url, { method, headers, body }), url);
}

export const json = (body: unknown, status = 200): Response => Response.json(body, { status });
export const seeOther = (location: string): Response => new Response(null, { status: 303, headers: { location } });

/** @returns fields of a form or members of a JSON object; null when the body is neither */
export async function fieldsOf(request: Request): Promise<Record<string, unknown> | null> {
  const text = await request.text();
  if (!(request.headers.get('content-type') ?? '').includes('json'))
    return Object.fromEntries(new URLSearchParams(text));
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

/** Pages of development services ask nothing from anywhere else. */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

export const html = (page: string, status = 200): Response => new Response(page, { status, headers: PAGE_HEADERS });
