/**
 * The matrix of rights: everything that can be asked about a citizen's case and the inside of her authority – every
 * query, mutation, subscription, entity reference and field – × everybody who may ask. What an asker finds must stand
 * in the rights tables; for who has nothing to do with it, the answer must be that of a thing which does not exist.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { authorityIdOf, NEIGHBOUR, OPERATOR_AUTHORITY_ID } from '../dev/demo/facts';
import { type Stack, startStack } from '../dev/stack';
import type { SubgraphName } from '../kernel/config';
import { type Stock, stock } from './hostile/stock';
import { MARKER, World } from './hostile/world';
import { type Asker, ask, askersOf, type Reply } from './rights/askers';
import { isPublic, mayRead } from './rights/expectation';
import { eavesdrop } from './rights/listening';
import { coordinatesIn, demands, type Question, questionsOf, references } from './rights/questions';
import { sessionsOf, type Things, thingsOf } from './rights/things';

jest.setTimeout(170_000);

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'rights-'));
let stack: Stack;
let world: World;
let known: Stock;
let things: Things;
let askers: Asker[];

beforeAll(async () => {
  stack = await startStack({ dataDir, durable: false });
  world = await World.open(stack);
  known = await stock(world);
  things = await thingsOf(stack, world, known);
  const jonas = (await world.jonas.ask('{ session { account { id } } }')).body.data.session.account.id;
  askers = askersOf({
    klara: known.account,
    jonas,
    authorityId: known.authority,
    departmentId: world.departmentId,
    neighbourId: authorityIdOf(NEIGHBOUR.associationArs),
    operatorAuthorityId: OPERATOR_AUTHORITY_ID,
    max: known.staffMember,
    thea: known.colleague,
    sessions: await sessionsOf(stack, known.account, known.staffMember),
  });
});
afterAll(async () => {
  await stack?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

const urlOf = (name: SubgraphName): string => stack.env[`${name.toUpperCase()}_URL`]!;

/** Nothing to do with Klara or her authority; what staff are told of other authorities stands in the tables. */
const isOutsider = ({ is }: Asker): boolean => is.every(who => who === 'staff');

/** Their answers are the same for a real thing and for one that does not exist, but for what is public by the tables. */
function tellsExistence({ type }: Question, asker: Asker): boolean {
  if (type === 'Account') return asker.principal.kind !== 'anonymous';
  if (type === 'StaffMember') return asker.is.includes('staff');
  return type !== null && isPublic(type);
}

