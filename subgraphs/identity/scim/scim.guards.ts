/** What is refused before SCIMMY sees it: it builds plain objects of names that are sent, and holds writers up while it reads. */
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import SCIMMY from 'scimmy';
import { isOurFault } from './scim.errors';

const LONGEST_TEXT = 1_000;
const LONGEST_BODY = '1mb';
/** Levels of lists and objects; SCIM's own need five. */
const DEEPEST = 12;

/** Names that every object has: as attributes they would reach what all objects share. */
const EVERY_OBJECT_HAS = new Set(
  [...Object.getOwnPropertyNames(Object.prototype), 'prototype'].map(name => name.toLowerCase()),
);
/** Where attributes are named in a text. */
const NAMING = new Set(['path', 'filter', 'attributes', 'excludedattributes', 'sortby']);

export function refuse(response: Response, status: number, message: string, scimType?: string): void {
  response
    .status(status)
    .set(status === 503 ? { 'retry-after': '2' } : {})
    .type('application/scim+json')
    .send(JSON.stringify(new SCIMMY.Messages.Error({ status, message, scimType } as never)));
}

/** Reads the whole body first, so that a sender who stalls holds up nobody but themselves. */
export const readBody: RequestHandler = (request, response, next) =>
  express.json({ type: ['application/scim+json', 'application/json'], limit: LONGEST_BODY })(
    request,
    response,
    (error?: unknown) => {
      if (!error) return next();
      const status = (error as { status?: number }).status ?? 400;
      refuse(
        response,
        status,
        'The body cannot be read: JSON is expected.',
        status === 400 ? 'invalidSyntax' : undefined,
      );
    },
  );

/** Refuses names that are no attributes, and texts that no attribute holds. */
export function sane(request: Request, response: Response, next: NextFunction): void {
  const problem = problemOf(request.query, null) ?? problemOf(request.body as unknown, null);
  if (problem) refuse(response, 400, problem, 'invalidValue');
  else next();
}

/** Entra ID writes whether somebody is active as the text "False", which is none to SCIMMY: leavers would keep their access. */
export function truthful(request: Request, _response: Response, next: NextFunction): void {
  const { Operations: operations } = (request.body ?? {}) as { Operations?: unknown };
  spellOut(request.body, 'active');
  for (const operation of Array.isArray(operations) ? (operations as unknown[]) : []) {
    const { path, value } = (operation ?? {}) as { path?: unknown; value?: unknown };
    if (path === 'active') spellOut(operation, 'value');
    else spellOut(value, 'active');
  }
  next();
}

function spellOut(holder: unknown, name: string): void {
  if (typeof holder !== 'object' || holder === null) return;
  const members = holder as Record<string, unknown>;
  const said = Object.hasOwn(members, name) ? members[name] : undefined;
  if (typeof said === 'string' && /^(true|false)$/i.test(said)) members[name] = said.toLowerCase() === 'true';
}

/** Where SCIMMY itself breaks, the request made no sense to it; a fault of ours says so, see `guarded`. */
export function understood(_request: Request, response: Response, next: NextFunction): void {
  const send = response.send.bind(response);
  response.send = (body: unknown) => {
    const isBroken = response.statusCode === 500 && typeof body === 'object' && body !== null;
    if (!isBroken || isOurFault((body as { detail?: unknown }).detail)) return send(body);
    response.send = send;
    refuse(response, 400, 'The request makes no sense.', 'invalidSyntax');
    return response;
  };
  next();
}

function problemOf(value: unknown, member: string | null, depth = 0): string | null {
  if (depth > DEEPEST) return 'It is nested too deeply.';
  if (typeof value === 'string') {
    if (value.includes('\u0000')) return 'A text holds the character NUL.';
    if (value.length > LONGEST_TEXT) return `A text has more than ${LONGEST_TEXT} characters.`;
    return member !== null && NAMING.has(member) && namesTooMuch(value) ? 'There is no such attribute.' : null;
  }
  if (Array.isArray(value)) return firstOf(value.map(one => problemOf(one, member, depth + 1)));
  if (typeof value !== 'object' || value === null) return null;
  return firstOf(
    Object.entries(value).map(([name, part]) =>
      name.split(/[^\w$]+/).some(isCommon)
        ? 'There is no such attribute.'
        : problemOf(part, name.toLowerCase(), depth + 1),
    ),
  );
}

const firstOf = (problems: readonly (string | null)[]): string | null => problems.find(Boolean) ?? null;
const isCommon = (name: string): boolean => EVERY_OBJECT_HAS.has(name.toLowerCase());
/** Also inside quotes: which they are, only the one who reads the filter knows. */
const namesTooMuch = (text: string): boolean => text.split(/[^\w$]+/).some(isCommon);
