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
import { World } from './hostile/world';
import { type Asker, askersOf } from './rights/askers';
import { type Cell, type Court, cellsOf, deeds, isOutsider, leaks, trespasses } from './rights/judging';
import { eavesdrop } from './rights/listening';
import { coordinatesIn, demands, questionsOf, references } from './rights/questions';
import { sessionsOf, type Things, thingsOf } from './rights/things';

jest.setTimeout(170_000);

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'rights-'));
let stack: Stack;
let world: World;
let known: Stock;
let things: Things;
let askers: Asker[];
let court: Court;

beforeAll(async () => {
  stack = await startStack({ dataDir, durable: false });
  world = await World.open(stack);
  known = await stock(world);
  things = await thingsOf(stack, world, known);
  court = { urlOf, things, secrets: ['klara.muster', known.account] };
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
    asked.push(...(await cellsOf(court, questions, askers)));
    expect(leaks(court, asked)).toEqual([]);
    expect(trespasses(asked)).toEqual([]);
    const expired = asked.filter(({ asker }) => asker.invalid);
    expect(new Set(expired.map(({ reply }) => reply.status))).toEqual(new Set([401]));
  });

  test('what is done: every mutation, by those who have nothing to do with it', async () => {
    const cells = await cellsOf(court, questionsOf('mutation', known, things), askers.filter(isOutsider));
    expect(cells.length).toBeGreaterThan(400);
    expect(leaks(court, cells)).toEqual([]);
    expect(deeds(cells)).toEqual([]);
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
