/**
 * `@requires` with arguments, such as `@requires(fields: "price(currency: EUR)")`. Apollo's planner keeps one field for
 * each response name of an object and drops the others silently, so that two required prices, or a required one and the
 * client's own, become one – and an answer wrong. Here each required field with arguments gets a name of its own in the
 * supergraph that is planned with, and its real name and arguments back in what is fetched.
 */
import {
  type ArgumentNode,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionSetNode,
  type TypeNode,
  visit,
} from 'graphql';

export interface RequiredField {
  readonly type: string;
  /** Its name in the subgraphs. */
  readonly field: string;
  readonly args: readonly ArgumentNode[];
}

export interface RequiredFields {
  /** Name that is planned with → the field meant. */
  readonly fields: ReadonlyMap<string, RequiredField>;
  /** The names that a field of a subgraph requires. */
  usedBy(subgraph: string, type: string, field: string): readonly string[];
  /** True when no field of the supergraph requires anything. */
  readonly isEmpty: boolean;
  /** The fields of the same object that a field of a subgraph requires, under the names they are planned with. */
  requirementsOf(subgraph: string, type: string, field: string): readonly string[];
  /** All that it requires, as it is planned with. */
  requirementOf(subgraph: string, type: string, field: string): SelectionSetNode | null;
  /** Whether a subgraph has a field only from others. */
  isExternal(subgraph: string, type: string, field: string): boolean;
  /** Whether a subgraph knows objects by a field of that name. */
  isKey(subgraph: string, name: string): boolean;
  /** What a subgraph says that it provides itself below a field, for each type that has the field. */
  providedBy(subgraph: string, type: string, field: string): readonly SelectionSetNode[];
  /** Interface → its fields that an interface object has and that require something. */
  readonly liftable: ReadonlyMap<string, ReadonlySet<string>>;
  /** The text of a planned fetch as its subgraph understands it. */
  restore(operation: string): string;
  /** Names in keys and requirements: an alias of a client that equals one would be taken for it. */
  readonly joined: ReadonlySet<string>;
}

const MARK = '__required';

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** @returns the text to plan with, and how to read the plan, but for what the planner itself knows of subgraphs */
export function nameRequiredFields(sdl: string): {
  readonly sdl: string;
  readonly required: Omit<RequiredFields, 'isExternal'>;
} {
  const document = parse(sdl);
  const joined = new Set<string>();
  for (const set of fieldSets(document)) for (const [name] of set.matchAll(/[_A-Za-z]\w*/g)) joined.add(name);
  const naming = new Naming(document);
  const named = naming.run();
  const { fields } = naming;
  return {
    sdl: fields.size === 0 ? sdl : print(named),
    required: {
      fields,
      joined,
      isEmpty: naming.required.size === 0,
      liftable: naming.liftable,
      usedBy: (...place) => naming.usedBy(...place),
      requirementsOf: (subgraph, type, field) => naming.required.get(`${subgraph} ${type}.${field}`)?.top ?? [],
      requirementOf: (subgraph, type, field) => naming.required.get(`${subgraph} ${type}.${field}`)?.all ?? null,
      isKey: (subgraph, name) => naming.keys.has(`${subgraph} ${name}`),
      providedBy: (...place) => naming.providedBy(...place),
      restore: operation => (fields.size === 0 ? operation : restore(operation, fields)),
    },
  };
}

function* fieldSets(document: DocumentNode): Iterable<string> {
  for (const definition of document.definitions) {
    if (!isComposite(definition)) continue;
    const owners = [definition, ...(definition.fields ?? [])];
    for (const { directives = [] } of owners) {
      for (const { arguments: args = [] } of directives) {
        for (const { name, value } of args) {
          if (['key', 'requires', 'provides'].includes(name.value) && value.kind === Kind.STRING) yield value.value;
        }
      }
    }
  }
}

/** A field that a type gets for planning. */
interface Added {
  readonly name: string;
  /** The one it stands for. */
  readonly field: string;
  /** Who requires it. */
  readonly graphs: Set<string>;
}

/** What a field of a subgraph requires. */
interface Required {
  /** Names of ours. */
  readonly names: readonly string[];
  /** Of its own object. */
  readonly top: readonly string[];
  readonly all: SelectionSetNode;
}

