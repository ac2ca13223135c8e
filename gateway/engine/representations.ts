/** Representations of entities: what a plan requires of an object, each distinct one sent once. */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { type Data, isObject, merge } from './data';
import type { Rewrite } from './rewrites';
import { isOfType } from './types';

export interface Representations {
  readonly sent: readonly Data[];
  /** The same as JSON. */
  readonly text: string;
  /** For each that is sent, the objects it stands for. */
  readonly objects: readonly (readonly Data[])[];
}

export type Represent = (objects: readonly Data[]) => Representations;

/**
 * @param realNames the names of required fields that the planner knows under one of our own
 * @param isKey given where the plan may send an object by nothing but what is required of it; that is not sent
 */
export function compileRequires(
  schema: GraphQLSchema,
  requires: readonly QueryPlanSelectionNode[],
  realNames: ReadonlyMap<string, string>,
  rewriteInput: Rewrite | null,
  isKey: ((name: string) => boolean) | null = null,
): Represent {
  const keyed = rewriteInput || isKey ? null : keyOf(requires, realNames);
  if (keyed) return byOneKey(schema, keyed);
  const take = compileSelections(schema, requires, realNames);
  return objects => {
    const sent: Data[] = [];
    const texts: string[] = [];
    const standFor: Data[][] = [];
    const known = new Map<string, Data[]>();
    for (const object of objects) {
      const representation = take(object);
      if (!representation?.__typename) continue;
      if (isKey && !Object.keys(representation).some(isKey)) continue;
      const key = JSON.stringify(representation);
      const same = known.get(key);
      if (same) {
        same.push(object);
        continue;
      }
      const first = [object];
      known.set(key, first);
      standFor.push(first);
      rewriteInput?.(representation);
      sent.push(representation);
      texts.push(rewriteInput ? JSON.stringify(representation) : key);
    }
    return { sent, text: `[${texts.join(',')}]`, objects: standFor };
  };
}

/** What nearly every plan requires: `... on Type { __typename key }`. */
interface OneKey {
  readonly type: string;
  /** The key's name in the data. */
  readonly from: string;
  readonly name: string;
}

function keyOf(requires: readonly QueryPlanSelectionNode[], realNames: ReadonlyMap<string, string>): OneKey | null {
  const [one] = requires;
  if (requires.length !== 1 || one?.kind !== 'InlineFragment' || one.typeCondition === undefined) return null;
  const [typename, key] = one.selections;
  if (one.selections.length !== 2 || typename?.kind !== 'Field' || key?.kind !== 'Field' || key.selections) return null;
  if (typename.name !== '__typename' || typename.alias !== undefined || key.name === '__typename') return null;
  const from = key.alias ?? key.name;
  return { type: one.typeCondition, from, name: realNames.get(from) ?? from };
}

const MOST_TYPENAMES = 1000;

/** The same as the general way; equal ones are found by the key's value alone, without writing each. */
function byOneKey(schema: GraphQLSchema, { type, from, name }: OneKey): Represent {
  const heads = new Map<unknown, string | null>();
  const headOf = (typename: unknown): string | null => {
    let head = heads.get(typename);
    if (head === undefined) {
      const is = typename != null && typename !== '' && isOfType(schema, typename, type);
      head = is ? `{"__typename":${JSON.stringify(typename)},${JSON.stringify(name)}:` : null;
      if (is || heads.size < MOST_TYPENAMES) heads.set(typename, head); // names of no type come without end
    }
    return head;
  };
  return objects => {
    const sent: Data[] = [];
    const texts: string[] = [];
    const standFor: Data[][] = [];
    const known = new Map<string, Map<string, Data[]>>();
    for (const object of objects) {
      const { __typename } = object;
      const value = Object.hasOwn(object, from) ? object[from] : undefined;
      const head = value === undefined ? null : headOf(__typename);
      if (head === null) continue;
      const isText = typeof value === 'string';
      const text = isText ? value : JSON.stringify(value);
      const group = isText ? head : `${head} json`;
      let values = known.get(group);
      if (!values) {
        values = new Map();
        known.set(group, values);
      }
      const same = values.get(text);
      if (same) {
        same.push(object);
        continue;
      }
      const first = [object];
      values.set(text, first);
      standFor.push(first);
      sent.push({ __typename, [name]: value });
      texts.push(`${head}${isText ? JSON.stringify(value) : text}}`);
    }
    return { sent, text: `[${texts.join(',')}]`, objects: standFor };
  };
}

/** Takes a selection out of an object; null when a field is missing, here or below: half of what is required is another question. */
type Take = (object: Data) => Data | null;

function compileSelections(
  schema: GraphQLSchema,
  selections: readonly QueryPlanSelectionNode[],
  realNames: ReadonlyMap<string, string>,
  isNested = false,
): Take {
  const parts = selections.map(selection => {
    const take = selection.selections
      ? compileSelections(schema, selection.selections, realNames, selection.kind === 'Field' || isNested)
      : null;
    if (selection.kind === 'Field') {
      const key = selection.alias ?? selection.name;
      return { key, name: realNames.get(key) ?? key, condition: undefined, take };
    }
    return { key: null, name: '', condition: selection.typeCondition, take };
  });
  return object => {
    const taken: Data = {};
    for (const { key, name, condition, take } of parts) {
      if (key !== null) {
        const value = Object.hasOwn(object, key) ? object[key] : undefined;
        const found = take ? takeFrom(value, take) : value;
        if (found === undefined) return null;
        taken[name] = found;
      } else if (take && condition !== undefined && isOfType(schema, object.__typename, condition)) {
        const part = take(object);
        if (part) merge(taken, part);
        else if (isNested) return null;
      }
    }
    return taken;
  };
}

function takeFrom(value: unknown, take: Take): unknown {
  if (value === undefined) return undefined;
  if (isObject(value)) return take(value) ?? undefined;
  if (!Array.isArray(value)) return null;
  const taken = value.map(element => takeFrom(element ?? null, take));
  return taken.includes(undefined) ? undefined : taken;
}
