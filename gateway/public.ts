/** The public contract: what carries the tag `public`, at /public/graphql, for everybody, without sign-in. */
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import type { Express, RequestHandler } from 'express';
import type { Log } from '../kernel/log';
import type { Published } from './answers';
import { apolloOptions } from './apollo';
import { type Asked, signIn } from './edge';
import type { Engine } from './engine/engine';
import { allowOrigins } from './request';
import type { TrustedDocuments } from './trusted/trusted';

export interface PublicOptions {
  /** Of the contract. */
  readonly engine: Engine;
  readonly introspection: boolean;
  readonly trusted: TrustedDocuments;
  readonly log: Log;
  /** What stands before every GraphQL endpoint. */
  readonly before: readonly RequestHandler[];
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
export async function servePublic(app: Express, options: PublicOptions): Promise<() => Promise<void>> {
  const apollo = new ApolloServer<Asked>(apolloOptions({ ...options, published: publishedBy(options.engine) }));
  await apollo.start();
  const middleware = expressMiddleware(apollo, { context: async ({ res }) => res.locals.asked as Asked });
  app.all(PATH, forgetWho, allowOrigins(null), ...options.before, signIn(null, null), middleware);
  return () => apollo.stop();
}

const forgetWho: RequestHandler = (request, _response, next) => {
  delete request.headers.authorization;
  delete request.headers.cookie;
  next();
};
