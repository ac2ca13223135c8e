/**
 * A second way to plan. Where a field is required that itself requires something, and its subgraph is being asked
 * already, Apollo's planner asks for it at once, without what it requires; where a key and a requirement are of one
 * field, it sends the key alone. Here the fields that require stand in a
 * subgraph of their own – the same by another name –, so that the planner goes there with what they require. That means
 * more fetches and more ways to weigh: it is for operations that are planned wrongly otherwise.
 */
import {
  type ASTNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  isTypeDefinitionNode,
  Kind,
  parse,
  print,
} from 'graphql';

const MARK = '__detached';

/** @param sdl the text of a supergraph  @returns null when nothing requires something */
export function detachRequiring(sdl: string): string | null {
  const document = parse(sdl, { noLocation: true });
  const uses = new Uses(document);
  if (uses.graphs.size === 0) return null;
  const both = <T extends Directed>(node: T): T => ({
    ...node,
    directives: node.directives?.flatMap(one => (uses.graphs.has(graphOf(one) ?? '') ? [one, copyOf(one)] : [one])),
  });
  const definitions = document.definitions.map(node => {
    if (!isTypeDefinitionNode(node)) return node;
    if (node.kind === Kind.ENUM_TYPE_DEFINITION) {
      const values = node.values ?? [];
      const isGraphs = node.name.value === 'join__Graph';
      return { ...both(node), values: isGraphs ? values.flatMap(one => uses.named(one)) : values.map(both) };
    }
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION) return { ...both(node), fields: node.fields?.map(both) };
    if (!isOwner(node) || uses.roots.has(node.name.value)) return both(node);
    return { ...both(node), fields: node.fields?.map(field => uses.divided(field)) };
  });
  return print({ ...document, definitions } as DocumentNode);
}

/** The subgraph that a planned fetch is really for. */
export const attached = (subgraph: string): string =>
  subgraph.endsWith(MARK) ? subgraph.slice(0, -MARK.length) : subgraph;

interface Directed {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
}

/** What the fields of subgraphs are used for. */
class Uses {
  /** Those with fields that require. */
  readonly graphs = new Set<string>();
  readonly roots: ReadonlySet<string>;
  /** `GRAPH field` that is external for what stays, or for what is detached. */
  private readonly stays = new Set<string>();
  private readonly leaves = new Set<string>();

  constructor(document: DocumentNode) {
    this.roots = new Set(
      document.definitions.flatMap(one =>
        one.kind === Kind.SCHEMA_DEFINITION ? one.operationTypes.map(({ type }) => type.name.value) : [],
      ),
    );
    for (const type of document.definitions.filter(isOwner)) {
      for (const directive of type.directives ?? []) this.use(directive, 'key', this.stays, this.leaves);
      for (const { name, directives = [] } of type.fields ?? []) {
        if (type.kind === Kind.INTERFACE_TYPE_DEFINITION) this.useEverywhere(name.value, type.directives ?? []);
        for (const directive of directives) {
          const isRoot = this.roots.has(type.name.value);
          this.use(directive, 'provides', this.stays, ...(isRoot ? [] : [this.leaves]));
          if (this.use(directive, 'requires', this.leaves).length > 0) this.graphs.add(graphOf(directive)!);
        }
      }
    }
  }

  private use(directive: ConstDirectiveNode, argument: string, ...into: readonly Set<string>[]): readonly string[] {
    const fields = argumentOf(directive, argument);
    const names = fields?.kind === Kind.STRING ? (fields.value.match(/[_A-Za-z]\w*/g) ?? []) : [];
    for (const set of into) for (const name of names) set.add(`${graphOf(directive)} ${name}`);
    return names;
  }

  /** A type may not lack a field of its interface. */
  private useEverywhere(field: string, directives: readonly ConstDirectiveNode[]): void {
    for (const graph of directives.map(graphOf)) {
      this.stays.add(`${graph} ${field}`);
      this.leaves.add(`${graph} ${field}`);
    }
  }

  /** What requires is detached; what is external goes where it is used. */
  divided(field: FieldDefinitionNode): FieldDefinitionNode {
    const directives = field.directives?.flatMap(directive => {
      const graph = graphOf(directive);
      if (graph === undefined || !this.graphs.has(graph)) return [directive];
      if (argumentOf(directive, 'requires')) return [copyOf(directive)];
      const external = argumentOf(directive, 'external');
      const isExternal = external?.kind === Kind.BOOLEAN && external.value;
      const place = `${graph} ${field.name.value}`;
      return [
        ...(!isExternal || this.stays.has(place) ? [directive] : []),
        ...(!isExternal || this.leaves.has(place) ? [copyOf(directive)] : []),
      ];
    });
    return { ...field, directives: directives ?? [] };
  }

  named(graph: EnumValueDefinitionNode): readonly EnumValueDefinitionNode[] {
    if (!this.graphs.has(graph.name.value)) return [graph];
    const directives = graph.directives?.map(directive =>
      withArgument(directive, 'name', value => value.kind === Kind.STRING && { ...value, value: value.value + MARK }),
    );
    return [graph, { ...graph, name: { ...graph.name, value: graph.name.value + MARK }, directives: directives ?? [] }];
  }
}

const copyOf = (directive: ConstDirectiveNode): ConstDirectiveNode =>
  withArgument(directive, 'graph', value => value.kind === Kind.ENUM && { ...value, value: value.value + MARK });

const withArgument = (
  directive: ConstDirectiveNode,
  wanted: string,
  change: (value: ConstValueNode) => ConstValueNode | false,
): ConstDirectiveNode => ({
  ...directive,
  arguments: (directive.arguments ?? []).map(argument => {
    const value = argument.name.value === wanted && change(argument.value);
    return value ? { ...argument, value } : argument;
  }),
});

const isOwner = (node: ASTNode) =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

const argumentOf = ({ arguments: args = [] }: ConstDirectiveNode, wanted: string): ConstValueNode | undefined =>
  args.find(({ name }) => name.value === wanted)?.value;

function graphOf(directive: ConstDirectiveNode): string | undefined {
  const graph = directive.name.value.startsWith('join__') ? argumentOf(directive, 'graph') : undefined;
  return graph?.kind === Kind.ENUM ? graph.value : undefined;
}
