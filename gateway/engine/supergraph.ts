/** Reads a supergraph: the schema clients see, the query planner, where the subgraphs are, and the static access rules. */
import './telemetry';
import {
  Supergraph as ApolloSupergraph,
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  type Schema,
} from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import {
  type ConstDirectiveNode,
  type GraphQLScalarType,
  type GraphQLSchema,
  isScalarType,
  parse,
  valueFromASTUntyped,
} from 'graphql';
import { nameRequiredFields, type RequiredFields } from './required';

/** What `@authenticated` and `@requiresScopes` say about a type or field. The subgraphs enforce it on every path. */
export interface AccessRule {
  readonly authenticated: boolean;
  /** Any of the inner lists, all of its members; null when no scope is asked for. */
  readonly scopes: readonly (readonly string[])[] | null;
}

export interface Supergraph {
  /** What clients may ask. */
  readonly api: GraphQLSchema;
  /** The same as Apollo's planner wants it, with our names for required fields. */
  readonly plannedApi: Schema;
  /** Everything, with the fields that only joins use. */
  readonly full: GraphQLSchema;
  readonly planner: QueryPlanner;
  readonly required: RequiredFields;
  /** Subgraph → address, as written when it was composed. */
  readonly urls: ReadonlyMap<string, string>;
  /** `Type` or `Type.field` → rule. */
  readonly rules: ReadonlyMap<string, AccessRule>;
}

/**
 * Apollo's gateway refuses every feature that is `for: SECURITY`, because it enforces none. Our subgraphs enforce these
 * two. `@policy` stays refused: nobody here would enforce it.
 */
const FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
]);

/** More options than this for one step of a plan, and the query is refused: without it 50 bytes can block for 30 seconds. */
const PATHS_LIMIT = 100;

/**
 * @param sdl the text of a composed supergraph  @param scalars check the values of the scalars of their names at the edge
 * @throws Error when the text is no supergraph or needs a feature that is not supported
 */
export function readSupergraph(sdl: string, scalars: readonly GraphQLScalarType[] = []): Supergraph {
  const { sdl: planned, required } = nameRequiredFields(sdl);
  const supergraph = ApolloSupergraph.build(planned, { supportedFeatures: FEATURES });
  const plannedApi = supergraph.apiSchema();
  const original = planned === sdl ? supergraph : ApolloSupergraph.build(sdl, { supportedFeatures: FEATURES });
  const api = original.apiSchema().toGraphQLJSSchema();
  for (const scalar of scalars) {
    const known = api.getType(scalar.name);
    if (isScalarType(known)) known.parseValue = scalar.parseValue;
  }
  return {
    api,
    plannedApi,
    required,
    full: supergraph.schema.toGraphQLJSSchema(),
    planner: new QueryPlanner(supergraph, { reuseQueryFragments: false, debug: { pathsLimit: PATHS_LIMIT } }),
    urls: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
    rules: readRules(sdl),
  };
}

function readRules(sdl: string): Map<string, AccessRule> {
  const rules = new Map<string, AccessRule>();
  const add = (name: string, directives: readonly ConstDirectiveNode[] = []) => {
    const authenticated = directives.some(directive => directive.name.value === 'authenticated');
    const scopes = directives
      .find(directive => directive.name.value === 'requiresScopes')
      ?.arguments?.find(argument => argument.name.value === 'scopes');
    if (!authenticated && !scopes) return;
    rules.set(name, { authenticated, scopes: scopes ? (valueFromASTUntyped(scopes.value) as string[][]) : null });
  };
  for (const definition of parse(sdl).definitions) {
    if (definition.kind === 'ObjectTypeDefinition' || definition.kind === 'InterfaceTypeDefinition') {
      add(definition.name.value, definition.directives);
      for (const field of definition.fields ?? [])
        add(`${definition.name.value}.${field.name.value}`, field.directives);
    }
  }
  return rules;
}
