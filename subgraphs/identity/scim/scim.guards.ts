/** What is refused before anything reads it, and how it is said. */
import express, { type NextFunction, type Request, type RequestHandler, type Response } from 'express';
import { isStorable } from '../../../kernel/graph/scalars';
import { newId } from '../../../kernel/ids';
import { logger } from '../../../kernel/log';
import { Refusal } from '../../../kernel/refusal';
import { ScimError, type ScimType } from './scim.errors';

const LONGEST_TEXT = 1_000;
const LONGEST_BODY = '1mb';
/** Levels of lists and objects; SCIM's own need five. */
const DEEPEST = 12;

/** Names that every object has: as attributes they would reach what all objects share. */
const EVERY_OBJECT_HAS = new Set(
  [...Object.getOwnPropertyNames(Object.prototype), 'prototype'].map(name => name.toLowerCase()),
);
/** Where only attributes are named in a text. */
const NAMING = new Set(['attributes', 'excludedattributes', 'sortby']);

export function refuse(response: Response, status: number, message: string, scimType?: ScimType | null): void {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  response
    .status(status)
    .set(status === 503 ? { 'retry-after': '2' } : {})
    .type('application/scim+json')
    .send(JSON.stringify({ schemas, status: String(status), ...(scimType && { scimType }), detail: message }));
}

/** Says what a handler's failure means to a directory; a fault of ours by its reference alone. */
export function refuseFor(response: Response, error: unknown): void {
  if (error instanceof ScimError) refuse(response, error.status, error.message, error.scimType);
  else if (error instanceof Refusal) refuse(response, 503, 'Try again later.');
  else {
    const reference = newId();
    logger('identity').error('fault', { error, requestId: reference });
    refuse(response, 500, `Something went wrong (${reference}).`);
  }
}

/** Reads the whole body first, so that a sender who stalls holds up nobody but themselves. */
export const readBody: RequestHandler = (request, response, next) =>
  express.json({ type: ['application/scim+json', 'application/json'], limit: LONGEST_BODY, strict: false })(
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

/** Refuses names that are no attributes, names that are said twice, and texts that no attribute holds. */
export function sane(request: Request, response: Response, next: NextFunction): void {
  const problem = problemOf(request.query, null) ?? problemOf(request.body as unknown, null);
  if (problem) refuse(response, 400, problem, problem === TWICE ? 'invalidSyntax' : 'invalidValue');
  else next();
}

const TWICE = 'An attribute is said twice.';

function problemOf(value: unknown, member: string | null, depth = 0): string | null {
  if (depth > DEEPEST) return 'It is nested too deeply.';
  if (typeof value === 'string') {
    if (!isStorable(value)) return 'A text holds NUL or half a letter.';
    if (value.length > LONGEST_TEXT) return `A text has more than ${LONGEST_TEXT} characters.`;
    return member !== null && NAMING.has(member) && namesTooMuch(value) ? 'There is no such attribute.' : null;
  }
  if (Array.isArray(value)) return firstOf(value.map(one => problemOf(one, member, depth + 1)));
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  if (new Set(entries.map(([name]) => name.toLowerCase())).size < entries.length) return TWICE;
  return firstOf(
    entries.map(([name, part]) =>
      namesTooMuch(name) ? 'There is no such attribute.' : problemOf(part, name.toLowerCase(), depth + 1),
    ),
  );
}

const firstOf = (problems: readonly (string | null)[]): string | null => problems.find(Boolean) ?? null;
const namesTooMuch = (text: string): boolean =>
  text.split(/[^\w$]+/).some(name => EVERY_OBJECT_HAS.has(name.toLowerCase()));
