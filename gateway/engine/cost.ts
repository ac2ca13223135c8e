/**
 * What an operation costs: how many objects its answer may have, by the sizes of its lists. A list is as long as its
 * `first` or `last` says, or that of the page it stands in; every other list is taken to be of {@link ASSUMED} entries.
 * `@skip` and `@include` make nothing cheaper, and introspection is free: it has limits of its own.
 */
import {
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import { type Fragments, fragmentsOf } from './fragments';

export interface Costs {
  readonly total: number;
  /** The most that is answered. */
  readonly allowed: number;
}

type Variables = Readonly<Record<string, unknown>>;

/** A number, or what a variable says; another one when it is absent, or null. */
type Term = number | { readonly variable: string; readonly absent: number; readonly none: number };
/** How many entries a list has; of both ends of it together where both are asked for. */
type Amount = readonly Term[];

/** A field that leads to objects: so many of them, and for each what is asked of it. */
interface Part {
  readonly amounts: readonly Amount[];
  readonly inner: readonly Part[];
}

const ASSUMED = 10;
const ASSUMED_AMOUNT: Amount = [ASSUMED];
const PAGED_BY = new Set(['first', 'last']);

export class Cost {
  private readonly parts: readonly Part[];
  /** Null when it depends on variables. */
  private readonly fixed: number | null;
  private readonly fragments: Fragments;
  private readonly defaults = new Map<string, unknown>();

  /** @param document validated, within the limits of fields and depth */
  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    operationName: string | null,
  ) {
    this.fragments = fragmentsOf(document);
    const operation = getOperationAST(document, operationName);
    for (const { variable, defaultValue } of operation?.variableDefinitions ?? [])
      if (defaultValue) this.defaults.set(variable.name.value, valueFromASTUntyped(defaultValue));
    const root = operation && schema.getRootType(operation.operation);
    this.parts = root ? this.partsOf(operation.selectionSet, root, null) : [];
    this.fixed = this.parts.every(isFixed) ? sum(this.parts, {}) : null;
  }

  /** @param variables of the types that the document gives them */
  of(variables: Variables): number {
    return this.fixed ?? sum(this.parts, variables);
  }

  /** @param page the size of the page that the selections are of */
  private partsOf({ selections }: SelectionSetNode, parent: GraphQLNamedType, page: Amount | null): Part[] {
    return selections.flatMap(selection => {
      if (selection.kind === Kind.FIELD) return this.partOf(selection, parent, page);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection;
      if (!fragment) return [];
      const condition = fragment.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      return this.partsOf(fragment.selectionSet, condition ?? parent, page);
    });
  }

  private partOf(node: FieldNode, parent: GraphQLNamedType, page: Amount | null): Part[] {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[node.name.value] : undefined;
    const type = field && getNamedType(field.type);
    if (!field || !isCompositeType(type) || !node.selectionSet) return [];
    const size = this.sizeOf(node, field);
    const lists = levelsOf(field.type);
    const inner = this.partsOf(node.selectionSet, type, lists === 0 ? size : null);
    if (lists === 0) return [{ amounts: [], inner }];
    return [{ amounts: [size ?? page ?? ASSUMED_AMOUNT, ...Array<Amount>(lists - 1).fill(ASSUMED_AMOUNT)], inner }];
  }

  /** What `first` or `last` say; null where there is neither. */
  private sizeOf(node: FieldNode, field: GraphQLField<unknown, unknown>): Amount | null {
    const given: Term[] = [];
    let usual: number | null = null;
    for (const { name, defaultValue } of field.args) {
      if (!PAGED_BY.has(name)) continue;
      const preset = typeof defaultValue === 'number' ? defaultValue : null;
      usual ??= preset;
      const value = node.arguments?.find(one => one.name.value === name)?.value;
      if (value?.kind === Kind.INT) given.push(Number(value.value));
      if (value?.kind === Kind.VARIABLE) {
        const own = this.defaults.get(value.name.value);
        const none = preset ?? ASSUMED;
        given.push({ variable: value.name.value, absent: typeof own === 'number' ? own : none, none });
      }
    }
    if (given.length > 0) return given;
    return usual === null ? null : [usual];
  }
}

function levelsOf(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + levelsOf(nullable.ofType as GraphQLOutputType) : 0;
}

const isFixed = ({ amounts, inner }: Part): boolean =>
  amounts.flat().every(term => typeof term === 'number') && inner.every(isFixed);

function sum(parts: readonly Part[], variables: Variables): number {
  let total = 0;
  for (const { amounts, inner } of parts) {
    let count = 1 + sum(inner, variables);
    for (const amount of amounts) count *= numberOf(amount, variables);
    total += count;
  }
  return Math.min(total, Number.MAX_SAFE_INTEGER);
}

function numberOf(amount: Amount, variables: Variables): number {
  let total = 0;
  for (const term of amount) total += Math.max(typeof term === 'number' ? term : said(term, variables), 0);
  return total;
}

function said({ variable, absent, none }: Exclude<Term, number>, variables: Variables): number {
  const given = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
  if (given === undefined) return absent;
  return typeof given === 'number' ? given : none;
}
