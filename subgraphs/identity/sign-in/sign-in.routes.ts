/** The two addresses of a sign-in that a browser visits: on its way to the OpenID provider, and back from it. */
import type { Express, Response } from 'express';
import { isProduction } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { languageOf } from '../../../kernel/language';
import { logger } from '../../../kernel/log';
import { notPossible, PAGE_HEADERS } from './sign-in.page';
import { arrive, cookieOf, depart } from './sign-in.service';

/** The access token, for the gateway; no script can read it, and no other site can make a browser write with it. */
const SESSION_COOKIE = 'session';
const LONGEST_TICKET = 4_096;

export function signInRoutes(app: Express, db: Database): void {
  const log = logger('identity');
  const secure = isProduction() ? '; Secure' : '';
  const cookie = (name: string, value: string, path: string, seconds: number) =>
    `${name}=${value}; Path=${path}; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
  const refuse = (res: Response, status: number, language: string | undefined) =>
    void res
      .status(status)
      .set(PAGE_HEADERS)
      .send(notPossible(status, languageOf(language)));

  app.get('/sign-in/start', async (req, res) => {
    const { ticket, login_hint: hint } = req.query;
    const known = typeof ticket === 'string' && ticket.length <= LONGEST_TICKET ? ticket : '';
    try {
      const departure = await depart(db, known, typeof hint === 'string' ? hint.slice(0, 100) : null);
      if (!departure) return refuse(res, 400, req.headers['accept-language']);
      const { name, value, seconds } = departure.cookie;
      res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      res.append('set-cookie', cookie(name, value, '/sign-in', seconds)).redirect(303, departure.url);
    } catch (error) {
      log.error('the OpenID provider does not answer', { error });
      refuse(res, 503, req.headers['accept-language']);
    }
  });

  app.get('/sign-in/callback', async (req, res) => {
    const search = new URL(req.originalUrl, 'http://localhost').search;
    const name = cookieOf(typeof req.query.state === 'string' ? req.query.state : '');
    const arrival = await arrive(db, search, cookieNamed(name, req.headers.cookie));
    if (arrival.kind === 'unknown') return refuse(res, 400, req.headers['accept-language']);
    res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    res.append('set-cookie', cookie(name, '', '/sign-in', 0));
    const back = new URL(arrival.returnUrl);
    if (arrival.kind === 'failed') {
      log.warn('a sign-in failed', { error: arrival.error });
      back.searchParams.set('sign_in', 'failed');
    } else {
      res.append('set-cookie', cookie(SESSION_COOKIE, arrival.accessToken, '/', arrival.seconds));
    }
    res.redirect(303, back.href);
  });
}

function cookieNamed(name: string, header = ''): string | undefined {
  const found = header.split(/; */).find(part => part.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}
