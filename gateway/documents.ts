/** Documents that clients send: parsing and validation with the gateway's own rules, the same for HTTP and sockets. */
import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { SCALARS } from '../kernel/graph/scalars';
import { conditionalSubscription, isTooLong, LIMITS, limitsRule, MAX_ERRORS, tooComplex, tooManyAlike } from './limits';
import { literalsRule } from './literals.rule';

export const PARSE_OPTIONS = { maxTokens: LIMITS.tokens } as const;
export const VALIDATION_OPTIONS = { maxErrors: MAX_ERRORS } as const;

/** What holds here beyond the rules of GraphQL itself. */
export const OWN_RULES: readonly ValidationRule[] = [limitsRule, literalsRule(SCALARS)];

/** The name under which the plan of a text is kept. */
export const keyOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** @throws GraphQLError for a text that does not parse or is too long */
export function readDocument(text: string): DocumentNode {
  try {
    return parse(text, PARSE_OPTIONS);
  } catch (error) {
    throw isTooLong(error as GraphQLError) ? tooComplex('tokens') : error;
  }
}

/** @param introspection whether the schema may be read */
export function checkDocument(
  schema: GraphQLSchema,
  document: DocumentNode,
  introspection: boolean,
): readonly GraphQLError[] {
  const broken = conditionalSubscription(document) ?? tooManyAlike(document);
  if (broken) return [broken];
  const rules = [...OWN_RULES, ...specifiedRules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])];
  return validate(schema, document, rules, VALIDATION_OPTIONS);
}
