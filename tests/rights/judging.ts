/** Who asks what, what comes back, and where that is too much: the judge of the matrix. */
import type { SubgraphName } from '../../kernel/config';
import { MARKER } from '../hostile/world';
import { type Asker, ask, type Reply } from './askers';
import { isPublic, mayRead } from './expectation';
import { coordinatesIn, type Question } from './questions';
import type { Things } from './things';

/** What the judge looks for and whom it can ask. */
export interface Court {
  readonly urlOf: (name: SubgraphName) => string;
  readonly things: Things;
  /** Texts that stand in Klara's things and nowhere else; beside her ids. */
  readonly secrets: readonly string[];
}

export interface Cell {
  readonly asker: Asker;
  readonly question: Question;
  readonly reply: Reply;
  /** The answer for a thing that does not exist; null where nothing is named. */
  readonly other: Reply | null;
}

/** Nothing to do with Klara or her authority; what staff are told of other authorities stands in the tables. */
export const isOutsider = ({ is }: Asker): boolean => is.every(who => who === 'staff');

/** Their answers are the same for a real thing and for one that does not exist, but for what is public by the tables. */
function tellsExistence({ type }: Question, asker: Asker): boolean {
  if (type === 'Account') return asker.principal.kind !== 'anonymous';
  if (type === 'StaffMember') return asker.is.includes('staff');
  return type !== null && isPublic(type);
}

/** What may stand in an answer to anybody: what was asked for, and what is public. */
function secretsBeside({ foreign }: Question, { things, secrets }: Court): string[] {
  const said = JSON.stringify(foreign);
  const hers = Object.entries(things).filter(([type]) => !isPublic(type));
  const ids = hers.flatMap(([, found]) => found.flatMap(one => Object.values(one)));
  return [MARKER, 'Klara', ...secrets, ...ids].filter(text => !said.includes(text));
}

/** Volatile words, and the ids that were asked for. */
function comparable({ text, status }: Reply, variables: object): string {
  const asked = JSON.stringify(variables).match(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g) ?? [];
  const masked = text.replace(/"(requestId|reference|expiresAt|url|cursor|endCursor)":"[^"]*"/g, '"$1":"…"');
  return `${status} ${asked.reduce((left, id) => left.replaceAll(id, '#'), masked)}`;
}

/** What the catalogue tells everybody is asked by some who differ there, not by all. */
const PUBLIC_FOR = ['the owner', 'an editor', 'an operator', 'nobody'];
const isOfThePublic = ({ to, type, unknown }: Question): boolean =>
  type === null ? to === 'catalogue' && unknown === null : isPublic(type) && type !== 'Account';

export async function cellsOf(
  { urlOf }: Court,
  questions: readonly Question[],
  who: readonly Asker[],
): Promise<Cell[]> {
  const jobs = who.flatMap(asker =>
    questions
      .filter(question => PUBLIC_FOR.includes(asker.name) || !isOfThePublic(question))
      .map(question => ({ asker, question })),
  );
  const cells: Cell[] = [];
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let job = jobs.pop(); job; job = jobs.pop()) {
        const { asker, question } = job;
        const { to, query, foreign, unknown } = question;
        const reply = await ask(asker, to, urlOf(to), query, foreign);
        const other = unknown && isOutsider(asker) ? await ask(asker, to, urlOf(to), query, unknown) : null;
        cells.push({ asker, question, reply, other });
      }
    }),
  );
  return cells;
}

export const nameOf = ({ asker, question }: Cell): string => `${asker.name}: ${question.name}`;

/** Where outsiders learn something: a secret in an answer, or an answer that differs from that for nothing. */
export function leaks(court: Court, cells: readonly Cell[]): string[] {
  return cells
    .filter(({ asker }) => isOutsider(asker))
    .flatMap(cell => {
      const { asker, question, reply, other } = cell;
      const secret = secretsBeside(question, court).find(text => reply.text.includes(text));
      if (secret && !(tellsExistence(question, asker) && secret === 'Klara'))
        return [`${nameOf(cell)} tells ${secret}`];
      if (!other || tellsExistence(question, asker)) return [];
      const [a, b] = [comparable(reply, question.foreign), comparable(other, question.unknown!)];
      if (a !== b) return [`${nameOf(cell)} answers\n  ${a}\nand not\n  ${b}`];
      const [steps, others] = [reply.statements, other.statements];
      return steps === others ? [] : [`${nameOf(cell)} costs ${steps} statements and not ${others}: time tells`];
    });
}

/** Coordinates with a value that the tables do not give the asker. */
export function trespasses(cells: readonly Cell[]): string[] {
  const found = new Set<string>();
  for (const cell of cells.filter(({ asker, question }) => !asker.invalid && question.unknown !== null)) {
    const { principal } = cell.asker;
    const judge = (coordinate: string, isNull: boolean) => {
      if (!isNull && !mayRead(cell.asker, coordinate)) found.add(`${cell.asker.name}: ${coordinate}`);
    };
    const isAgent = principal.kind === 'person' && principal.accountId !== principal.actingFor;
    coordinatesIn(cell.reply.body.data, judge, isAgent ? principal.accountId : null);
  }
  return [...found].sort();
}

/** Deeds about something named that were done. */
export const deeds = (cells: readonly Cell[]): string[] =>
  cells
    .filter(({ question }) => question.unknown !== null)
    .filter(({ reply }) => Object.values(reply.body.data ?? {}).some(one => succeeded(one)))
    .map(nameOf);

/** A payload with a thing and no refusal. */
const succeeded = (payload: unknown): boolean =>
  payload !== null && typeof payload === 'object' && (payload as { refusal?: unknown }).refusal === null;
