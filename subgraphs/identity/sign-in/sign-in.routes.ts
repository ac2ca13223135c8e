/** The addresses that a browser visits: on its way to the OpenID provider, back from it, and to prolong its session. */
import type { Express, Response } from 'express';
import { POPULATIONS } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { languageOf } from '../../../kernel/language';
import { logger } from '../../../kernel/log';
import { refresh } from './refresh.service';
import { cookie, cookieNamed, forgetCookies, keepCookies, REFRESH_PATH, refreshCookieOf } from './sign-in.cookies';
import { notPossible, PAGE_HEADERS } from './sign-in.page';
import { isName } from './sign-in.query';
import { arrive, cookieOf, depart } from './sign-in.service';

const LONGEST_TICKET = 4_096;
const LONGEST_HINT = 100;

export function signInRoutes(app: Express, db: Database): void {
  const log = logger('identity');
  const refuse = (res: Response, status: number, language: string | undefined) =>
    void res
      .status(status)
      .set(PAGE_HEADERS)
      .send(notPossible(status, languageOf(language)));

  app.get('/sign-in/start', async (req, res) => {
    const { ticket, login_hint: hint } = req.query;
    const known = isName(ticket, LONGEST_TICKET) ? ticket : '';
    if (hint && !isName(hint, LONGEST_HINT)) return refuse(res, 400, req.headers['accept-language']);
    try {
      const departure = await depart(db, known, hint || null);
      if (!departure) return refuse(res, 400, req.headers['accept-language']);
      const { name, value, seconds } = departure.cookie;
      res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      res.append('set-cookie', cookie(name, value, '/sign-in', seconds)).redirect(303, departure.url);
    } catch (error) {
      log.error('the OpenID provider does not answer', { error });
      refuse(res, 503, req.headers['accept-language']);
    }
  });

  app.get('/sign-in/callback/:population', async (req, res) => {
    const search = new URL(req.originalUrl, 'http://localhost').search;
    const name = cookieOf(typeof req.query.state === 'string' ? req.query.state : '');
    const population = POPULATIONS.find(one => one === req.params.population);
    if (!population) return refuse(res, 400, req.headers['accept-language']);
    const arrival = await arrive(db, population, search, cookieNamed(name, req.headers.cookie));
    if (arrival.kind === 'unknown') return refuse(res, 400, req.headers['accept-language']);
    res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    res.append('set-cookie', cookie(name, '', '/sign-in', 0));
    const back = new URL(arrival.returnUrl);
    if (arrival.kind === 'failed') {
      log.warn('a sign-in failed', { error: arrival.error });
      back.searchParams.set('sign_in', 'failed');
    } else {
      res.append('set-cookie', keepCookies(arrival.kept));
    }
    res.redirect(303, back.href);
  });

  // asked by the portal's own pages before the access token ends
  app.post(REFRESH_PATH, async (req, res) => {
    res.set('cache-control', 'no-store');
    const refreshed = await refresh(db, refreshCookieOf(req.headers.cookie));
    if (refreshed.kind === 'prolonged') {
      res.append('set-cookie', keepCookies(refreshed.kept)).status(204).end();
    } else if (refreshed.kind === 'wait') {
      res.set('retry-after', '1').status(409).end();
    } else if (refreshed.kind === 'later') {
      log.warn('the OpenID provider does not refresh', { error: refreshed.error });
      res.set('retry-after', '5').status(503).end();
    } else {
      if (refreshed.reused) log.warn('a refresh ticket was used twice; its session has ended');
      res.append('set-cookie', forgetCookies()).status(401).end();
    }
  });
}
