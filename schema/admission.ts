/**
 * What a partner's subgraph may do to the graph. Composition lets a partner take over fields, hide them, narrow inputs and
 * ask for what is personal, so the composed supergraph is read: there every import has its true name. A partner adds
 * types and queries under its own name, and fields to {@link EXTENDABLE}; taken away again, it leaves the graph as it was.
 */
import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  Kind,
  parse,
  print,
  valueFromASTUntyped,
} from 'graphql';
import { PUBLIC } from './contract';

/** What a partner may add fields to, and the key by which it is told which one: the only thing of ours it is sent. */
export const EXTENDABLE: Readonly<Record<string, string>> = {
  Service: 'leikaKey',
  Area: 'ars',
  Authority: 'id',
  OnlineService: 'id',
};

/** Roots that a partner may add to: never one that changes something. */
const ROOTS: ReadonlySet<string> = new Set(['Query', 'Subscription']);
/** Of the features of federation, those that say nothing about how fields are fetched or what they cost. */
const DIRECTIVES = /^(join|link)__|^(link|tag|inaccessible|authenticated|requiresScopes|policy)$/;
const SCALARS_OF_FEATURES = /^(join|link|federation|policy|requiresScopes)__/;
const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

type Field = FieldDefinitionNode | InputValueDefinitionNode;
type Directives = readonly ConstDirectiveNode[] | undefined;

/**
 * @param before the supergraph without the partner  @param after the one with it, composed without errors and hints
 * @param partner the name of its subgraph, such as `holstein`: its types begin with `Holstein`, its fields with `holstein`
 * @returns why it is not admitted, one reason a line; empty when it is
 */
export function reasonsAgainst(before: string, after: string, partner: string): readonly string[] {
  if (!NAME.test(partner)) return [`${partner}: a subgraph is named in small letters, such as holstein.`];
  const [ours, all] = [parse(before, { noLocation: true }), parse(after, { noLocation: true })];
  const known = byName(ours);
  const visit = new Admission(partner, graphOf(all, partner));
  for (const definition of all.definitions) {
    const name = nameOf(definition);
    if (name === null) continue;
    const was = known.get(name);
    if (was) visit.ofOurs(name, was, definition);
    else visit.ofPartner(name, definition);
  }
  const left = byName(all);
  for (const name of known.keys()) if (!left.has(name)) visit.reasons.push(`${name} would be gone.`);
  return visit.reasons;
}

class Admission {
  readonly reasons: string[] = [];
  private readonly types: RegExp;
  private readonly fields: RegExp;

  constructor(
    partner: string,
    private readonly graph: string,
  ) {
    const camel = partner.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    this.fields = new RegExp(`^${camel}[A-Z0-9_]`);
    this.types = new RegExp(`^${camel[0]!.toUpperCase()}${camel.slice(1)}([A-Z0-9_]|$)`);
  }

  ofPartner(name: string, definition: DefinitionNode): void {
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) return void this.reasons.push(`${name}: it brings a directive.`);
    if (!this.types.test(name)) this.reasons.push(`${name}: its types begin with its name.`);
    this.tags(name, directivesOf(definition));
    for (const field of fieldsOf(definition)) this.tags(`${name}.${field.name.value}`, field.directives);
  }

  ofOurs(name: string, was: DefinitionNode, is: DefinitionNode): void {
    this.part(name, is);
    const mine = new Map(fieldsOf(was).map(field => [field.name.value, field]));
    const graphs = joined(is, 'join__type').map(({ graph }) => String(graph));
    const graphsBefore = joined(was, 'join__type').map(({ graph }) => String(graph));
    for (const field of fieldsOf(is)) {
      const place = `${name}.${field.name.value}`;
      const old = mine.get(field.name.value);
      if (old) this.field(place, asText(old, graphsBefore), asText(field, graphs, this.graph), joinsOf(field, graphs));
      else this.newField(place, field);
      mine.delete(field.name.value);
    }
    for (const gone of mine.keys()) this.reasons.push(`${name}.${gone} would be gone.`);
    if (headOf(was) !== headOf(is, this.graph)) this.reasons.push(`${name} is not its own and would be another.`);
  }

  /** How it takes part in a type of ours. */
  private part(name: string, definition: DefinitionNode): void {
    for (const { graph, key, isInterfaceObject } of joined(definition, 'join__type')) {
      if (graph !== this.graph || ROOTS.has(name)) continue;
      const isScalar = definition.kind === Kind.SCALAR_TYPE_DEFINITION;
      if (isScalar || (key !== undefined && key === EXTENDABLE[name] && !isInterfaceObject)) continue;
      const how = EXTENDABLE[name] ? `only @key(fields: "${EXTENDABLE[name]}") is admitted` : 'it is not its own';
      this.reasons.push(`${name}: ${how}.`);
    }
  }

  private field(place: string, was: string, is: string, joins: readonly Record<string, unknown>[]): void {
    const [type, name] = place.split('.') as [string, string];
    if (was !== is) this.reasons.push(`${place} is not its own and would be another.`);
    for (const { graph, external: _, ...more } of joins) {
      if (graph !== this.graph) continue;
      if (EXTENDABLE[type] !== name || Object.keys(more).length > 0)
        this.reasons.push(`${place}: it may not resolve, require or override it.`);
    }
  }

  private newField(place: string, field: Field): void {
    if (!this.fields.test(field.name.value)) this.reasons.push(`${place}: its fields begin with its name.`);
    this.tags(place, field.directives);
  }

  private tags(place: string, directives: Directives): void {
    for (const one of directives ?? [])
      if (one.name.value === 'tag' && argumentsOf(one).name !== PUBLIC)
        this.reasons.push(`${place}: only @tag(name: "${PUBLIC}") is admitted.`);
  }
}

