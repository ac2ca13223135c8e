/** Where OpenID providers tell that somebody has signed out there: by themselves, and through the browser. */
import express, { type Express } from 'express';
import { issuers } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { logger } from '../../../kernel/log';
import { readLogoutToken, type SignedOut, signOut } from './logout.service';
import { forgetCookies } from './sign-in.cookies';
import { isName } from './sign-in.query';

const LONGEST_SID = 255;

export function logoutRoutes(app: Express, db: Database): void {
  const log = logger('identity');

  app.post('/sign-in/back-channel', express.urlencoded({ extended: false, limit: '16kb' }), async (req, res) => {
    res.set('cache-control', 'no-store');
    const { logout_token: token } = (req.body ?? {}) as { logout_token?: unknown };
    let signedOut: SignedOut;
    try {
      signedOut = await readLogoutToken(typeof token === 'string' ? token : '');
    } catch (error) {
      log.warn('a logout token was refused', { error });
      res.status(400).json({ error: 'invalid_request' });
      return;
    }
    await signOut(db, signedOut);
    res.status(200).end();
  });

  // in a frame of the provider's page; the name of the sign-in, which nobody can guess, is what permits it
  app.get('/sign-in/front-channel', async (req, res) => {
    const { iss, sid } = req.query;
    const known = typeof iss === 'string' && issuers().has(iss) ? iss : null;
    res.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    if (!known || !isName(sid, LONGEST_SID)) {
      res.status(400).end();
      return;
    }
    await signOut(db, { issuer: known, sid, subject: null });
    res.set('content-security-policy', `default-src 'none'; frame-ancestors ${new URL(known).origin}`);
    res.append('set-cookie', forgetCookies()).type('html').status(200).end();
  });
}
