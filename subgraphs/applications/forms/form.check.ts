/** Checks answers against a form's JSON Schema (2020-12), and schemas against what we let a form do. */
import type { ErrorObject, ValidateFunction } from 'ajv';
import Ajv2020 from 'ajv/dist/2020';
import addFormats, { type FormatName } from 'ajv-formats';
import { fullFormats } from 'ajv-formats/dist/formats';
import { canonicalJson } from '../../../kernel/chain';
import type { Text } from '../../../kernel/language';
import type { ProblemData } from '../../../kernel/refusal';
import { isMultiple } from './form.decimal';
import { beginPatterns, linearPattern, PatternsTooCostly } from './form.pattern';
import { hasBadProof } from './form.proofs';
import { hasEndlessReference, schemasIn, takesMoreThan, targetOf } from './form.walk';
import { sizeOf } from './json.size';

const MOST_PROBLEMS = 50;
const SCHEMA_LIMIT = { bytes: 64 * 1024, depth: 24 };
const ANSWERS_LIMIT = { bytes: 128 * 1024, depth: 16 };
const MOST_COMPILED = 200;
/** How many schemas one check may apply, so that neither its time nor the list of problems grows without end. */
const MOST_STEPS = 200_000;
/** Some formats are slow on long texts, and none of them means a long one. */
const LONGEST_FORMATTED = 1_000;

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

const TOO_LARGE = {
  code: 'TOO_LARGE',
  de: 'Die Angaben sind zu umfangreich, um sie zu prüfen.',
  en: 'The answers are too extensive to be checked.',
};

/** Those that are really checked; ajv-formats lets everything pass as `password` or `binary`. */
const FORMATS = (Object.keys(fullFormats) as FormatName[]).filter(name => fullFormats[name] !== true);

function compiler(): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: false,
    strictNumbers: true,
    validateFormats: true,
    addUsedSchema: false,
    inlineRefs: false,
    logger: false,
    code: { regExp: Object.assign(linearPattern, { code: 'linearPattern' }) },
  });
  addFormats(ajv, FORMATS);
  for (const name of FORMATS) {
    const format = ajv.formats[name];
    const check = format instanceof RegExp ? (text: string) => format.test(text) : format;
    if (typeof check === 'function') {
      ajv.addFormat(name, text => text.length <= LONGEST_FORMATTED && (check as (text: string) => boolean)(text));
    }
  }
  ajv.removeKeyword('multipleOf').addKeyword({
    keyword: 'multipleOf',
    type: 'number',
    schemaType: 'number',
    validate: (of: number, value: number) => isMultiple(value, of),
  });
  // ajv compares each with each
  ajv.removeKeyword('uniqueItems').addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    validate: (unique: boolean, items: unknown[]) => !unique || new Set(items.map(canonicalJson)).size === items.length,
  });
  return ajv;
}

interface Check {
  readonly validate: ValidateFunction;
  readonly schemas: ReturnType<typeof schemasIn>;
}

/** Compiled checks by the form's hash, the newest kept. */
const compiled = new Map<string, Check>();

function checkOf(form: { hash: string; schema: Record<string, unknown> }): Check {
  const known = compiled.get(form.hash);
  if (known) return known;
  const made = { validate: compiler().compile(form.schema), schemas: schemasIn(form.schema) };
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value!);
  compiled.set(form.hash, made);
  return made;
}

/** @returns what is wrong with the answers, at most 50, each with a JSON pointer into them. */
export function formProblems(
  form: { hash: string; schema: Record<string, unknown> },
  answers: Record<string, unknown>,
): ProblemData[] {
  const { validate, schemas } = checkOf(form);
  if (takesMoreThan(MOST_STEPS, form.schema, schemas, answers)) return [tooLarge];
  try {
    beginPatterns();
    if (validate(answers)) return [];
  } catch (error) {
    if (error instanceof PatternsTooCostly) return [tooLarge];
    throw error;
  }
  const found = new Map<string, ProblemData>();
  for (const error of (validate.errors ?? []).filter(isOfAField)) {
    const path = pathOf(error);
    const { code, de, en } = texts[error.keyword] ?? OTHER;
    if (!found.has(path)) found.set(path, { path, code, text: { de, en } });
  }
  return [...found.values()].slice(0, MOST_PROBLEMS);
}

const tooLarge: ProblemData = { path: '', code: TOO_LARGE.code, text: { de: TOO_LARGE.de, en: TOO_LARGE.en } };

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

/** Why a schema cannot be used. */
export const SCHEMA_PROBLEMS = {
  type: { de: 'Es beschreibt kein Objekt.', en: 'It describes no object.' },
  size: { de: 'Es ist zu groß oder zu tief.', en: 'It is too large or too deep.' },
  reference: {
    de: 'Ein Verweis ($ref, $dynamicRef, $id) führt hinaus, ins Leere oder im Kreis.',
    en: 'A reference ($ref, $dynamicRef, $id) leads out of it, nowhere, or around in circles.',
  },
  format: { de: 'Ein Format wird hier nicht geprüft.', en: 'A format is not checked here.' },
  pattern: {
    de: 'Ein Muster ist kein regulärer Ausdruck, den wir ausführen (RE2: ohne Vorausschau und Rückbezug).',
    en: 'A pattern is no regular expression that we run (RE2: without look-around and back references).',
  },
  'x-proven': { de: 'Eine Regel x-proven ist fehlerhaft.', en: 'A rule x-proven is malformed.' },
  schema: { de: 'Es ist kein gültiges JSON-Schema (2020-12).', en: 'It is no valid JSON Schema (2020-12).' },
} satisfies Record<string, Text>;

/** @returns why a schema cannot be used, or null. */
export function schemaProblem(schema: unknown): keyof typeof SCHEMA_PROBLEMS | null {
  if (!isObject(schema) || schema.type !== 'object') return 'type';
  if (!fits(schema, SCHEMA_LIMIT)) return 'size';
  const schemas = schemasIn(schema);
  for (const [pointer, one] of schemas) {
    const { $ref, format, pattern, patternProperties, multipleOf } = one;
    if ('$async' in one) return 'schema'; // its check would promise an answer, which counts as a good one
    if (typeof multipleOf === 'number' && !Number.isFinite(multipleOf)) return 'schema';
    if ($ref !== undefined && !targetOf(schemas, $ref)) return 'reference';
    if (MOVING.some(key => key in one) || ('$id' in one && pointer !== '')) return 'reference';
    if (typeof format === 'string' && !FORMATS.includes(format as FormatName)) return 'format';
    const patterns = [...(typeof pattern === 'string' ? [pattern] : []), ...Object.keys(patternProperties ?? {})];
    if (!patterns.every(isLinear)) return 'pattern';
  }
  if (hasEndlessReference(schemas)) return 'reference';
  if (hasBadProof(schema)) return 'x-proven';
  try {
    compiler().compile(schema);
    return null;
  } catch {
    return 'schema';
  }
}

/** References whose target only the check itself would find. */
const MOVING = ['$dynamicRef', '$recursiveRef', '$anchor', '$dynamicAnchor'];

/** Hints are shown, never run: only their size matters. */
export const areHints = (value: unknown): boolean => isObject(value) && fits(value, SCHEMA_LIMIT);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function fits(value: unknown, limit: { bytes: number; depth: number }): boolean {
  const { bytes, depth } = sizeOf(value, limit.depth);
  return bytes <= limit.bytes && depth <= limit.depth;
}

function isLinear(pattern: string): boolean {
  try {
    linearPattern(pattern);
    return true;
  } catch {
    return false;
  }
}
