/**
 * SCIM 2.0 (RFC 7643, 7644) at /scim/v2: an authority's directory keeps its staff here, with a token of its own. A write
 * reads, changes and writes, so writes of one authority follow each other.
 */
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { subgraphConfig } from '../../../kernel/config';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import type { Directory } from './scim.directory';
import { scimError } from './scim.errors';
import type { Filter, Values } from './scim.filter';
import { groups } from './scim.groups';
import { readBody, refuse, refuseFor, sane } from './scim.guards';
import { askedOf, listOf, MOST_SHOWN } from './scim.list';
import { describeSchema, describeType, type ResourceType, schemasOf, TYPES } from './scim.schema';
import { findGranted } from './scim.token';
import { users } from './scim.users';

const PATH = '/scim/v2';
const MOST_WAITING = 100;

/** What can be done with the resources of one type. */
export interface Resources {
  readonly type: ResourceType;
  list(directory: Directory, filter: Filter | null): Promise<Values[]>;
  read(directory: Directory, id: string): Promise<Values>;
  create(directory: Directory, body: unknown): Promise<Values>;
  replace(directory: Directory, id: string, body: unknown): Promise<Values>;
  patch(directory: Directory, id: string, body: unknown): Promise<Values>;
  remove(directory: Directory, id: string): Promise<void>;
}

export function scimRoutes(app: Express, db: Database): void {
  const router = express.Router();
  router.use(async (request: Request, response: Response, next: NextFunction) => {
    const [, token = ''] = /^Bearer (\S{1,200})$/i.exec(request.headers.authorization ?? '') ?? [];
    const granted = await db.tx(serviceOf('identity'), tx => findGranted(tx, token));
    if (!granted) return refuse(response, 401, 'A token of an authority is needed.');
    response.locals.directory = { db, base: base(), ...granted } satisfies Directory;
    next();
  });
  router.use(readBody, sane);
  describe(router);
  const turn = oneWriteAtATime(db);
  for (const resources of [users, groups]) serve(router, resources, turn);
  router.all(
    ['/Bulk', '/Me', '/.search', '/'],
    answering(() => fail(501, 'That is not offered here.')),
  );
  router.use(answering(() => fail(404, 'There is nothing at this address.')));
  router.use((error: { status?: number }, _request: Request, response: Response, _next: NextFunction) =>
    refuseFor(response, error.status === 400 ? scimError(400, 'invalidSyntax', 'The address cannot be read.') : error),
  );
  app.use(PATH, router);
}

const base = (): string => `${subgraphConfig('identity').publicUrl}${PATH}`;

const fail = (status: number, message: string): never => {
  throw scimError(status, null, message);
};

type Handler = (request: Request, response: Response) => unknown;

/** Sends what a handler returns; nothing is 204. */
const answering =
  (handler: Handler) =>
  async (request: Request, response: Response): Promise<void> => {
    try {
      const body = await handler(request, response);
      if (response.destroyed) return;
      if (body) response.type('application/scim+json').send(JSON.stringify(body));
      else response.status(204).end();
    } catch (error) {
      refuseFor(response, error);
    }
  };

function serve(router: express.Router, resources: Resources, turn: express.RequestHandler): void {
  const { type } = resources;
  const directoryOf = (response: Response) => response.locals.directory as Directory;
  const idOf = (request: Request) => String(request.params.id);
  /** What is asked is read first, so that nothing is written for an answer that cannot be given. */
  const showing =
    (write: (directory: Directory, request: Request) => Promise<Values>): Handler =>
    async (request, response) => {
      const { show } = askedOf(type, pick(request.query));
      const resource = await write(directoryOf(response), request);
      response.location((resource.meta as { location: string }).location);
      return show(resource);
    };
  const list = (given: (request: Request) => object) =>
    answering(async (request, response) => {
      const asked = askedOf(type, given(request));
      const all = await resources.list(directoryOf(response), asked.filter);
      return listOf(all, asked);
    });
  router.post(
    `${type.endpoint}/.search`,
    list(({ body }) => (typeof body === 'object' && body) || {}),
  );
  router
    .route(type.endpoint)
    .get(list(({ query }) => query))
    .post(
      turn,
      answering(async (request, response) => {
        const shown = await showing((directory, { body }) => resources.create(directory, body))(request, response);
        response.status(201);
        return shown;
      }),
    )
    .all(answering(() => fail(405, 'GET and POST are offered here.')));
  router
    .route(`${type.endpoint}/:id`)
    .get(answering(showing((directory, request) => resources.read(directory, idOf(request)))))
    .put(turn, answering(showing((directory, request) => resources.replace(directory, idOf(request), request.body))))
    .patch(turn, answering(showing((directory, request) => resources.patch(directory, idOf(request), request.body))))
    .delete(
      turn,
      answering((request, response) => resources.remove(directoryOf(response), idOf(request))),
    )
    .all(answering(() => fail(405, 'GET, PUT, PATCH and DELETE are offered here.')));
}

/** Of a single resource only the shape can be asked for. */
const pick = (query: object): object =>
  Object.fromEntries(Object.entries(query).filter(([name]) => /^(excluded)?attributes$/i.test(name)));

/** What is offered, for directories that ask. */
function describe(router: express.Router): void {
  const all = (path: string, of: () => (object & { id: string })[]) => {
    router.get(
      path,
      answering(() => listOf([...of()] as unknown as Values[], askedOf(TYPES[0], {}))),
    );
    router.get(
      `${path}/:id`,
      answering(({ params }) => of().find(({ id }) => id === params.id) ?? fail(404, 'There is no such description.')),
    );
  };
  all('/Schemas', () => TYPES.flatMap(schemasOf).map(schema => ({ id: schema.id, ...describeSchema(schema, base()) })));
  all('/ResourceTypes', () => TYPES.map(type => ({ id: type.name, ...describeType(type, base()) })));
  router.get(
    '/ServiceProviderConfig',
    answering(() => ({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
      patch: { supported: true },
      bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
      filter: { supported: true, maxResults: MOST_SHOWN },
      changePassword: { supported: false },
      sort: { supported: true },
      etag: { supported: false },
      authenticationSchemes: [
        { type: 'oauthbearertoken', name: 'Token of the authority', description: 'A bearer token.', primary: true },
      ],
      meta: { resourceType: 'ServiceProviderConfig', location: `${base()}/ServiceProviderConfig` },
    })),
  );
}

/** Writes of one authority: in this process one by one, among replicas by a lock of the database that ends with the answer. */
function oneWriteAtATime(db: Database) {
  const lines = new Map<string, { last: Promise<unknown>; waiting: number }>();
  return (_request: Request, response: Response, next: NextFunction): void => {
    const { authorityId } = response.locals.directory as Directory;
    const line = lines.get(authorityId) ?? { last: Promise.resolve(), waiting: 0 };
    if (line.waiting >= MOST_WAITING) {
      refuse(response, 503, 'Too many writes are waiting.');
      return;
    }
    lines.set(authorityId, line);
    line.waiting++;
    line.last = line.last
      .then(() => withLock(db, authorityId, response, next))
      .catch(() => response.headersSent || refuse(response, 503, 'Try again later.'))
      .finally(() => {
        line.waiting--;
        if (line.waiting === 0) lines.delete(authorityId);
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
