/** The rewrites of a plan: keys renamed and values set at paths of what a subgraph gets or sends. */
import type { FetchDataRewrite } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { type Data, isObject } from './data';
import { isOfType } from './types';

export type Rewrite = (value: unknown) => void;

const ON = '... on ';

/** @returns null when there is nothing to rewrite */
export function compileRewrites(
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
): Rewrite | null {
  const compiled = (rewrites ?? []).flatMap(rewrite => {
    const name = rewrite.path.at(-1);
    return name === undefined ? [] : [atPath(schema, rewrite.path.slice(0, -1), actionOf(rewrite, name))];
  });
  if (compiled.length === 0) return null;
  return value => {
    for (const rewrite of compiled) rewrite(value);
  };
}

function actionOf(rewrite: FetchDataRewrite, name: string): (object: Data) => void {
  if (rewrite.kind === 'ValueSetter') {
    return object => {
      object[name] = rewrite.setValueTo;
    };
  }
  return object => {
    if (!Object.hasOwn(object, name) || !object[name]) return;
    object[rewrite.renameKeyTo] = object[name];
    object[name] = undefined; // which merging passes over
  };
}

function atPath(schema: GraphQLSchema, path: readonly string[], action: (object: Data) => void): Rewrite {
  const [first, ...rest] = path;
  const below = first === undefined ? null : atPath(schema, rest, action);
  const condition = first?.startsWith(ON) ? first.slice(ON.length) : null;
  const rewrite: Rewrite = value => {
    if (Array.isArray(value)) for (const element of value) rewrite(element);
    else if (!isObject(value)) return;
    else if (!below || first === undefined) action(value);
    else if (condition === null) below(Object.hasOwn(value, first) ? value[first] : undefined);
    else if (!value.__typename || isOfType(schema, value.__typename, condition)) below(value);
  };
  return rewrite;
}