/** A field without the part of a graph; one that says nothing about graphs is that of all graphs of its type. */
function asText(field: Field, graphs: readonly string[], without?: string): string {
  const joins = joinsOf(field, graphs).filter(({ graph }) => graph !== without);
  const others = (field.directives ?? []).filter(({ name }) => name.value !== 'join__field').map(print);
  const { description, name, type } = field;
  const parameters = 'arguments' in field ? (field.arguments ?? []).map(print) : [];
  const value = 'defaultValue' in field && field.defaultValue ? print(field.defaultValue) : null;
  const texts = joins.map(join => JSON.stringify(join)).sort();
  return JSON.stringify([description?.value, name.value, parameters, print(type), value, texts, others.sort()]);
}

function joinsOf(field: Field, graphs: readonly string[]): readonly Record<string, unknown>[] {
  const said = joined(field, 'join__field');
  return said.length > 0 ? said : [...new Set(graphs)].map(graph => ({ graph }));
}

/** Everything of a definition but its fields, without the part of a graph. */
function headOf(definition: DefinitionNode, without?: string): string {
  const isKept = (one: ConstDirectiveNode) => without === undefined || argumentsOf(one).graph !== without;
  const directives = directivesOf(definition).filter(isKept).map(print).sort();
  const values = definition.kind === Kind.ENUM_TYPE_DEFINITION ? (definition.values ?? []).map(print).sort() : [];
  const bare = { ...definition, directives: [], fields: [], values: [] } as unknown as DefinitionNode;
  return JSON.stringify([print(bare), directives, values]);
}

function graphOf({ definitions }: DocumentNode, subgraph: string): string {
  const enums = definitions.filter(one => one.kind === Kind.ENUM_TYPE_DEFINITION);
  const graphs = enums.find(({ name }) => name.value === 'join__Graph');
  const found = graphs?.values?.find(value => joined(value, 'join__graph')[0]?.name === subgraph);
  if (!found) throw new Error(`The supergraph knows no ${subgraph}.`);
  return found.name.value;
}

/** Null for what has none, and for what the features of federation bring along. */
function nameOf(definition: DefinitionNode): string | null {
  if (!('name' in definition) || !definition.name) return null;
  const { value } = definition.name;
  if (definition.kind === Kind.DIRECTIVE_DEFINITION) return DIRECTIVES.test(value) ? null : `@${value}`;
  const hasFields = 'fields' in definition && definition.kind !== Kind.INPUT_OBJECT_TYPE_DEFINITION;
  return SCALARS_OF_FEATURES.test(value) && !hasFields ? null : value;
}

const byName = ({ definitions }: DocumentNode): ReadonlyMap<string, DefinitionNode> =>
  new Map(definitions.flatMap(one => (nameOf(one) === null ? [] : [[nameOf(one)!, one]])));

const directivesOf = (node: object): readonly ConstDirectiveNode[] =>
  (node as { directives?: readonly ConstDirectiveNode[] }).directives ?? [];

const fieldsOf = (definition: DefinitionNode): readonly Field[] =>
  'fields' in definition ? ((definition.fields ?? []) as readonly Field[]) : [];

const joined = (node: object, directive: string): readonly Record<string, unknown>[] =>
  directivesOf(node)
    .filter(({ name }) => name.value === directive)
    .map(argumentsOf);

const argumentsOf = ({ arguments: given = [] }: ConstDirectiveNode): Record<string, unknown> =>
  Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]));
