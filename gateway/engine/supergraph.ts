/** Reads a supergraph: the schema clients see, the query planner, where the subgraphs are, and who may read what. */
import './telemetry';
import {
  Supergraph as ApolloSupergraph,
  DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  type Schema,
  type Subgraphs,
} from '@apollo/federation-internals';
import { QueryPlanner } from '@apollo/query-planner';
import { type GraphQLScalarType, type GraphQLSchema, isAbstractType, isScalarType, parse } from 'graphql';
import { describeRules, readRules } from '../../schema/access';
import { Access } from './access';
import { detachRequiring } from './detached';
import { type Directives, unlinkDirectives } from './directives';
import { resolvableKeysFirst } from './keys';
import { nameRequiredFields, type RequiredFields } from './required';

export interface Planner {
  readonly planner: QueryPlanner;
  /** What clients may ask, as Apollo's planner wants it, with our names for required fields. */
  readonly plannedApi: Schema;
}

export interface Supergraph extends Planner {
  /** What clients may ask. */
  readonly api: GraphQLSchema;
  /** Everything, with the fields that only joins use. */
  readonly full: GraphQLSchema;
  /** The names of its interfaces and unions. */
  readonly abstract: ReadonlySet<string>;
  /** For what is planned wrongly otherwise: with what requires in subgraphs of its own; null when that cannot be. */
  readonly detached: () => Planner | null;
  readonly required: RequiredFields;
  readonly directives: Directives;
  /** Subgraph → address, as written when it was composed. */
  readonly urls: ReadonlyMap<string, string>;
  /** Who may read what at all. */
  readonly access: Access;
}

/** Apollo's gateway refuses every feature that is `for: SECURITY`, because it enforces none. The engine enforces these. */
const FEATURES = new Set([
  ...DEFAULT_SUPPORTED_SUPERGRAPH_FEATURES,
  'https://specs.apollo.dev/authenticated/v0.1',
  'https://specs.apollo.dev/requiresScopes/v0.1',
  'https://specs.apollo.dev/policy/v0.1',
]);

/** More options than this for one step of a plan, and the query is refused: without it 50 bytes can block for 30 seconds. */
const PATHS_LIMIT = 100;
/** Whole plans that are weighed against each other; beyond, the planner leaves options out. */
const PLANS_LIMIT = 100;

/**
 * @param composed the text of a supergraph  @param scalars check the values of the scalars of their names at the edge
 * @throws Error when the text is no supergraph or needs a feature that is not supported
 */
export function readSupergraph(composed: string, scalars: readonly GraphQLScalarType[] = []): Supergraph {
  const { sdl, directives } = unlinkDirectives(composed);
  const { sdl: named, required } = nameRequiredFields(sdl);
  const planned = resolvableKeysFirst(named);
  const supergraph = ApolloSupergraph.build(planned, { supportedFeatures: FEATURES });
  const original = named === sdl ? supergraph : ApolloSupergraph.build(sdl, { supportedFeatures: FEATURES });
  const api = original.apiSchema().toGraphQLJSSchema();
  for (const scalar of scalars) {
    const known = api.getType(scalar.name);
    if (isScalarType(known)) known.parseValue = scalar.parseValue;
  }
  const full = supergraph.schema.toGraphQLJSSchema();
  const rules = readRules(parse(sdl));
  describeRules(api, rules);
  return {
    ...plannerOf(supergraph),
    detached: once(() => detachedPlanner(planned)),
    api,
    required: { ...required, isExternal: externalsOf(supergraph.subgraphs()) },
    directives,
    full,
    abstract: new Set(
      Object.values(full.getTypeMap())
        .filter(isAbstractType)
        .map(({ name }) => name),
    ),
    urls: new Map(supergraph.subgraphsMetadata().map(({ name, url }) => [name, url])),
    access: new Access(api, rules),
  };
}

const plannerOf = (supergraph: ApolloSupergraph): Planner => ({
  planner: new QueryPlanner(supergraph, {
    reuseQueryFragments: false,
    debug: { pathsLimit: PATHS_LIMIT, maxEvaluatedPlans: PLANS_LIMIT },
  }),
  plannedApi: supergraph.apiSchema(),
});

/** @returns null when it is not needed, or cannot be: then what needs it is refused */
function detachedPlanner(sdl: string): Planner | null {
  const detached = detachRequiring(sdl);
  if (detached === null) return null;
  try {
    return plannerOf(ApolloSupergraph.build(detached, { supportedFeatures: FEATURES }));
  } catch {
    return null; // what can be read without must be served
  }
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Whether a subgraph says of a field of its own objects that it is external. */
const externalsOf =
  (subgraphs: Subgraphs): RequiredFields['isExternal'] =>
  (subgraph, type, field) => {
    const known = subgraphs.get(subgraph);
    const owner = known?.schema.type(type);
    const definition = owner?.kind === 'ObjectType' ? owner.field(field) : undefined;
    return known !== undefined && definition !== undefined && known.metadata().isFieldExternal(definition);
  };
