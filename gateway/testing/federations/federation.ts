/** What the small federations with real data are written with. */
import type { Resolvers } from '../static-subgraph';

export type Row = Readonly<Record<string, unknown>>;

export interface Federation {
  readonly subgraphs: Readonly<Record<string, { readonly sdl: string; readonly resolvers: Resolvers }>>;
  /** Operation → the data of its answer, which has no errors. */
  readonly answers: Readonly<Record<string, unknown>>;
  /** Operation → the data of its answer, which has errors; undefined where nothing is answered. */
  readonly failures?: Readonly<Record<string, unknown>>;
  /** Variables for all of its operations that declare them. */
  readonly variables?: Row;
}

const NAMES = [
  'key',
  'external',
  'requires',
  'provides',
  'shareable',
  'override',
  'inaccessible',
  'interfaceObject',
  'extends',
];
const LINK = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: [${NAMES.map(name => `"@${name}"`)}])`;

/** A subgraph of the second federation. */
export const sub = (sdl: string, resolvers: Resolvers = {}) => ({ sdl: `${LINK} ${sdl}`, resolvers });

/** Finds an entity by whichever of its keys was sent, and keeps what else was sent: what its fields require. */
export const byKey =
  (rows: readonly Row[], ofInterface = false) =>
  (sent: Row) => {
    const row = rows.find(one =>
      Object.entries(sent).some(([name, value]) => name !== '__typename' && one[name] === value),
    );
    return row && { ...row, ...sent, ...(ofInterface && { __typename: row.__typename }) };
  };

/** For a field that a good plan does not ask here. */
export const neverAsked = (): never => {
  throw new Error('This is asked of another subgraph.');
};
