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

/** Takes a selection out of an object; null when a field is missing. */
type Take = (object: Data) => Data | null;

function compileSelections(
  schema: GraphQLSchema,
  selections: readonly QueryPlanSelectionNode[],
  realNames: ReadonlyMap<string, string>,
): Take {
  const parts = selections.map(selection => {
    const take = selection.selections ? compileSelections(schema, selection.selections, realNames) : null;
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
        if (value === undefined) return null;
        taken[name] = take ? takeFrom(value, take) : value;
      } else if (take && condition !== undefined && isOfType(schema, object.__typename, condition)) {
        const part = take(object);
        if (part) merge(taken, part);
      }
    }
    return taken;
  };
}

function takeFrom(value: unknown, take: Take): unknown {
  if (Array.isArray(value)) return value.map(element => takeFrom(element, take));
  return isObject(value) ? take(value) : null;
}