class Naming {
  readonly fields = new Map<string, RequiredField>();
  private readonly types = new Map<string, Composite>();
  /** `Type.field(arguments)` → what stands for it. */
  private readonly known = new Map<string, Added>();
  /** Graph as the supergraph calls it → subgraph. */
  private readonly subgraphs = new Map<string, string>();
  /** `subgraph Type.field` → what it requires. */
  readonly required = new Map<string, Required>();
  /** `subgraph field` that is in a key. */
  readonly keys = new Set<string>();
  /** `subgraph Type.field` → what is provided below it. */
  private readonly provided = new Map<string, SelectionSetNode>();
  /** Interface → its fields of interface objects that require something. */
  readonly liftable = new Map<string, Set<string>>();
  /** Type → the fields it gets. */
  private readonly added = new Map<string, Added[]>();

  constructor(private readonly document: DocumentNode) {
    for (const definition of document.definitions) {
      if (isComposite(definition)) this.types.set(definition.name.value, definition);
      if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
        for (const { name, directives } of definition.values ?? []) {
          const subgraph = directives?.[0]?.arguments?.find(argument => argument.name.value === 'name')?.value;
          if (subgraph?.kind === Kind.STRING) this.subgraphs.set(name.value, subgraph.value);
        }
      }
    }
  }

  private learnKeys({ directives = [] }: Composite): void {
    for (const { name, arguments: args = [] } of directives) {
      if (name.value !== 'join__type') continue;
      const value = (wanted: string) => args.find(one => one.name.value === wanted)?.value;
      const [graph, key] = [value('graph'), value('key')];
      if (graph?.kind !== Kind.ENUM || key?.kind !== Kind.STRING) continue;
      for (const field of topFields(key.value)) this.keys.add(`${this.subgraphs.get(graph.value)} ${field}`);
    }
  }

  usedBy(subgraph: string, type: string, field: string): readonly string[] {
    return this.required.get(`${subgraph} ${type}.${field}`)?.names ?? [];
  }

  providedBy(subgraph: string, type: string, field: string): readonly SelectionSetNode[] {
    return [type, ...this.implementations(type)].flatMap(one => this.provided.get(`${subgraph} ${one}.${field}`) ?? []);
  }

  run(): DocumentNode {
    for (const type of this.types.values()) this.learnKeys(type);
    const named = this.document.definitions.map(type =>
      isComposite(type) ? { ...type, fields: type.fields?.map(field => this.requirementsOf(type, field)) ?? [] } : type,
    );
    return { ...this.document, definitions: named.map(type => (isComposite(type) ? this.withAdded(type) : type)) };
  }

  private requirementsOf(type: Composite, field: FieldDefinitionNode): FieldDefinitionNode {
    const directives = field.directives?.map(directive => {
      const graph = graphOf(directive);
      if (graph === undefined) return directive;
      const args = directive.arguments?.map(argument => {
        if (argument.value.kind !== Kind.STRING) return argument;
        if (argument.name.value === 'provides') {
          const place = `${this.subgraphs.get(graph)} ${type.name.value}.${field.name.value}`;
          this.provided.set(place, selectionsOf(argument.value.value));
        }
        if (argument.name.value !== 'requires') return argument;
        const value = this.requirement(type.name.value, argument.value.value, graph);
        const names = [...this.fields.keys()].filter(name => new RegExp(`\\b${name}\\b`).test(value));
        const place = `${this.subgraphs.get(graph)} ${type.name.value}.${field.name.value}`;
        this.required.set(place, { names, top: topFields(value), all: selectionsOf(value) });
        if (isInterfaceObject(type, graph))
          this.liftable.set(type.name.value, (this.liftable.get(type.name.value) ?? new Set()).add(field.name.value));
        return { ...argument, value: { ...argument.value, value } };
      });
      return { ...directive, arguments: args ?? [] };
    });
    return { ...field, directives: directives ?? [] };
  }

  private requirement(type: string, fields: string, graph: string): string {
    return print(this.selections(type, selectionsOf(fields), graph)).slice(1, -1);
  }

  private selections(type: string, set: SelectionSetNode, graph: string): SelectionSetNode {
    const selections = set.selections.map(selection => {
      if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const inner = this.selections(selection.typeCondition?.name.value ?? type, selection.selectionSet, graph);
        return { ...selection, selectionSet: inner };
      }
      const definition = this.types.get(type)?.fields?.find(one => one.name.value === selection.name.value);
      if (!definition) return selection;
      const selectionSet =
        selection.selectionSet && this.selections(namedType(definition.type), selection.selectionSet, graph);
      const below: FieldNode = { ...selection, ...(selectionSet && { selectionSet }) };
      if (!definition.arguments?.length) return below;
      return { ...below, name: nameNode(this.nameOf(type, selection, graph)), arguments: [] };
    });
    return { ...set, selections };
  }

  private nameOf(type: string, { name: { value: field }, arguments: args = [] }: FieldNode, graph: string): string {
    const sorted = [...args].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));
    const key = `${type}.${field}(${sorted.map(print).join()})`;
    let added = this.known.get(key);
    if (!added) {
      added = { name: `${field}${MARK}${this.known.size}`, field, graphs: new Set() };
      this.known.set(key, added);
      this.fields.set(added.name, { type, field, args });
      for (const owner of [type, ...this.implementations(type)]) {
        this.added.set(owner, [...(this.added.get(owner) ?? []), added]);
      }
    }
    added.graphs.add(graph);
    return added.name;
  }

  private withAdded(type: Composite): Composite {
    const added = this.added.get(type.name.value);
    if (!added) return type;
    const replaced = new Set(added.map(({ field }) => field));
    const interfaces = type.interfaces?.map(({ name }) => this.types.get(name.value)) ?? [];
    const fields = (type.fields ?? []).flatMap(field => {
      const copies = added
        .filter(one => one.field === field.name.value)
        .map(({ name, graphs }) => ({
          ...field,
          name: nameNode(name),
          arguments: [],
          directives: field.directives?.filter(one => !isExternal(one) || graphs.has(graphOf(one)!)) ?? [],
        }));
      const implemented = interfaces.some(one => one?.fields?.some(({ name }) => name.value === field.name.value));
      if (!replaced.has(field.name.value) || implemented) return [field, ...copies];
      // only what is required may be external, and that has got another name
      const directives = field.directives?.filter(one => !isExternal(one)) ?? [];
      return [{ ...field, directives }, ...copies];
    });
    return { ...type, fields };
  }

  private implementations(type: string): string[] {
    if (this.types.get(type)?.kind !== Kind.INTERFACE_TYPE_DEFINITION) return [];
    return [...this.types.values()]
      .filter(one => one.interfaces?.some(({ name }) => name.value === type))
      .map(one => one.name.value);
  }
}

