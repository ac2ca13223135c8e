/** How large an operation may be, checked before it is planned; what is larger is refused with QUERY_TOO_COMPLEX. */
import {
  type ASTNode,
  type ASTVisitor,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql';
import { graphError } from '../kernel/errors';

export const LIMITS = {
  /** Levels of selections; introspection is counted from `__schema` or `__type` on, with the same cap. */
  depth: 15,
  /** Fields with another name, `__typename` included; fragments are counted each time they are spread. */
  aliases: 30,
  rootFields: 20,
  /** Fields in all, fragments spread; what the tokens allow grows without bound when fragments spread fragments. */
  fields: 2000,
  /** Fields that become one of the answer: validation compares each with each, and all that is beneath them. */
  alike: 100,
  /** Directives at one place. */
  directives: 8,
  /** Tokens of the text, checked while parsing. */
  tokens: 2000,
} as const;

/** Errors of one document that are told. */
export const MAX_ERRORS = 5;

type Limit = keyof typeof LIMITS;

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly fields: number;
}

export function limitsRule(context: ValidationContext): ASTVisitor {
  const reported = new Set<Limit>();
  const check = (limit: Limit, found: number, node: ASTNode) => {
    if (found <= LIMITS[limit] || reported.has(limit)) return;
    reported.add(limit);
    context.reportError(tooComplex(limit, node));
  };
  const places = (node: ASTNode & { readonly directives?: readonly DirectiveNode[] }) =>
    check('directives', node.directives?.length ?? 0, node);
  return {
    OperationDefinition(operation) {
      const fragments = new Measure(name => context.getFragment(name));
      const size = fragments.sizeOf(operation.selectionSet);
      check('depth', size.depth, operation);
      check('aliases', size.aliases, operation);
      check('fields', size.fields, operation);
      check('rootFields', fragments.countFields(operation.selectionSet), operation);
      places(operation);
    },
    Field: places,
    FragmentSpread: places,
    InlineFragment: places,
    FragmentDefinition: places,
    VariableDefinition: places,
  };
}

/**
 * `@skip` and `@include` on the root of a subscription would decide whether there is a stream at all; with a variable
 * the planner breaks on it, and so does the validation of graphql-js: check this before.
 */
