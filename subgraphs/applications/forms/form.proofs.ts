/**
 * Answers that must be proven facts of the applicant (Vertrauensniveau je Attribut), as the form's schema says beside them:
 * `"x-proven": { "attribute": "dateOfBirth", "trustLevel": "SUBSTANTIAL" }`. Data of the form's version, so a draft keeps
 * the rule it was begun with.
 */
import type { ProblemData } from '../../../kernel/refusal';
import { stricterTrust, TrustLevel, trustGap, trustSuffices } from '../../../kernel/trust';

const KEYWORD = 'x-proven';

export interface Proof {
  /** JSON pointer into the answers. */
  readonly path: string;
  /** The name of the account's attribute, such as `dateOfBirth`. */
  readonly attribute: string;
  /** What names no known level needs the highest. */
  readonly needed: TrustLevel;
}

/** A fact of the account, as identity tells it. */
export interface Proven {
  readonly name: string;
  readonly trustLevel: TrustLevel | null;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keywords whose members are schemas, and those that hold values and no schema. */
const MAPS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'dependentSchemas',
  '$defs',
  'definitions',
]);
const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

interface Rule {
  readonly path: string;
  readonly rule: unknown;
}

/** Also those of a branch (`then`, `allOf`, `$defs` …), which count as if they always applied. */
function rulesIn(schema: unknown, path = ''): Rule[] {
  if (Array.isArray(schema)) return schema.flatMap(branch => rulesIn(branch, path));
  if (!isObject(schema)) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key === KEYWORD) return [{ path, rule: value }];
    if (VALUES.has(key)) return [];
    if (!MAPS.has(key) || !isObject(value)) return rulesIn(value, path);
    return Object.entries(value).flatMap(([name, member]) =>
      rulesIn(member, key === 'properties' ? `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : path),
    );
  });
}

export const proofsIn = (schema: unknown): Proof[] => rulesIn(schema).map(proofOf);

function proofOf({ rule, path }: Rule): Proof {
  const { attribute, trustLevel } = isObject(rule) ? rule : {};
  return {
    path,
    attribute: typeof attribute === 'string' ? attribute : path.slice(path.lastIndexOf('/') + 1),
    needed: stricterTrust(TrustLevel.BASIC, trustLevel as TrustLevel),
  };
}

/** Is a rule of the schema malformed? Such a form is not registered; one that is there asks for the highest level. */
export const hasBadProof = (schema: unknown): boolean => rulesIn(schema).some(({ rule }) => !isRule(rule));

const isRule = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.attribute === 'string' &&
  Object.values(TrustLevel).includes(value.trustLevel as TrustLevel);

/** The rules that the account's facts do not meet; a fact that is missing, or of an unknown level, counts as the lowest. */
export const unmet = (proofs: readonly Proof[], facts: readonly Proven[]): (Proof & { held: TrustLevel | null })[] =>
  proofs
    .map(proof => ({ ...proof, held: facts.find(({ name }) => name === proof.attribute)?.trustLevel ?? null }))
    .filter(({ needed, held }) => held === null || !trustSuffices(held, needed));

export function proofProblems(missing: ReturnType<typeof unmet>): ProblemData[] {
  return missing.map(({ path, attribute, needed, held }) => {
    const { means } = trustGap(held, needed);
    return {
      path,
      code: 'TRUST_TOO_LOW',
      text: {
        de: `„${attribute}“ muss mit dem Vertrauensniveau ${needed} nachgewiesen sein; nachgewiesen ist es ${held ? `mit ${held}` : 'nicht'}. Es wird erreicht mit: ${means}.`,
        en: `“${attribute}” must be proven with the trust level ${needed}; it is ${held ? `proven with ${held}` : 'not proven'}. It is reached with: ${means}.`,
      },
    };
  });
}
