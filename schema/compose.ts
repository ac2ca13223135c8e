/** Composes the subgraphs to the supergraph and prints the schemas that clients see. */
import { composeServices } from '@apollo/composition';
import { Supergraph } from '@apollo/federation-internals';
import { parse, printSchema } from 'graphql';
import { describeRules, readRules } from './access';
import { contractOf, PUBLIC } from './contract';

export interface SubgraphSdl {
  readonly name: string;
  /** Where the subgraph answers; written into the supergraph and used by `--plain` only. */
  readonly url: string;
  readonly sdl: string;
}

export interface Composed {
  /** What the gateway plans with. */
  readonly supergraph: string;
  /** What clients see, with descriptions and without federation's own words. */
  readonly api: string;
  /** The part of it with the tag {@link PUBLIC}, for clients without sign-in; null when nothing has the tag. */
  readonly publicApi: string | null;
}

/** @throws Error with every error and every hint, one a line; a hint is a failure, because it is a mistake not made yet. */
export function compose(subgraphs: readonly SubgraphSdl[]): Composed {
  const services = subgraphs.map(({ name, url, sdl }) => ({ name, url, typeDefs: parse(sdl) }));
  const result = composeServices(services);
  const problems = [
    ...(result.errors ?? []).map(error => `error ${String(error.extensions?.code ?? '')}: ${error.message}`),
    ...(result.hints ?? []).map(hint => `hint ${hint.definition.code}: ${hint.message}`),
  ];
  if (problems.length > 0 || result.supergraphSdl === undefined) {
    throw new Error(`The subgraphs do not compose:\n${problems.join('\n')}`);
  }
  return { supergraph: result.supergraphSdl, ...apisOf(result.supergraphSdl) };
}

/** The client-facing schemas of a supergraph, as texts. */
function apisOf(supergraphSdl: string): Pick<Composed, 'api' | 'publicApi'> {
  const document = parse(supergraphSdl);
  const api = Supergraph.build(supergraphSdl, { supportedFeatures: null }).schema.toAPISchema().toGraphQLJSSchema();
  describeRules(api, readRules(document));
  const contract = contractOf(document, api, PUBLIC);
  return { api: `${printSchema(api)}\n`, publicApi: contract && `${printSchema(contract)}\n` };
}