export function conditionalSubscription(document: DocumentNode): GraphQLError | null {
  const fragments = new Map<string, SelectionSetNode>();
  for (const one of document.definitions) {
    if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one.selectionSet);
  }
  for (const one of document.definitions) {
    if (one.kind !== 'OperationDefinition' || one.operation !== 'subscription') continue;
    const nodes = findConditional(fragments, one.selectionSet, new Set());
    if (!nodes) continue;
    return new GraphQLError('@skip and @include are not allowed on the root field of a subscription.', {
      nodes,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  }
  return null;
}

/** Says before validation what would make it long. */
export function tooManyAlike({ definitions }: DocumentNode): GraphQLError | null {
  const fragments = new Map(
    definitions.flatMap(one => (one.kind === 'FragmentDefinition' ? [[one.name.value, one]] : [])),
  );
  const measure = new Measure(name => fragments.get(name));
  const below = new Alike(name => fragments.get(name)?.selectionSet);
  for (const one of definitions) {
    if (one.kind !== 'OperationDefinition' && one.kind !== 'FragmentDefinition') continue;
    const { depth, fields } = measure.sizeOf(one.selectionSet);
    if (fields > LIMITS.fields) return tooComplex(depth > LIMITS.depth ? 'depth' : 'fields', one);
    if (below.isTooMany([one.selectionSet])) return tooComplex('alike', one);
  }
  return null;
}

/** Goes through selections as an answer puts them together. */
class Alike {
  constructor(private readonly fragment: (name: string) => SelectionSetNode | undefined) {}

  isTooMany(sets: readonly SelectionSetNode[]): boolean {
    const fields = new Map<string, FieldNode[]>();
    for (const set of sets) this.collect(set, fields, []);
    return [...fields.values()].some(
      alike => alike.length > LIMITS.alike || this.isTooMany(alike.flatMap(({ selectionSet }) => selectionSet ?? [])),
    );
  }

  /** @param within names of fragments that are being gone through: a cycle ends here */
  private collect({ selections }: SelectionSetNode, into: Map<string, FieldNode[]>, within: readonly string[]): void {
    for (const one of selections) {
      if (one.kind === 'Field') {
        const key = (one.alias ?? one.name).value;
        const alike = into.get(key);
        if (alike) alike.push(one);
        else into.set(key, [one]);
      } else if (one.kind === 'InlineFragment') {
        this.collect(one.selectionSet, into, within);
      } else if (!within.includes(one.name.value)) {
        const set = this.fragment(one.name.value);
        if (set) this.collect(set, into, [...within, one.name.value]);
      }
    }
  }
}

/** The text is longer than {@link LIMITS.tokens} allows: graphql-js says so as a syntax error. */
export const isTooLong = (error: { readonly message: string }): boolean =>
  /Document contains more tha[nt] \d+ tokens/.test(error.message);

/** @param limit which of {@link LIMITS} was passed */
export function tooComplex(limit: Limit, node?: ASTNode): GraphQLError {
  const { message, extensions } = graphError('QUERY_TOO_COMPLEX', { limit, allowed: LIMITS[limit] });
  return new GraphQLError(message, { extensions, ...(node && { nodes: node }) });
}

/** Measures selections with their fragments; each fragment once, so that fragments of fragments cost nothing. */
class Measure {
  private readonly known = new Map<string, Size>();
  private readonly counted = new Map<string, number>();

  constructor(private readonly fragment: (name: string) => FragmentDefinitionNode | null | undefined) {}

  sizeOf(selectionSet: SelectionSetNode): Size {
    let depth = 0;
    let aliases = 0;
    let fields = 0;
    for (const selection of selectionSet.selections) {
      let part: Size;
      if (selection.kind === 'Field') {
        const below = selection.selectionSet ? this.sizeOf(selection.selectionSet) : NOTHING;
        const introspection = selection.name.value === '__schema' || selection.name.value === '__type';
        part = {
          depth: below.depth + (introspection ? 0 : 1),
          aliases: below.aliases + (selection.alias ? 1 : 0),
          fields: below.fields + 1,
        };
      } else {
        part =
          selection.kind === 'InlineFragment'
            ? this.sizeOf(selection.selectionSet)
            : this.sizeOfFragment(selection.name.value);
      }
      depth = Math.max(depth, part.depth);
      aliases += part.aliases;
      fields += part.fields;
    }
    return { depth, aliases, fields };
  }

  private sizeOfFragment(name: string): Size {
    const known = this.known.get(name);
    if (known) return known;
    this.known.set(name, NOTHING); // a cycle ends here; another rule reports it
    const fragment = this.fragment(name);
    const size = fragment ? this.sizeOf(fragment.selectionSet) : NOTHING;
    this.known.set(name, size);
    return size;
  }

  countFields(selectionSet: SelectionSetNode): number {
    let count = 0;
    for (const selection of selectionSet.selections) {
      if (selection.kind === 'Field') count += 1;
      else if (selection.kind === 'InlineFragment') count += this.countFields(selection.selectionSet);
      else count += this.countOfFragment(selection.name.value);
    }
    return count;
  }

  private countOfFragment(name: string): number {
    const known = this.counted.get(name);
    if (known !== undefined) return known;
    this.counted.set(name, 0);
    const fragment = this.fragment(name);
    const count = fragment ? this.countFields(fragment.selectionSet) : 0;
    this.counted.set(name, count);
    return count;
  }
}

const NOTHING: Size = { depth: 0, aliases: 0, fields: 0 };

const isConditional = ({ directives }: { readonly directives?: readonly DirectiveNode[] }): boolean =>
  directives?.some(({ name }) => name.value === 'skip' || name.value === 'include') === true;

function findConditional(
  fragments: ReadonlyMap<string, SelectionSetNode>,
  selectionSet: SelectionSetNode,
  seen: Set<string>,
): ASTNode | null {
  for (const selection of selectionSet.selections) {
    if (isConditional(selection)) return selection;
    let inner: SelectionSetNode | undefined;
    if (selection.kind === 'InlineFragment') inner = selection.selectionSet;
    if (selection.kind === 'FragmentSpread' && !seen.has(selection.name.value)) {
      seen.add(selection.name.value);
      inner = fragments.get(selection.name.value);
    }
    const found = inner && findConditional(fragments, inner, seen);
    if (found) return found;
  }
  return null;
}