/** What may stand in an answer to anybody: what was asked for, and what is public. */
function secretsBeside({ foreign }: Question): string[] {
  const said = JSON.stringify(foreign);
  const hers = Object.entries(things).filter(([type]) => !isPublic(type));
  const ids = hers.flatMap(([, found]) => found.flatMap(one => Object.values(one)));
  return [MARKER, 'Klara', 'klara.muster', known.account, ...ids].filter(text => !said.includes(text));
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

interface Cell {
  readonly asker: Asker;
  readonly question: Question;
  readonly reply: Reply;
  /** The answer for a thing that does not exist; null where nothing is named. */
  readonly other: Reply | null;
}

async function cellsOf(questions: readonly Question[], who: readonly Asker[]): Promise<Cell[]> {
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

const nameOf = ({ asker, question }: Cell): string => `${asker.name}: ${question.name}`;

/** Where outsiders learn something: a secret in an answer, or an answer that differs from that for nothing. */
function leaks(cells: readonly Cell[]): string[] {
  return cells
    .filter(({ asker }) => isOutsider(asker))
    .flatMap(cell => {
      const { asker, question, reply, other } = cell;
      const secret = secretsBeside(question).find(text => reply.text.includes(text));
      if (secret && !(tellsExistence(question, asker) && secret === 'Klara'))
        return [`${nameOf(cell)} tells ${secret}`];
      if (!other || tellsExistence(question, asker)) return [];
      const [a, b] = [comparable(reply, question.foreign), comparable(other, question.unknown!)];
      return a === b ? [] : [`${nameOf(cell)} answers\n  ${a}\nand not\n  ${b}`];
    });
}

/** Coordinates with a value that the tables do not give the asker. */
function trespasses(cells: readonly Cell[]): string[] {
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

/** They carry what stands elsewhere; payloads are asked for whole with each mutation, and outsiders get none. */
const CARRIERS = /^(Query|Mutation|Subscription|Refusal|Problem|\w+Payload)\./;
/** Type → why nothing of it is there to be reached. */
const NOT_REACHED: Readonly<Record<string, string>> = {
  Adoption: 'the demo data adopt no service yet; public',
  AdoptionEdge: 'see Adoption',
  Override: 'see Adoption',
  CatalogueEvent: 'the public feed of what was published',
  OrganisationMember: 'no organisation is in this world; see identity/accounts/account.test.ts and wall.test.ts',
  ArchiveRecord: 'nothing is archived yet',
  DeliveryEdge: 'no delivery has failed; a Delivery is reached by reference',
  MessageDeliveryEdge: 'no delivery has failed; a MessageDelivery is reached by reference',
  RetainedData: 'of an erasure, which would end this world; see identity/privacy',
  SignIn: 'made by a mutation for who calls it',
  Upload: 'made by a mutation for who calls it',
  UploadHeader: 'made by a mutation for who calls it',
};

describe('the matrix of rights', () => {
  const asked: Cell[] = [];
  const heard = new Set<string>();

  test('what is read: every query and every entity reference', async () => {
    const questions = questionsOf('query', known, things);
    expect(questions.filter(({ kind }) => kind === 'reference').length).toBe(
      references.reduce((sum, { type }) => sum + (things[type]?.length ?? 0), 0),
    );
    expect(references.filter(({ type }) => !things[type]?.length).map(({ type }) => type)).toEqual(['Adoption']);
    asked.push(...(await cellsOf(questions, askers)));
    expect(leaks(asked)).toEqual([]);
    expect(trespasses(asked)).toEqual([]);
    const expired = asked.filter(({ asker }) => asker.invalid);
    expect(new Set(expired.map(({ reply }) => reply.status))).toEqual(new Set([401]));
  });

  test('what is done: every mutation, by those who have nothing to do with it', async () => {
    const cells = await cellsOf(questionsOf('mutation', known, things), askers.filter(isOutsider));
    expect(cells.length).toBeGreaterThan(400);
    expect(leaks(cells)).toEqual([]);
    const named = cells.filter(({ question }) => question.unknown !== null);
    const done = named.filter(({ reply }) => Object.values(reply.body.data ?? {}).some(one => succeeded(one)));
    expect(done.map(nameOf)).toEqual([]);
  });

  test('what is told live: every subscription', async () => {
    const told = await eavesdrop(askers, { urlOf, world, known });
    expect(told.leaks).toEqual([]);
    for (const coordinate of told.coordinates) heard.add(coordinate);
  });

  test('reaches every field of the graph, so that none is left unjudged', () => {
    for (const { asker, reply } of asked) {
      if (!asker.invalid) coordinatesIn(reply.body.data, coordinate => heard.add(coordinate));
    }
    const left = [...demands.keys()].filter(coordinate => !heard.has(coordinate) && !CARRIERS.test(coordinate));
    const typeOf = (coordinate: string) => coordinate.split('.')[0]!;
    expect(left.filter(coordinate => !(typeOf(coordinate) in NOT_REACHED))).toEqual([]);
    expect(Object.keys(NOT_REACHED).filter(type => !left.some(coordinate => typeOf(coordinate) === type))).toEqual([]);
  });
});

/** A payload with a thing and no refusal. */
const succeeded = (payload: unknown): boolean =>
  payload !== null && typeof payload === 'object' && (payload as { refusal?: unknown }).refusal === null;
