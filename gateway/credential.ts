/** Where a client's access token comes from: the Authorization header, or the cookie that sign-in has set. */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { unauthenticated } from '../kernel/errors';
import type { Asking } from './request';

export interface Credential {
  readonly token: string;
  /** Under which is kept what is known of it; tokens themselves are kept only with the connection they came by. */
  readonly key: string;
  /** A browser sends a cookie by itself, so requests with one must come from an origin we know. */
  readonly from: 'header' | 'cookie';
}

/** HttpOnly, so that no script can read it; set by identity after sign-in. */
export const SESSION_COOKIE = 'session';

/** What takes the cookie away again. */
export const NO_SESSION_COOKIE = `${SESSION_COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`;

/**
 * @param authorization the header, or `connectionParams.authorization` of a socket
 * @returns null when there is no credential at all
 * @throws GraphQLError UNAUTHENTICATED for an Authorization that is no bearer token: it is never taken for anonymous
 */
export function credentialOf(authorization: unknown, cookie: string | undefined): Credential | null {
  if (authorization !== undefined && authorization !== null) {
    const token = typeof authorization === 'string' ? /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization)?.[1] : undefined;
    if (!token) throw unauthenticated();
    return credential(token, 'header');
  }
  const token = cookieNamed(SESSION_COOKIE, cookie);
  return token ? credential(token, 'cookie') : null;
}

const credential = (token: string, from: Credential['from']): Credential => ({
  token,
  key: hash('sha256', token, 'base64url'),
  from,
});

interface Read {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  readonly credential: Credential | null;
}

/** What each connection has sent last: most send the same with every request. */
const lastRead = new WeakMap<Socket, Read>();

/** The same of an HTTP request, read once. */
export function credentialOfRequest({ headers, socket }: IncomingMessage, asked: Asking): Credential | null {
  if (asked.credential !== undefined) return asked.credential;
  const { authorization, cookie } = headers;
  let read = lastRead.get(socket);
  if (!read || read.authorization !== authorization || read.cookie !== cookie) {
    read = { authorization, cookie, credential: credentialOf(authorization, cookie) };
    lastRead.set(socket, read);
  }
  asked.credential = read.credential;
  return asked.credential;
}

/** Whether a browser has sent a session along by itself. */
export const hasSessionCookie = (cookie: string | undefined): boolean =>
  cookieNamed(SESSION_COOKIE, cookie) !== undefined;

function cookieNamed(name: string, header = ''): string | undefined {
  for (const part of header.split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name)
      return part
        .slice(equals + 1)
        .trim()
        .replace(/^"|"$/g, '');
  }
  return undefined;
}
