/** Judges the engine by the truth and by Apollo's own gateway, and knows where the two may differ, and why. */
import { type DocumentNode, Kind, visit } from 'graphql';
import { Conditions, prune, TYPENAME } from '../engine/conditions';
import { isAsked } from '../engine/problems';
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
 *   other arguments than another one's or the client's); its shaping loses what is in a fragment on an object in one on
 *   an interface. The engine's answer is the truth.
 * - `not compared`: Apollo's planner would go in circles until the memory is full. The engine's answer is the truth.
 * - `refused`: Apollo's planner asks a required field without what that requires itself, in any way of planning, or plans
 *   in circles; the engine refuses the operation.
 * - `misshapen`: text for an object, an object for a list. Apollo gives up the whole answer. The engine answers what
 *   Apollo answers for null, and an error with its place. Where one field requires it of another, it is passed on. Of a
 *   leaf of another type Apollo says nothing.
 * - `missing`: null, or nothing, where the schema allows none. Apollo passes it up without a word, the engine tells its place.
 * - `entities`: too few of them. Apollo tells the client of `data._entities`, without a place; the engine says
 *   SUBGRAPH_UNAVAILABLE and where.
 * - `misplaced`: Apollo counts the objects it found, not those it sent, so that an error lands at another element.
 * - `misnamed`: an object calls itself by a name that its place does not allow. The engine says the schema's name where
 *   its plan need not ask; all else is equal, but that Apollo also leaves out what is in fragments on that type.
 * - `kept`: what one field of an interface object requires is missing. Apollo gives up all fields of its fetch; the engine
 *   asks those that do not require it, and tells once what both fetches say. Apollo also asks the field of objects that
 *   the client does not ask it of, by nothing but what it requires, and tells what fails there. The engine fetches for all
 *   objects what is asked of one type, and tells when that fetch fails altogether, even if none is of that type.
 * - `unasked`: Apollo also fetches for objects of types that the client asked nothing of there, and tells what fails. The
 *   engine does not fetch it.
 */
export type Difference =
  | 'stock wrong'
  | 'not compared'
  | 'refused'
  | 'misshapen'
  | 'missing'
  | 'entities'
  | 'misplaced'
  | 'kept'
  | 'misnamed'
  | 'unasked';

export type Verdict =
  | { readonly kind: 'equal' }
  | { readonly kind: 'listed'; readonly differences: readonly Difference[] }
  | { readonly kind: 'wrong'; readonly what: string; readonly expected: string; readonly got: string };

const FINE: ReadonlyMap<string, Fault> = new Map();
const REFUSED =
  /cannot be asked at this place: what it requires is in another subgraph|^Die Abfrage ist zu umfangreich/;
const MISSHAPEN = 'A subgraph answered with a value of another shape than its schema says.';
const MISSING = 'A subgraph has nothing to say where its schema says that there is always a value.';
const ENTITIES = /^Expected "data\._entities"/;
const UNAVAILABLE = 'Ein Teil der Antwort ist zurzeit nicht verfügbar.';

