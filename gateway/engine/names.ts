/**
 * Aliases of clients that would be taken for something else. Apollo's planner keeps one field for each response name of
 * an object, so that the client's `id: name` swallows, or is swallowed by, the `id` that a join needs. Such aliases get
 * another name before planning; the answer has the client's.
 */
import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql';

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

/** Names that JavaScript gives a meaning are as good as taken. */
const isDangerous = (alias: string, taken: ReadonlySet<string>): boolean =>
  taken.has(alias) || alias.startsWith('__') || alias in Object.prototype;

/** What graphql-js answers from the schema needs no planning. */
function isIntrospection(node: ASTNode): boolean {
  if (node.kind === Kind.FIELD) return node.name.value === '__schema' || node.name.value === '__type';
  return node.kind === Kind.FRAGMENT_DEFINITION && node.typeCondition.name.value.startsWith('__');
}
