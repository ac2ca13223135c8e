/** The cookies of sign-in: no script can read them, and no other site can make a browser write with them. */
import { isProduction } from '../../../kernel/config';

/** The access token, for the gateway. */
const SESSION = 'session';
/** What prolongs the session, for one address of ours alone. */
const REFRESH = 'refresh';
export const REFRESH_PATH = '/sign-in/refresh';

type SameSite = 'Lax' | 'Strict';

export const cookie = (name: string, value: string, path: string, seconds: number, sameSite: SameSite = 'Lax') =>
  `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=${sameSite}${isProduction() ? '; Secure' : ''}`;

/** What a browser keeps of a session. */
export interface Kept {
  readonly accessToken: string;
  /** How long the access token works. */
  readonly seconds: number;
  /** Null when the provider gives no refresh tokens. */
  readonly refresh: { readonly ticket: string; readonly seconds: number } | null;
}

export const keepCookies = ({ accessToken, seconds, refresh }: Kept): string[] => [
  cookie(SESSION, accessToken, '/', seconds),
  ...(refresh ? [cookie(REFRESH, refresh.ticket, REFRESH_PATH, refresh.seconds, 'Strict')] : []),
];

export const forgetCookies = (): string[] => [
  cookie(SESSION, '', '/', 0),
  cookie(REFRESH, '', REFRESH_PATH, 0, 'Strict'),
];

export const refreshCookieOf = (header: string | undefined): string => cookieNamed(REFRESH, header) ?? '';

export function cookieNamed(name: string, header = ''): string | undefined {
  const found = header.split(/; */).find(part => part.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
