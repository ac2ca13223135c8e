/** A supergraph whose subgraphs are made up, asked through the engine, through Apollo's own gateway, or for the truth. */
import { composeServices } from '@apollo/composition';
import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  isInterfaceType,
  Kind,
  OperationTypeNode,
  parse,
  type SelectionSetNode,
  validate,
} from 'graphql';
import { serviceOf } from '../../kernel/principal';
import { Engine, type LivePlan, type OperationRequest } from '../engine/engine';
import { type SubgraphAnswer, type SubgraphFetch, unavailable } from '../engine/fetch';
import { type Liftable, lift, renameLiftable } from '../engine/lifted';
import { readPlanned } from '../engine/reader';
import { nameRequiredFields } from '../engine/required';
import { Distortion, type Fault } from './distortion';
import { type StockAnswer, StockGateway } from './stock';
import { Answering, type Data, Universe } from './universe';

export interface Scene {
  readonly seed: number;
  readonly faults: ReadonlyMap<string, Fault>;
  /** Values of another shape than the schema says are null instead. */
  readonly mended?: boolean;
}

/** Stock enforces no access rules, so it is compared with what somebody gets to whom nothing is refused. */
const ASKED = { principal: serviceOf('catalogue'), requestId: 'differential', language: 'de' } as const;

export class MadeUpSupergraph {
  readonly stock: StockGateway;
  readonly engine: Engine;
  readonly subgraphs: readonly string[];
  /** Names of fields that identify. */
  readonly keys = new Set<string>();
  /** Whether a field of an interface object requires another one. */
  interfaceObjectsRequire = false;
  /** What a subgraph would have refused to answer the engine; nothing should be. */
  readonly refused: string[] = [];
  private readonly liftable: Liftable;
  private readonly schemas = new Map<string, GraphQLSchema>();
  private readonly requirements = new Map<string, SelectionSetNode>();
  private readonly documents = new Map<string, { document: DocumentNode; wrong: string | undefined }>();
  /** Answers of subgraphs of which something was kept as it came. */
  keptAnswers = 0;
  private fetch: SubgraphFetch = async () => ({ data: null });