const topFields = (fields: string): readonly string[] =>
  selectionsOf(fields).selections.flatMap(one => (one.kind === Kind.FIELD ? [one.name.value] : []));

const selectionsOf = (fields: string): SelectionSetNode =>
  (parse(`{${fields}}`, { noLocation: true }).definitions[0] as OperationDefinitionNode).selectionSet;

/** The subgraph that a `@join__field` is about; undefined for other directives. */
function graphOf({ name, arguments: args = [] }: ConstDirectiveNode): string | undefined {
  if (name.value !== 'join__field') return undefined;
  const graph = args.find(argument => argument.name.value === 'graph')?.value;
  return graph?.kind === Kind.ENUM ? graph.value : undefined;
}

const isInterfaceObject = ({ directives = [] }: Composite, graph: string): boolean =>
  directives.some(({ name, arguments: args = [] }) => {
    const is = (name: string, kind: Kind, wanted: unknown) =>
      args.some(
        ({ name: { value: known }, value }) =>
          known === name && value.kind === kind && 'value' in value && value.value === wanted,
      );
    return name.value === 'join__type' && is('graph', Kind.ENUM, graph) && is('isInterfaceObject', Kind.BOOLEAN, true);
  });

const isExternal = (directive: ConstDirectiveNode): boolean =>
  graphOf(directive) !== undefined &&
  directive.arguments?.some(
    ({ name, value }) => name.value === 'external' && value.kind === Kind.BOOLEAN && value.value,
  ) === true;

function restore(operation: string, fields: ReadonlyMap<string, RequiredField>): string {
  if (!operation.includes(MARK)) return operation;
  const document = visit(parse(operation, { noLocation: true }), {
    Field: {
      leave(node) {
        const meant = fields.get(node.name.value);
        if (!meant) return undefined;
        return {
          ...node,
          alias: node.alias ?? node.name,
          name: nameNode(meant.field),
          arguments: [...meant.args],
        };
      },
    },
  });
  return print(document);
}

const isComposite = (node: { readonly kind: string }): node is Composite =>
  node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;

const nameNode = (value: string) => ({ kind: Kind.NAME, value }) as const;

const namedType = (type: TypeNode): string => (type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type));
