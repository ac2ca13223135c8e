/**
 * SCIM 2.0 (RFC 7643, 7644) at /scim/v2: an authority's directory keeps its staff here, with a token of its own. SCIMMY
 * speaks the protocol; a write reads, changes and writes, so writes of one authority follow each other.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Express, NextFunction, Request, Response } from 'express';
import SCIMMY from 'scimmy';
import SCIMMYRouters from 'scimmy-routers';
import { subgraphConfig } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import type { Directory } from './scim.directory';
import { declareGroups } from './scim.groups';
import { readBody, refuse, sane, truthful, understood } from './scim.guards';
import { findGranted } from './scim.token';
import { declareUsers } from './scim.users';

const PATH = '/scim/v2';
const MOST_WAITING = 100;

declareUsers();
declareGroups();

export function scimRoutes(app: Express, db: Database): void {
  const asking = new AsyncLocalStorage<Directory>();
  app.use(PATH, plainQuery, async (request: Request, response: Response, next: NextFunction) => {
    const [, token = ''] = /^Bearer (\S{1,200})$/i.exec(request.headers.authorization ?? '') ?? [];
    const granted = await db.tx(serviceOf('identity'), tx => findGranted(tx, token));
    if (!granted) return refuse(response, 401, 'A token of an authority is needed.');
    asking.run({ db, ...granted }, next);
  });
  app.use(PATH, readBody, sane, truthful, understood, oneWriteAtATime(db, asking));
  app.use(
    PATH,
    new SCIMMYRouters({
      type: 'bearer',
      handler: () => asking.getStore()!.authorityId,
      context: () => asking.getStore(),
      baseUri: () => subgraphConfig('identity').publicUrl,
    }),
  );
  SCIMMY.Config.set({ bulk: { supported: false }, filter: { supported: true, maxResults: 200 } } as never);
}

/** Express 5 reads the query anew each time; SCIMMY turns its numbers into numbers once. */
function plainQuery(request: Request, _response: Response, next: NextFunction): void {
  Object.defineProperty(request, 'query', { value: { ...request.query }, writable: true });
  next();
}

/** Writes of one authority: in this process one by one, among replicas by a lock of the database that ends with the answer. */
function oneWriteAtATime(db: Database, asking: AsyncLocalStorage<Directory>) {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return (request: Request, response: Response, next: NextFunction): void => {
    if (request.method === 'GET') {
      next();
      return;
    }
    const directory = asking.getStore()!;
    const line = lines.get(directory.authorityId) ?? { last: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MOST_WAITING) {
      refuse(response, 503, 'Too many writes are waiting.');
      return;
    }
    lines.set(directory.authorityId, line);
    line.waiting++;
    line.last = line.last
      .then(() => asking.run(directory, () => withLock(db, directory.authorityId, response, next)))
      .catch(() => response.headersSent || refuse(response, 503, 'Try again later.'))
      .finally(() => {
        line.waiting--;
        if (line.waiting === 0) lines.delete(directory.authorityId);
      });
  };
}

const withLock = (db: Database, authorityId: string, response: Response, next: NextFunction): Promise<void> =>
  db.locks.hold(`scim ${authorityId}`, async () => {
    const done = new Promise(resolve => void response.once('close', resolve));
    if (response.closed) return;
    next();
    await done;
  });
