/** The public contract: what carries the tag `public`, at /public/graphql, for everybody, without sign-in. */
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import type { Express, RequestHandler } from 'express';
import type { Published } from './answers';
import { apolloOptions } from './apollo';
import { type Asked, refuseBeforehand, signIn } from './edge';
import type { Engine } from './engine/engine';
import type { Connections } from './live/connections';
import { httpStreams } from './live/http-streams';
import type { LiveOptions } from './live/operations';
import { allowOrigins } from './request';

export interface PublicOptions {
  /** Its engine is that of the contract. */
  readonly live: LiveOptions;
  readonly connections: Connections;
  /** What stands before every GraphQL endpoint. */
  readonly before: readonly RequestHandler[];
}

export interface RunningPublic {
  /** Ends all streams. */
  stop(): void;
  close(): Promise<void>;
}

const PATH = '/public/graphql';
/** What depends on the session even where everybody may ask it. */
const PERSONAL: ReadonlySet<string> = new Set(['ServiceAtPlace.trust']);

export const publishedBy = (contract: Engine): Published => ({
  get schema() {
    return contract.schema; // another one when the supergraph is replaced
  },
  personal: PERSONAL,
});

/** Any origin may read it: no credential is looked at, and there is nothing in it that is not for all. */
export async function servePublic(app: Express, { live, connections, before }: PublicOptions): Promise<RunningPublic> {
  const apollo = new ApolloServer<Asked>(apolloOptions({ ...live, published: publishedBy(live.engine) }));
  await apollo.start();
  const overHttp = httpStreams(connections, live);
  const middleware = expressMiddleware(apollo, { context: async ({ res }) => res.locals.asked as Asked });
  app.all(
    PATH,
    forgetWho,
    allowOrigins(null),
    ...before,
    overHttp.handler,
    refuseBeforehand,
    signIn(null, null),
    middleware,
  );
  return { stop: overHttp.stop, close: () => apollo.stop() };
}

const forgetWho: RequestHandler = (request, _response, next) => {
  delete request.headers.authorization;
  delete request.headers.cookie;
  next();
};
