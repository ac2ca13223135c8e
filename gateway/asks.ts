/** Asks: a subgraph puts a small question to the graph itself. Only documents of schema/asks.json are answered. */
import express, { type Express } from 'express';
import type { GraphQLError } from 'graphql';
import { badInput, notFound, unauthenticated } from '../kernel/errors';
import type { Log } from '../kernel/log';
import { type Envelope, verifyPrincipal } from '../kernel/principal';
import { statusOf } from './answers';
import { keyOf, readDocument } from './documents';
import type { Engine } from './engine/engine';
import { formatErrors } from './errors';
import { codesOf } from './seen/operations';

export interface AskOptions {
  readonly engine: Engine;
  /** `<subgraph>.<name>` → document; written by `npm run schema`. */
  readonly documents: Readonly<Record<string, string>>;
  /** The secrets accepted of a subgraph; none for one that nobody knows. */
  readonly secretsOf: (subgraph: string) => readonly string[];
  readonly log: Log;
}

const LONGEST_BODY = '64kb';

/**
 * `POST /ask`, body `{ name, variables }`, header `x-subgraph` and a principal token signed by that subgraph for this
 * body. Answers with the GraphQL result; 401 without a good token, 404 for a document that is not its own.
 */
export function serveAsks(app: Express, { engine, documents, secretsOf, log }: AskOptions): void {
  app.post(
    '/ask',
    express.raw({ type: () => true, limit: LONGEST_BODY, inflate: false }),
    async (request, response) => {
      const refuse = (status: number, error: GraphQLError, asked: Partial<Envelope> = {}) =>
        response.status(status).json({ errors: formatErrors([error], asked, log) });

      const subgraph = String(request.headers['x-subgraph'] ?? '');
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const asked = await verified(subgraph, secretsOf(subgraph), request.headers.authorization, body);
      if (!asked) return refuse(401, unauthenticated());

      const question = parseQuestion(body);
      if (!question) return refuse(400, badInput('body'), asked);
      const text = question.name.startsWith(`${subgraph}.`) ? documents[question.name] : undefined;
      if (text === undefined || !Object.hasOwn(documents, question.name)) return refuse(404, notFound(), asked);

      const { variables } = question;
      const result = await engine.execute({
        document: readDocument(text),
        key: keyOf(text),
        operationName: null,
        variables,
        asked,
      });
      const errors = result.errors && formatErrors(result.errors, asked, log);
      if (result.errors)
        log.warn('an ask had errors', { operation: question.name, subgraph, requestId: asked.requestId });
      return response
        .status(result.data === undefined ? statusOf(400, codesOf(errors), false) : 200)
        .json({ ...result, ...(errors && { errors }) });
    },
  );
}

/** The asking subgraph, when the token is its own, for exactly this body, and speaks for nobody else. */
async function verified(
  subgraph: string,
  secrets: readonly string[],
  authorization: string | undefined,
  body: Buffer,
): Promise<Envelope | null> {
  const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
  if (!token) return null;
  const envelope = await verifyPrincipal(token, subgraph, 'gateway', secrets, body).catch(() => null);
  return envelope?.principal.kind === 'service' && envelope.principal.subgraph === subgraph ? envelope : null;
}

function parseQuestion(body: Buffer): { name: string; variables: Record<string, unknown> } | null {
  try {
    const { name, variables = {} } = JSON.parse(body.toString('utf8')) as { name?: unknown; variables?: unknown };
    const wellFormed =
      typeof name === 'string' && typeof variables === 'object' && variables !== null && !Array.isArray(variables);
    return wellFormed ? { name, variables: variables as Record<string, unknown> } : null;
  } catch {
    return null;
  }
}
