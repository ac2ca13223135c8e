/** How answers travel over HTTP: packed, with which status, how long they may be kept, and whether they have changed. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApolloServerPlugin } from '@apollo/server';
import compression from 'compression';
import type { Request, RequestHandler, Response } from 'express';
import {
  type DocumentNode,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { JSON_TYPES } from './accept';
import { hasSessionCookie } from './credential';
import type { Asked } from './edge';
import type { Engine } from './engine/engine';
import { asking } from './request';
import { codesOf } from './seen/operations';

const PACKED_FROM_BYTES = 1024;

const compress = compression({
  threshold: PACKED_FROM_BYTES,
  filter: (request, response) =>
    !/^(text\/event-stream|multipart\/)/.test(String(response.getHeader('content-type'))) &&
    compression.filter(request, response),
});

/** Packs answers for clients that want it; never streams, whose events must leave at once. */
export function pack(request: IncomingMessage, response: ServerResponse, next: () => void): void {
  if (request.headers['accept-encoding'] === undefined) next();
  else compress(request as Request, response as Response, next);
}

/**
 * Before Apollo Server. Another site can make a browser send a GET, so one with the session cookie must show that it is
 * none of those; without the cookie there is no session to borrow.
 */
export const prepareAnswer: RequestHandler = (request, response, next) => {
  const asked = asking.getStore()!;
  asked.prefersJson = () => request.accepts(JSON_TYPES) === JSON_TYPES[0];
  response.setHeader('cache-control', 'no-store');
  nameRefusals(response, asked.requestId);
  if (request.method === 'GET' && !hasSessionCookie(request.headers.cookie))
    request.headers['apollo-require-preflight'] ??= 'there is no session';
  next();
};

/** What Apollo Server does not take for a request of GraphQL, such as a list of them, it refuses without `extensions`. */
function nameRefusals(response: Response, requestId: string): void {
  const { send } = response;
  response.send = function (this: Response, body: unknown) {
    const isRefusal =
      this.statusCode >= 400 && typeof body === 'string' && /json/.test(String(this.get('content-type')));
    if (!isRefusal) return send.call(this, body);
    const refusal = JSON.parse(body as string) as { extensions?: object };
    return send.call(this, refusal.extensions ? body : JSON.stringify({ ...refusal, extensions: { requestId } }));
  };
}

/** Codes of a request that GraphQL over HTTP answers with 200 under `application/json`: it was well-formed, but is refused. */
const ANSWERED = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'BAD_INPUT',
  'QUERY_TOO_COMPLEX',
]);

/** @param status as `application/graphql-response+json` wants it  @param codes of the errors, as the client sees them */
export function statusOf(status: number, codes: readonly string[], prefersJson: boolean): number {
  if (status !== 400) return status;
  if (codes.includes('INTERNAL')) return 500; // no fault of the request
  return prefersJson && codes.every(code => ANSWERED.has(code)) ? 200 : status;
}

/** The part of a schema that is published: the same for everybody. */
export interface Published {
  readonly schema: GraphQLSchema;
  /** `Type.field` that is for one asker, although it stands among the published. */
  readonly personal: ReadonlySet<string>;
}

export type Keeping = 'published' | 'personal' | 'private';

const CACHE_CONTROL: Record<Keeping, string> = {
  published: 'public, max-age=300',
  personal: 'no-store',
  private: 'private, max-age=0',
};

/** How long an answer to the document may be kept. @param api what the document was written for */
export function keepingOf(document: DocumentNode, api: GraphQLSchema, published: Published | null): Keeping {
  let keeping: Keeping = published ? 'published' : 'private';
  const types = new TypeInfo(api);
  const visitor = visitWithTypeInfo(types, {
    Field({ name: { value: field } }) {
      const parent = types.getParentType();
      if (!parent || !published || field === '__typename') return;
      const type = published.schema.getType(parent.name);
      const isPublished = (isObjectType(type) || isInterfaceType(type)) && Object.hasOwn(type.getFields(), field);
      if (published.personal.has(`${parent.name}.${field}`)) keeping = 'personal';
      else if (!isPublished && keeping === 'published') keeping = 'private';
    },
  });
  visit(document, visitor);
  return keeping;
}

/**
 * Status for every answer; for a GET also how long it may be kept, and a tag that tells whether it has changed.
 * @param engine serves what the documents are written for
 */
export const answerOverHttp = (
  engine: Pick<Engine, 'schema'>,
  published: Published | null,
): ApolloServerPlugin<Asked> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ request, document, contextValue, response: { http, body } }) {
        if (body.kind !== 'single') return;
        const { data, errors } = body.singleResult;
        http.status = statusOf(http.status ?? 200, codesOf(errors), asking.getStore()?.prefersJson?.() ?? true);
        if (request.http?.method !== 'GET' || !document || data === undefined) return;
        const keeping = errors ? 'private' : keepingOf(document, engine.schema, published);
        // a session may be shown what others are not, so its answers are its own
        const own =
          contextValue.principal.kind === 'anonymous' ? keeping : keeping === 'published' ? 'private' : keeping;
        http.headers.set('cache-control', CACHE_CONTROL[own]);
        if (own === 'personal' || errors) return;
        // the request id is another each time and says nothing of the data
        http.headers.set('etag', `W/"${createHash('sha256').update(JSON.stringify(data)).digest('base64url')}"`);
      },
    };
  },
});
