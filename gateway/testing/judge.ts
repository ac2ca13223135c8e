/** Judges the engine by the truth and by Apollo's own gateway, and knows where the two may differ, and why. */
import { type DocumentNode, visit } from 'graphql';
import { Conditions, prune } from '../engine/conditions';
import type { Fault } from './distortion';
import type { MadeUpSupergraph, Scene } from './made';
import type { StockAnswer } from './stock';
import type { Data } from './universe';

export interface Asked {
  readonly document: DocumentNode;
  readonly text: string;
  readonly variables: Data;
}

/**
 * Where the engine differs from Apollo's gateway, each recognised narrowly.
 *
 * - `stock wrong`: every subgraph works, and Apollo's answer is not the truth, or it has none. Its planner keeps one
 *   field for each response name of an object (an alias that equals a key or a required field; a required field with
 *   other arguments than another one's or the client's) and loses fields whose requirements are partly under `@skip`;
 *   its shaping loses what is in a fragment on an object in one on an interface. The engine's answer is the truth.
 * - `refused`: Apollo's planner asks a required field without what that requires itself, or plans in circles; the
 *   engine refuses the operation.
 * - `misshapen`: text for an object, an object for a list. Apollo gives up the whole answer. The engine answers what
 *   Apollo answers for null, and an error with its place.
 * - `entities`: too few of them. Apollo tells the client of `data._entities`, without a place; the engine says
 *   SUBGRAPH_UNAVAILABLE and where.
 * - `misplaced`: Apollo counts the objects it found, not those it sent, so that an error lands at another element.
 * - `misnamed`: an object calls itself by a name that its place does not allow. The engine says the schema's name where
 *   its plan need not ask; all else is equal.
 * - `kept`: what one field of an interface object requires is missing. Apollo gives up all fields of its fetch; the engine
 *   asks those that do not require it, and tells once what both fetches say.
 */
export type Difference = 'stock wrong' | 'refused' | 'misshapen' | 'entities' | 'misplaced' | 'kept' | 'misnamed';

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'listed'; readonly differences: readonly Difference[] }
  | { readonly kind: 'wrong'; readonly what: string; readonly expected: string; readonly got: string };

const FINE: ReadonlyMap<string, Fault> = new Map();
const REFUSED =
  /cannot be asked at this place: what it requires is in another subgraph|^Die Abfrage ist zu umfangreich/;
const MISSHAPEN = 'A subgraph answered with a value of another shape than its schema says.';
const ENTITIES = /^Expected "data\._entities"/;
const UNAVAILABLE = 'Ein Teil der Antwort ist zurzeit nicht verfügbar.';

export async function judge(made: MadeUpSupergraph, asked: Asked, scene: Scene): Promise<Verdict> {
  const { document, text, variables } = asked;
  const fine = { seed: scene.seed, faults: FINE };
  // Apollo's plan fetches more where conditions are open, and so meets more faults: it is given the decided operation
  const decided = prune(document, new Conditions(document, null).decide(variables));
  const truth = told({ data: made.truth(document, variables, scene.seed) });
  const ours = await made.answer(document, text, variables, fine);
  if (ours.errors?.some(({ message }) => REFUSED.test(message))) return listed('refused');
  if (told(ours) !== truth) return wrong('the truth', truth, told(ours));
  const stock = await made.stockAnswer(document, variables, fine).catch((error: Error) => ({ stock: error.message }));
  if (told(stock) !== truth) return listed('stock wrong');

  if (decided !== document && told(await made.stockAnswer(decided, variables, fine)) !== truth)
    return listed('stock wrong');
  const expected = await made.stockAnswer(decided, variables, { ...scene, mended: true });
  const got = await made.answer(document, text, variables, scene);
  if (told(got.data) !== told(expected.data)) {
    // the alias is luckily right as long as every fetch is answered
    if (hidesKey(document, made.keys)) return listed('stock wrong');
    if (made.interfaceObjectsRequire && isPart(expected.data, got.data)) return listed('kept');
    const liesAboutTypes = [...scene.faults.values()].includes('typenames');
    if (liesAboutTypes && nameless(got.data) === nameless(expected.data)) return listed('misnamed');
    return wrong('data with faults', told(expected), told(got));
  }
  const verdict = judgeErrors(expected, got);
  const once = ({ errors }: StockAnswer) => told([...new Set(errorsOf(errors))]);
  return verdict.kind === 'wrong' && made.interfaceObjectsRequire && once(expected) === once(got)
    ? listed('kept')
    : verdict;
}

function judgeErrors(expected: StockAnswer, got: StockAnswer): Verdict {
  const differences = new Set<Difference>();
  let theirs = [...(expected.errors ?? [])];
  let ours = [...(got.errors ?? [])];
  const fail = () => wrong('errors', told([errorsOf(theirs), expected.data]), told(errorsOf(ours)));
  if (ours.some(({ message }) => message === MISSHAPEN)) {
    differences.add('misshapen');
    const misshapen = ours.filter(({ message }) => message === MISSHAPEN);
    if (!misshapen.every(error => isNull(got.data, error.path))) return fail();
    ours = ours.filter(({ message }) => message !== MISSHAPEN);
  }
  if (theirs.some(({ message }) => ENTITIES.test(message))) {
    differences.add('entities');
    const isSaid = ({ message }: { message: string }) => message === UNAVAILABLE || ENTITIES.test(message);
    if (!ours.some(isSaid)) return fail();
    theirs = theirs.filter(error => !isSaid(error));
    ours = ours.filter(error => !isSaid(error));
  }
  if (told(errorsOf(theirs)) !== told(errorsOf(ours))) {
    const fields = (path: Problem['path']) => path?.filter(part => typeof part === 'string');
    const messages = (errors: typeof ours) => told(errors.map(one => told([one.message, fields(one.path)])).sort());
    if (messages(theirs) !== messages(ours) || !ours.every(({ path }) => isNull(got.data, path))) return fail();
    differences.add('misplaced');
  }
  return differences.size > 0 ? listed(...differences) : { kind: 'equal' };
}

/** Whether a field of the client has the name of a key, by its alias. */
function hidesKey(document: DocumentNode, keys: ReadonlySet<string>): boolean {
  let hides = false;
  visit(document, {
    Field({ alias, name }) {
      if (alias && alias.value !== name.value && keys.has(alias.value)) hides = true;
    },
  });
  return hides;
}

/** Whether there is null or nothing at a place, or above it. */
function isNull(data: unknown, path: readonly (string | number)[] = []): boolean {
  let value = data;
  for (const part of path) {
    if (value === null || value === undefined) return true;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value === null || value === undefined;
}

/** Whether one is the other but for nulls. */
function isPart(less: unknown, more: unknown): boolean {
  if (less === null || less === undefined) return true;
  if (typeof less !== 'object' || typeof more !== 'object' || more === null) return less === more;
  const keys = new Set([...Object.keys(less), ...Object.keys(more)]);
  return [...keys].every(key => isPart((less as Data)[key], (more as Data)[key]));
}

type Problem = NonNullable<StockAnswer['errors']>[number];

const place = ({ message, path }: Problem): string => told([message, path ?? null]);
const errorsOf = (errors: readonly Problem[] = []): string[] => errors.map(place).sort();

/** Data without what objects call themselves. */
const nameless = (data: unknown): string =>
  JSON.stringify(data, (key, value) => (/^t\d$|^__typename$/.test(key) ? null : value)) ?? 'nothing';
const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
const listed = (...differences: Difference[]): Verdict => ({ kind: 'listed', differences });
const wrong = (what: string, expected: string, got: string): Verdict => ({ kind: 'wrong', what, expected, got });
