/** A case by its file number, for an office that got a mail about it: `/case`, the field for the number, and the way to sign in. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express, Request, RequestHandler, Response } from 'express';
import { GraphQLError } from 'graphql';
import { setting } from '../../kernel/config';
import { languageOf } from '../../kernel/language';
import { ANONYMOUS } from '../../kernel/principal';
import { keyOf, readDocument } from '../documents';
import type { Asked } from '../edge';
import type { Engine } from '../engine/engine';
import { asking, untilClosed } from '../request';
import { casePage, type Found, type Shown } from './case.page';

export const CASE_PAGE = '/case';

export interface CaseOptions {
  readonly engine: Engine;
  /** Finds out who asks; throws when a credential is not good. */
  readonly identify: RequestHandler;
}

const CASE = `query Case($reference: String!) { applicationByReference(reference: $reference) {
  reference publicStatus submittedAt receivedAt formData service { title } area { name } authority { name }
  applicant { displayName } onlineServiceVersion { form { schema } } documents { filename byteSize downloadUrl } } }`;
const SIGN_IN = `mutation SignIn($input: StartSignInInput!) { startSignIn(input: $input) { signIn { url } refusal { message } } }`;
/** Numbers are typed from paper and from mails: in small letters, with blanks or other dashes. */
const REFERENCE = /^\d{4}-[2-9A-HJ-NP-Z]{5}-\d{5,9}$/;
const LONGEST = 100;

export function serveCases(app: Express, { engine, identify }: CaseOptions): void {
  const style = readFileSync(path.join(__dirname, '..', 'status', 'status.css'), 'utf8');
  const ask = (text: string, variables: Record<string, unknown>, asked: Asked) =>
    engine.execute({ document: readDocument(text), key: keyOf(text), operationName: null, variables, asked });

  const send = (request: Request, response: Response, status: number, shown: Shown) => {
    const nonce = randomBytes(16).toString('base64');
    const policy = `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
    response.setHeader('content-security-policy', policy);
    response.setHeader('cache-control', 'no-store');
    response.setHeader('referrer-policy', 'no-referrer');
    response
      .status(status)
      .type('html')
      .send(casePage(shown, languageOf(request.get('accept-language')), style, nonce));
  };

  /** @returns null when nobody is signed in, or no longer */
  const askedBy = async (request: Request, response: Response): Promise<Asked | null> => {
    try {
      await identify(request, response, () => undefined);
      const asked = response.locals.asked as Asked;
      return asked.principal.kind === 'anonymous' ? null : asked;
    } catch (error) {
      if (error instanceof GraphQLError && error.extensions.code === 'UNAUTHENTICATED') return null;
      throw error;
    }
  };

  app.get(CASE_PAGE, async (request, response) => {
    const typed = request.query.reference;
    const given = typeof typed === 'string' ? typed.slice(0, LONGEST).trim() : '';
    const failed = request.query.sign_in === 'failed';
    const asked = await askedBy(request, response);
    if (!asked) return send(request, response, given ? 401 : 200, { kind: 'signedOut', given, failed });
    if (!given) return send(request, response, 200, { kind: 'empty' });
    const reference = given
      .replace(/\s/g, '')
      .replace(/\p{Dash}/gu, '-')
      .toUpperCase();
    if (!REFERENCE.test(reference)) return send(request, response, 400, { kind: 'malformed', given });
    const { data, errors = [] } = await ask(CASE, { reference }, asked);
    const found = data?.applicationByReference as Found | null | undefined;
    if (found) return send(request, response, 200, { kind: 'found', given: reference, found });
    const isAway = !errors.some(({ extensions }) => extensions.code === 'NOT_FOUND');
    send(request, response, isAway ? 503 : 404, { kind: isAway ? 'away' : 'unknown', given });
  });

  app.get(`${CASE_PAGE}/sign-in`, async (request, response) => {
    // whatever old session the browser has kept
    const { requestId, language } = asking.getStore()!;
    const asked = { principal: ANONYMOUS, requestId, language, signal: untilClosed(response) };
    const returnUrl = new URL(CASE_PAGE, setting('GATEWAY_PUBLIC_URL')).href;
    const { data } = await ask(SIGN_IN, { input: { returnUrl, method: 'STAFF_SIGN_ON' } }, asked);
    const started = (data?.startSignIn ?? null) as { signIn: { url: string } | null } | null;
    if (started?.signIn) response.setHeader('cache-control', 'no-store').redirect(303, started.signIn.url);
    else send(request, response, 503, { kind: 'signedOut', given: '', failed: true });
  });
}