export async function judge(made: MadeUpSupergraph, asked: Asked, scene: Scene): Promise<Verdict> {
  const { document, text, variables } = asked;
  const fine = { seed: scene.seed, faults: FINE };
  const truth = made.truth(document, variables, scene.seed);
  const ours = await made.answer(document, text, variables, fine);
  if (ours.errors?.some(({ message }) => REFUSED.test(message))) return listed('refused');
  if (told(ours) !== told({ data: truth })) return wrong('the truth', told({ data: truth }), told(ours));
  // Apollo's plan fetches more where conditions are open, and so meets more faults: it is given the decided operation
  const { decided, isPadded } = decide(document, variables);
  if (made.circles(decided)) return listed('not compared');
  const stock = (one: Scene): Promise<StockAnswer> => made.stockAnswer(decided, variables, one);
  const isRight = async (seed: number): Promise<boolean> => {
    const answer = await stock({ seed, faults: FINE }).catch((error: Error) => ({ errors: [error] }));
    return told(sorted(unpadded(answer))) === told(sorted({ data: made.truth(document, variables, seed) }));
  };
  if (!(await isRight(scene.seed))) return listed('stock wrong');
  const isLucky = async (): Promise<boolean> => {
    for (let seed = 0; seed < OTHER_UNIVERSES; seed++) if (!(await isRight(seed))) return true;
    return false;
  };

  const expected = await stock({ ...scene, faults: inTime(scene.faults), mended: true });
  const got = isPadded
    ? await made.answer(decided, `${text} ${told(variables)}`, variables, scene)
    : await made.answer(document, text, variables, scene);
  const isTelling = !made.requires && [...scene.faults.values()].every(fault => TELLING.has(fault));
  const place = isTelling ? untold(truth, got) : null;
  if (place !== null) return wrong('null without a word', place, told(got));
  if (told(sorted(got.data)) !== told(sorted(expected.data))) {
    // the alias is luckily right as long as every fetch is answered
    if (hidesKey(document, made.keys)) return listed('stock wrong');
    if (made.interfaceObjectsRequire && isPart(expected.data, got.data)) return listed('kept');
    const liesAboutTypes = [...scene.faults.values()].includes('typenames');
    if (liesAboutTypes && isPart(nameless(expected.data), nameless(got.data))) return listed('misnamed');
    if (made.requires) {
      const mended = await made.answer(decided, `${text} ${told(variables)}`, variables, { ...scene, mended: true });
      if (told(sorted(mended.data)) === told(sorted(expected.data))) return listed('misshapen');
    }
    if (await isLucky()) return listed('stock wrong');
    return wrong('data with faults', told(expected), told(got));
  }
  const verdict = judgeErrors(made, truth, expected, got);
  return verdict.kind === 'wrong' && made.requires && (await isLucky()) ? listed('stock wrong') : verdict;
}

/** The operation with its conditions decided. Where nothing is left to ask for, it asks for `__typename` by another name. */
function decide(
  document: DocumentNode,
  variables: Data,
): { readonly decided: DocumentNode; readonly isPadded: boolean } {
  let isPadded = false;
  const decided = visit(prune(document, new Conditions(document, null).decide(variables)), {
    Field(node) {
      if (node !== TYPENAME) return undefined;
      isPadded = true;
      return { ...node, alias: { kind: Kind.NAME, value: PADDING } as const };
    },
  });
  return { decided, isPadded };
}

/** A plan that loses a requirement may be luckily right in one of them. */
const OTHER_UNIVERSES = 30;
const PADDING = 'nothing_asked';
const unpadded = (answer: StockAnswer): unknown =>
  JSON.parse(told(answer), (key, value) => (key === PADDING ? undefined : value));

/** Whether a subgraph is slow must not matter. It does to Apollo, which forgets what type an object is when it hears it late. */
const inTime = (faults: ReadonlyMap<string, Fault>) => new Map([...faults].filter(([, fault]) => fault !== 'slow'));

const isNotMissing = ({ message }: { readonly message: string }): boolean => message !== UNAVAILABLE;

