/**
 * Names of clients that would be taken for something else. Apollo's planner keeps one field for each response name at a
 * path of the answer, so that the client's `id: name` swallows, or is swallowed by, the `id` that a join needs, and one
 * of `... on Book { cover { url(w: 1) } } ... on Film { cover { url(w: 2) } }` the other. Such fields get another name
 * before planning; the answer has the client's.
 */
import {
  type ASTNode,
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  getOperationAST,
  Kind,
  print,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { fragmentsOf } from './fragments';

export interface Renamed {
  readonly document: DocumentNode;
  /** The new name → the client's. */
  readonly names: ReadonlyMap<string, string>;
}

/** @param taken names that joins use */
export function renameAliases(document: DocumentNode, taken: ReadonlySet<string>): Renamed {
  const dangerous = new Set<string>();
  const all = new Set<string>();
  visit(document, {
    Field({ alias, name }) {
      if (!alias) return;
      all.add(alias.value);
      if (alias.value !== name.value && isDangerous(alias.value, taken)) dangerous.add(alias.value);
    },
  });
  if (dangerous.size === 0) return { document, names: new Map() };
  let suffix = '_of_client';
  while ([...all].some(alias => alias.endsWith(suffix))) suffix += '_';
  const names = new Map([...dangerous].map(alias => [`a_${alias}${suffix}`, alias]));
  const renamed = visit(document, {
    enter(node) {
      if (isIntrospection(node)) return false;
      if (node.kind !== Kind.FIELD || !node.alias || node.alias.value === node.name.value) return undefined;
      if (!dangerous.has(node.alias.value)) return undefined;
      return { ...node, alias: { ...node.alias, value: `a_${node.alias.value}${suffix}` } };
    },
  });
  return { document: renamed, names };
}

/** Names that JavaScript gives a meaning are as good as taken, and so are those like the ones made up for planning. */
const isDangerous = (alias: string, taken: ReadonlySet<string>): boolean =>
  taken.has(alias) || alias.includes('__') || alias in Object.prototype;

/** Where one response name means several fields at one path, through different types, each of them gets its own. */
export function renameCollisions(renamed: Renamed, operationName: string | null): Renamed {
  const colliding = collisionsIn(renamed.document, operationName);
  if (colliding.size === 0) return renamed;
  return nameApart(renamed, 'meaning', field => colliding.has(keyOf(field)));
}

/**
 * Gives each field that is chosen a name of its own for each name and meaning.
 * @param around what the visitor of the document needs
 */
export function nameApart(
  { document, names }: Renamed,
  mark: string,
  isChosen: (field: FieldNode) => boolean,
  around = (visitor: ASTVisitor): ASTVisitor => visitor,
): Renamed {
  const keys = new Set<string>();
  visit(document, { Field: field => void keys.add(keyOf(field)) });
  let own = mark;
  while ([...keys].some(key => key.includes(own))) own += '_';
  const all = new Map(names);
  const known = new Map<string, string>();
  const enter = (node: ASTNode): FieldNode | false | undefined => {
    if (isIntrospection(node)) return false;
    if (node.kind !== Kind.FIELD || node.name.value === '__typename' || !isChosen(node)) return undefined;
    const key = keyOf(node);
    const meant = `${key}: ${meaningOf(node)}`;
    const name = known.get(meant) ?? `a_${key}_${own}${known.size}`;
    known.set(meant, name);
    all.set(name, names.get(key) ?? key);
    return { ...node, alias: { kind: Kind.NAME, value: name } };
  };
  return { document: visit(document, around({ enter })), names: all };
}

/** The same for fields that may stand in one place: order makes no difference. */
export function meaningOf({ name, arguments: args = [] }: FieldNode): string {
  const sorted = args.map(one => visit(one, { ObjectValue: value => ({ ...value, fields: byName(value.fields) }) }));
  return `${name.value}(${byName(sorted).map(print).join()})`;
}

const byName = <T extends { readonly name: { readonly value: string } }>(nodes: readonly T[]): readonly T[] =>
  [...nodes].sort((a, b) => (a.name.value < b.name.value ? -1 : 1));

/** The response names that mean several fields at one path of the answer. */
function collisionsIn(document: DocumentNode, operationName: string | null): ReadonlySet<string> {
  const colliding = new Set<string>();
  const fragments = fragmentsOf(document);
  const numbers = new Map<SelectionSetNode, number>();
  const numberOf = (set: SelectionSetNode) => numbers.get(set) ?? numbers.set(set, numbers.size).size - 1;
  const seen = new Set<string>();
  const gather = (
    { selections }: SelectionSetNode,
    into: Map<string, Map<string, Set<SelectionSetNode>>>,
    spread: Set<string>,
  ) => {
    for (const one of selections) {
      if (one.kind === Kind.INLINE_FRAGMENT) gather(one.selectionSet, into, spread);
      else if (one.kind === Kind.FRAGMENT_SPREAD) {
        const { value } = one.name;
        if (!spread.has(value)) gather(fragments.get(value)!.selectionSet, into, spread.add(value));
      } else if (!isIntrospection(one)) {
        const meanings = into.get(keyOf(one)) ?? new Map<string, Set<SelectionSetNode>>();
        into.set(keyOf(one), meanings);
        const meaning = meaningOf(one);
        const sets = meanings.get(meaning) ?? new Set();
        meanings.set(meaning, sets);
        if (one.selectionSet) sets.add(one.selectionSet);
      }
    }
  };
  const look = (sets: readonly SelectionSetNode[]): void => {
    const place = sets.map(numberOf).join();
    if (seen.has(place)) return; // the same is asked elsewhere
    seen.add(place);
    const fields = new Map<string, Map<string, Set<SelectionSetNode>>>();
    const spread = new Set<string>();
    for (const set of sets) gather(set, fields, spread);
    for (const [key, meanings] of fields) {
      if (meanings.size > 1) colliding.add(key);
      for (const below of meanings.values()) if (below.size > 0) look([...below]);
    }
  };
  const operation = getOperationAST(document, operationName);
  if (operation) look([operation.selectionSet]);
  return colliding;
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** What graphql-js answers from the schema needs no planning. */
function isIntrospection(node: ASTNode): boolean {
  if (node.kind === Kind.FIELD) return node.name.value === '__schema' || node.name.value === '__type';
  return node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value.startsWith('__');
}