  /** @param supergraph composed from the subgraphs, if it is at hand */
  constructor(sdls: Readonly<Record<string, string>>, supergraph?: string) {
    this.subgraphs = Object.keys(sdls);
    const services = Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}`, sdl }));
    const composed = supergraph ?? compose(services);
    for (const { name, sdl } of services) {
      this.schemas.set(name, buildSubgraphSchema(parse(sdl)));
      this.learn(parse(sdl));
    }
    this.liftable = nameRequiredFields(composed).required.liftable;
    this.stock = new StockGateway(composed);
    this.engine = new Engine(composed, (...args) => this.fetch(...args));
  }

  /** Whether Apollo's planner may go in circles: a third subgraph tells of an interface object whose field requires. */
  circles(document: DocumentNode): boolean {
    if (this.subgraphs.length < 3) return false;
    const renamed = renameLiftable({ document, names: new Map() }, this.api, this.liftable).document;
    return lift(renamed, this.api, this.liftable) !== renamed;
  }

  /** Whether any field requires another one. */
  get requires(): boolean {
    return this.requirements.size > 0;
  }

  get api(): GraphQLSchema {
    return this.engine.schema;
  }

  validate(document: DocumentNode): readonly GraphQLError[] {
    return validate(this.api, document);
  }

  /** What is right when every subgraph works. */
  truth(document: DocumentNode, variables: Data, seed: number): Data | null {
    const schema = this.api;
    const requirements = new Map(this.requirements);
    for (const [name, set] of this.requirements) {
      const [owner, field] = name.split('.');
      const type = schema.getType(owner!);
      if (isInterfaceType(type)) {
        for (const one of schema.getPossibleTypes(type)) requirements.set(`${one.name}.${field}`, set);
      }
    }
    const universe = this.universe(seed);
    return Answering.answer({ universe, schema, requirements, knowing: true }, document, variables).data;
  }

  /** @throws Error when stock cannot plan it */
  async stockAnswer(document: DocumentNode, variables: Data, scene: Scene): Promise<StockAnswer> {
    return this.stock.answer(document, variables, this.answering(scene, []));
  }

  /** Of a subscription, the first event. */
  async answer(document: DocumentNode, key: string, variables: Data, scene: Scene): Promise<StockAnswer> {
    this.fetch = this.answering(scene);
    const request = { document, key, operationName: null, variables, asked: ASKED };
    const isLive = getOperationAST(document)?.operation === OperationTypeNode.SUBSCRIPTION;
    const { data, errors } = await (isLive ? this.event(request) : this.engine.execute(request));
    return { ...(data !== undefined && { data }), ...(errors && { errors }) };
  }

  private async event(request: OperationRequest): Promise<ExecutionResult> {
    let live: LivePlan;
    try {
      live = this.engine.live(request);
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [error] };
      throw error;
    }
    return live.join(await this.fetch(live.subgraph, live, ASKED), ASKED);
  }

  private universe(seed: number): Universe {
    return new Universe({ seed, api: this.api, keys: this.keys });
  }

  private answering({ seed, faults, mended = false }: Scene, refused = this.refused): SubgraphFetch {
    const universe = this.universe(seed);
    return async (subgraph, { query, variables, reads = null }): Promise<SubgraphAnswer> => {
      const fault = faults.get(subgraph) ?? 'none';
      if (fault === 'slow') {
        for (let turns = 1 + (query.length % 5); turns > 0; turns--) await new Promise(setImmediate);
      }
      if (fault === 'down') return { data: null, errors: [unavailable(subgraph).toJSON()] };
      if (fault === 'silent') return { data: null };
      const schema = this.schemas.get(subgraph)!;
      const document = this.read(schema, query, refused);
      const distort = new Distortion({ subgraph, fault, seed, keys: this.keys, mended });
      const answerer = { universe, schema, requirements: this.requirements, ...(fault !== 'none' && { distort }) };
      const text = JSON.stringify(Answering.answer(answerer, document, variables));
      const planned = reads && readPlanned(Buffer.from(text), reads);
      if (planned) this.keptAnswers += 1;
      return planned ? { data: planned } : (JSON.parse(text) as SubgraphAnswer);
    };
  }

  private read(schema: GraphQLSchema, query: string, refused: string[]): DocumentNode {
    let known = this.documents.get(query);
    if (!known) {
      const document = parse(query, { noLocation: true });
      known = { document, wrong: validate(schema, document)[0]?.message };
      this.documents.set(query, known);
    }
    if (known.wrong) refused.push(`${known.wrong} ${query}`);
    return known.document;
  }

  private learn({ definitions }: DocumentNode): void {
    for (const type of definitions) {
      if (type.kind !== Kind.OBJECT_TYPE_DEFINITION && type.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
      for (const owner of [type, ...(type.fields ?? [])]) {
        for (const { name, arguments: args = [] } of owner.directives ?? []) {
          const fields = args.find(one => one.name.value === 'fields')?.value;
          if (fields?.kind !== Kind.STRING) continue;
          if (name.value === 'key') for (const [key] of fields.value.matchAll(/\w+/g)) this.keys.add(key);
          const set = parse(`{${fields.value}}`).definitions[0];
          if (name.value === 'requires' && set?.kind === Kind.OPERATION_DEFINITION) {
            this.requirements.set(`${type.name.value}.${owner.name.value}`, set.selectionSet);
            if (type.directives?.some(one => one.name.value === 'interfaceObject')) this.interfaceObjectsRequire = true;
          }
        }
      }
    }
  }
}

/** Without the kernel's refusal of hints: these supergraphs do on purpose what hints warn of. */
function compose(services: readonly { name: string; url: string; sdl: string }[]): string {
  const { supergraphSdl, errors = [] } = composeServices(services.map(one => ({ ...one, typeDefs: parse(one.sdl) })));
  if (!supergraphSdl) throw new Error(errors.map(String).join('\n'));
  return supergraphSdl;
}