function judgeErrors(made: MadeUpSupergraph, truth: unknown, expected: StockAnswer, got: StockAnswer): Verdict {
  const differences = new Set<Difference>();
  let theirs = [...(expected.errors ?? [])];
  let ours = [...(got.errors ?? [])];
  const fail = () => wrong('errors', told([errorsOf(theirs), expected.data]), told(errorsOf(ours)));
  for (const [difference, text] of [
    ['misshapen', MISSHAPEN],
    ['missing', MISSING],
  ] as const) {
    const said = ours.filter(({ message }) => message === text);
    if (said.length === 0) continue;
    differences.add(difference);
    if (!said.every(error => isNull(got.data, error.path) && !isTold(error.path, theirs))) return fail();
    ours = ours.filter(error => !said.includes(error));
  }
  if (theirs.some(({ message }) => ENTITIES.test(message))) {
    differences.add('entities');
    const isSaid = ({ message }: { message: string }) => message === UNAVAILABLE || ENTITIES.test(message);
    // without a place it cannot be seen whether the client asked for it
    const isComplete = told(sorted(got.data)) === told(sorted(truth)); // then it was of what nobody asked
    if (!made.interfaceObjectsRequire && !isComplete && !ours.some(isSaid)) return fail();
    theirs = theirs.filter(error => !isSaid(error));
    ours = ours.filter(error => !isSaid(error));
  }
  const once = (errors: typeof ours) => new Set(errorsOf(errors.filter(({ path }) => isAsked(expected.data, path))));
  if (told(errorsOf(theirs)) === told(errorsOf(ours))) {
    // nothing more to say
  } else if (
    made.interfaceObjectsRequire &&
    isWithin(once(theirs), once(ours)) &&
    isWithin(once(ours.filter(isNotMissing)), once(theirs))
  ) {
    differences.add('kept');
  } else if (saysLessOf(truth, theirs, ours) || saysLessOf(expected.data, theirs, ours)) {
    differences.add('unasked');
  } else {
    const fields = (path: Problem['path']) => path?.filter(part => typeof part === 'string');
    const messages = (errors: typeof ours) => errors.map(one => told([one.message, fields(one.path)])).sort();
    const [all, said] = [messages(theirs), messages(ours)];
    const isSame = made.interfaceObjectsRequire ? said.every(one => all.includes(one)) : told(all) === told(said);
    if (!isSame || !ours.every(({ path }) => isNull(got.data, path))) return fail();
    differences.add('misplaced');
  }
  return differences.size > 0 ? listed(...differences) : { kind: 'equal' };
}

/** Whether one tells all that the other tells, but of places that the client did not ask for. @param answer has those it did */
function saysLessOf(answer: unknown, all: readonly Problem[], some: readonly Problem[]): boolean {
  const asked = (errors: readonly Problem[]) => told(errorsOf(errors.filter(({ path }) => isAsked(answer, path))));
  const known = errorsOf(all);
  return asked(all) === asked(some) && errorsOf(some).every(one => known.includes(one));
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

/** Whether one of the errors is of that place. */
const isTold = (path: Problem['path'], errors: readonly Problem[]): boolean =>
  errors.some(error => told(error.path) === told(path));

/**
 * Faults of which each null that comes of them has an error. Others leave out what may be null, and where one subgraph tells of
 * an object what another one says in another shape, the object counts.
 */
const TELLING: ReadonlySet<Fault> = new Set(['none', 'slow', 'down', 'errors', 'leaves']);

/** The first place with null for a value, of which no error tells, be it of the place, of something below it, or of all around it. */
function untold(truth: unknown, { data, errors = [] }: StockAnswer): string | null {
  const paths = errors.map(({ path = [] }) => path);
  const isNear = (a: readonly unknown[], b: readonly unknown[]) =>
    a.every((part, index) => index >= b.length || part === b[index]);
  const find = (right: unknown, given: unknown, path: readonly (string | number)[]): string | null => {
    if (right === null || right === undefined || typeof right !== 'object') {
      if (given !== null || right === null || right === undefined) return null;
    }
    if (given === null) return paths.some(one => isNear(one, path)) ? null : told(path);
    if (typeof right !== 'object' || typeof given !== 'object') return null;
    for (const [key, below] of Object.entries(given as Data)) {
      const found = find((right as Data)[key], below, [...path, Array.isArray(given) ? Number(key) : key]);
      if (found) return found;
    }
    return null;
  };
  return find(truth, data, []);
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

const placed = ({ message, path }: Problem): string => told([message, path ?? null]);
const errorsOf = (errors: readonly Problem[] = []): string[] => errors.map(placed).sort();
const isWithin = (some: ReadonlySet<string>, all: ReadonlySet<string>): boolean => [...some].every(one => all.has(one));

/** Data without what objects call themselves. */
const nameless = (data: unknown): unknown =>
  JSON.parse(
    JSON.stringify(sorted(data ?? null), (key, value) =>
      /^t\d$|^__typename$|^nothing_asked$/.test(key) ? null : value,
    ),
  );

/** Without the order of keys, which Apollo gets wrong where fragments overlap. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, one]) => [key, sorted(one)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const told = (value: unknown): string => JSON.stringify(value) ?? 'nothing';
const listed = (...differences: Difference[]): Verdict => ({ kind: 'listed', differences });
const wrong = (what: string, expected: string, got: string): Verdict => ({ kind: 'wrong', what, expected, got });
