/** Checks answers against a form's JSON Schema (2020-12), and schemas against what we let a form do. */
import type { ErrorObject, ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Text } from '../../../kernel/language';
import type { ProblemData } from '../../../kernel/refusal';
import { hasBadProof } from './form.proofs';
import { sizeOf } from './json.size';

const MOST_PROBLEMS = 50;
const SCHEMA_LIMIT = { bytes: 64 * 1024, depth: 24 };
const ANSWERS_LIMIT = { bytes: 128 * 1024, depth: 16 };
const MOST_COMPILED = 200;

const texts: Record<string, { code: string } & Text> = {
  required: { code: 'REQUIRED', de: 'Diese Angabe fehlt.', en: 'This answer is missing.' },
  type: { code: 'WRONG_TYPE', de: 'Diese Angabe ist von der falschen Art.', en: 'This answer is of the wrong kind.' },
  enum: { code: 'NOT_ALLOWED', de: 'Dieser Wert steht nicht zur Auswahl.', en: 'This value is not among the choices.' },
  const: { code: 'NOT_ALLOWED', de: 'Dieser Wert ist hier nicht zulässig.', en: 'This value is not allowed here.' },
  minLength: { code: 'TOO_SHORT', de: 'Diese Angabe ist zu kurz.', en: 'This answer is too short.' },
  maxLength: { code: 'TOO_LONG', de: 'Diese Angabe ist zu lang.', en: 'This answer is too long.' },
  pattern: {
    code: 'WRONG_FORMAT',
    de: 'Diese Angabe hat nicht die richtige Form.',
    en: 'This answer has a wrong form.',
  },
  format: {
    code: 'WRONG_FORMAT',
    de: 'Diese Angabe hat nicht die richtige Form.',
    en: 'This answer has a wrong form.',
  },
  minimum: { code: 'TOO_SMALL', de: 'Dieser Wert ist zu klein.', en: 'This value is too small.' },
  maximum: { code: 'TOO_LARGE', de: 'Dieser Wert ist zu groß.', en: 'This value is too large.' },
  minItems: { code: 'TOO_FEW', de: 'Hier fehlen Einträge.', en: 'Entries are missing here.' },
  maxItems: { code: 'TOO_MANY', de: 'Hier sind zu viele Einträge.', en: 'There are too many entries here.' },
  additionalProperties: {
    code: 'UNKNOWN',
    de: 'Diese Angabe kennt das Formular nicht.',
    en: 'The form does not know this answer.',
  },
  unevaluatedProperties: {
    code: 'UNKNOWN',
    de: 'Diese Angabe kennt das Formular nicht.',
    en: 'The form does not know this answer.',
  },
};
const OTHER = { code: 'INVALID', de: 'Diese Angabe ist nicht gültig.', en: 'This answer is not valid.' };

function compiler(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    validateFormats: true,
    addUsedSchema: false,
    logger: false,
  });
  addFormats(ajv);
  return ajv;
}

/** Compiled checks by the form's hash, the newest kept. */
const compiled = new Map<string, ValidateFunction>();

function checkOf(form: { hash: string; schema: Record<string, unknown> }): ValidateFunction {
  const known = compiled.get(form.hash);
  if (known) return known;
  const made = compiler().compile(form.schema);
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value!);
  compiled.set(form.hash, made);
  return made;
}

/** @returns what is wrong with the answers, at most 50, each with a JSON pointer into them. */
export function formProblems(
  form: { hash: string; schema: Record<string, unknown> },
  answers: Record<string, unknown>,
): ProblemData[] {
  const check = checkOf(form);
  if (check(answers)) return [];
  const found = new Map<string, ProblemData>();
  for (const error of (check.errors ?? []).filter(isOfAField)) {
    const path = pathOf(error);
    const { code, de, en } = texts[error.keyword] ?? OTHER;
    if (!found.has(path)) found.set(path, { path, code, text: { de, en } });
  }
  return [...found.values()].slice(0, MOST_PROBLEMS);
}

/** `if`, `anyOf` … only repeat what their branches said. */
const isOfAField = ({ keyword }: ErrorObject): boolean => keyword !== 'if';

function pathOf({ instancePath, params }: ErrorObject): string {
  const member = params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty;
  return member === undefined ? instancePath : `${instancePath}/${escapePointer(String(member))}`;
}

const escapePointer = (member: string): string => member.replaceAll('~', '~0').replaceAll('/', '~1');

/** May these be the answers of a draft? An object of bounded size; whether they fit the form is another question. */
export function areAnswers(value: unknown): value is Record<string, unknown> {
  return isObject(value) && fits(value, ANSWERS_LIMIT);
}

/** @returns why a schema cannot be used, or null. */
export function schemaProblem(schema: unknown): string | null {
  if (!isObject(schema) || schema.type !== 'object') return 'type';
  if (!fits(schema, SCHEMA_LIMIT)) return 'size';
  if (patternsOf(schema).some(isCostly)) return 'pattern';
  if (hasBadProof(schema)) return 'x-proven';
  try {
    compiler().compile(schema);
    return null;
  } catch {
    return 'schema';
  }
}

/** Hints are shown, never run: only their size matters. */
export const areHints = (value: unknown): boolean => isObject(value) && fits(value, SCHEMA_LIMIT);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fits(value: unknown, limit: { bytes: number; depth: number }): boolean {
  const { bytes, depth } = sizeOf(value, limit.depth);
  return bytes <= limit.bytes && depth <= limit.depth;
}

/** Every regular expression of a schema, as `pattern` or as a key of `patternProperties`. */
function patternsOf(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(patternsOf);
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === 'pattern' && typeof value === 'string') return [value];
    if (key === 'patternProperties' && isObject(value)) return [...Object.keys(value), ...patternsOf(value)];
    return patternsOf(value);
  });
}

/** A repeated group that repeats inside can take exponential time; such patterns are refused as a whole. */
const isCostly = (pattern: string): boolean =>
  pattern.length > 200 || /[+*}]\??\)[+*{]|\|[^)]*\)[+*{]|\\[1-9]/.test(pattern);
