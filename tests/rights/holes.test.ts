/**
 * Is the matrix of rights worth anything? Holes are planted in identity, and each must be reported: a matrix that finds
 * nothing proves something only when it finds what is there.
 */
import { rows } from '../../kernel/database/database';
import { graphError } from '../../kernel/errors';
import { newId } from '../../kernel/ids';
import { type Person, serviceOf } from '../../kernel/principal';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { accountRights } from '../../subgraphs/identity/accounts/account.rights';
import { Mandate } from '../../subgraphs/identity/mandates/mandate.entity';
import { MandateResolver } from '../../subgraphs/identity/mandates/mandate.resolver';
import { StaffMemberResolver } from '../../subgraphs/identity/staff/staff.resolver';
import manifest from '../../subgraphs/identity/subgraph';
import { startTestIdentity, type TestIdentity } from '../../subgraphs/identity/testing/identity';
import { KINDS, type Stock } from '../hostile/stock';
import { type Asker, askersOf } from './askers';
import { type Cell, type Court, cellsOf, deeds, isOutsider, leaks, trespasses } from './judging';
import { judge } from './listening';
import { questionsOf } from './questions';

let identity: TestIdentity;
let court: Court;
let known: Stock;
let askers: Asker[];
let klara: Person;

/** A reference resolver that is planted for one test. */
let planted: Subgraph['references'] | null = null;
const references = Object.fromEntries(
  Object.entries(manifest.references ?? {}).map(([type, resolve]) => [
    type,
    (reference: never, ctx: never) => (planted?.[type] ?? resolve)(reference, ctx),
  ]),
) as Subgraph['references'];

beforeAll(async () => {
  identity = await startTestIdentity({ ...manifest, references });
  klara = await identity.citizen('klara');
  const [agent, jonas] = [await identity.citizen('levi'), await identity.citizen('jonas')];
  const place = { authorityId: newId(), departmentId: newId() };
  const max = await identity.employ('max', ['CASEWORKER'], place);
  const thea = await identity.employ('thea', ['CASEWORKER', 'TEAM_LEAD'], place);
  const { mandate } = await done('grantMandate', 'mandate', klara, {
    agentAccountId: agent.accountId,
    validFrom: '2099-01-01T00:00:00Z',
  });
  const { substitution } = await done('arrangeSubstitution', 'substitution', max, {
    absentStaffMemberId: max.staffMemberId,
    substituteStaffMemberId: thea.staffMemberId,
    validFrom: '2099-01-01T00:00:00Z',
    validTo: '2099-02-01T00:00:00Z',
  });
  known = {
    ...(Object.fromEntries(KINDS.map(kind => [kind, newId()])) as Stock),
    account: klara.accountId,
    mandate: mandate.id,
    substitution: substitution.id,
    staffMember: max.staffMemberId,
    colleague: thea.staffMemberId,
    authority: place.authorityId,
  };
  const by = (id: string) => [{ id }];
  court = {
    urlOf: () => identity.url,
    secrets: ['klara@post.example', 'max@amt.example', klara.accountId],
    things: {
      Account: by(klara.accountId),
      StaffMember: by(max.staffMemberId),
      Mandate: by(mandate.id),
      Substitution: by(substitution.id),
    },
  };
  askers = askersOf({
    klara: klara.accountId,
    jonas: jonas.accountId,
    ...place,
    neighbourId: newId(),
    operatorAuthorityId: newId(),
    max: max.staffMemberId,
    thea: thea.staffMemberId,
    sessions: { klara: klara.sessionId, max: max.sessionId },
  });
});
afterAll(() => identity.stop());
afterEach(() => {
  planted = null;
  jest.restoreAllMocks();
});

// biome-ignore lint/suspicious/noExplicitAny: payloads of two shapes
async function done(name: string, thing: string, by: Parameters<TestIdentity['as']>[0], input: object): Promise<any> {
  const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input!`;
  const mutation = `mutation ($input: ${type}) { ${name}(input: $input) { ${thing} { id } refusal { code } } }`;
  const { data } = await identity.as(by).query(mutation, { input: { ...input, idempotencyKey: newId() } });
  return data[name];
}

/** @param about the beginning of the questions' names; all when left out */
function asked(kind: 'query' | 'mutation', about = ''): Promise<Cell[]> {
  const questions = questionsOf(kind, known, court.things).filter(
    ({ to, name }) => to === 'identity' && name.startsWith(about),
  );
  return cellsOf(court, questions, kind === 'query' ? askers : askers.filter(isOutsider));
}

const pageOf = (nodes: object[]) => ({
  edges: nodes.map(node => ({ cursor: 'c', node })),
  nodes,
  pageInfo: { hasNextPage: false, endCursor: null },
});
/** Past every rule and every wall. */
const theMandate = async () =>
  (
    await identity.running.db.tx(serviceOf('identity'), tx =>
      rows(tx, Mandate, 'SELECT * FROM mandate WHERE id = $1', [known.mandate]),
    )
  )[0]!;

test('without a hole nothing is reported', async () => {
  const cells = [...(await asked('query')), ...(await asked('mutation', 'revokeMandate'))];
  expect(cells.length).toBeGreaterThan(200);
  expect(leaks(court, cells)).toEqual([]);
  expect(trespasses(cells)).toEqual([]);
  expect(deeds(cells)).toEqual([]);
});

test('a reference resolver that skips the check', async () => {
  planted = { Mandate: theMandate as never };
  const cells = await asked('query', 'identity: Mandate');
  expect(leaks(court, cells).join()).toContain('nobody: identity: Mandate by reference');
  expect(trespasses(cells)).toContain('a partner state: Mandate.validFrom');
});

test('a field whose loader has lost its condition', async () => {
  jest.spyOn(accountRights, 'maySeePart').mockReturnValue(true);
  expect(trespasses(await asked('query', 'identity: Account'))).toContain(
    'an agent with a mandate: Account.attributes',
  );
});

test('a list with a row of somebody else', async () => {
  jest
    .spyOn(MandateResolver.prototype, 'mandates')
    .mockImplementation((async () => pageOf([await theMandate()])) as never);
  expect(leaks(court, await asked('query', 'mandates')).join()).toContain(
    `a partner state: mandates tells ${known.account}`,
  );
});

test('a list without a row that gives away how many there are', async () => {
  jest.spyOn(StaffMemberResolver.prototype, 'staffMembers').mockImplementation((async (authorityId: string) => ({
    ...pageOf([]),
    totalCount: authorityId === known.authority ? 2 : 0,
  })) as never);
  expect(leaks(court, await asked('query', 'staffMembers')).join()).toContain('"totalCount":2');
});

test('an error that says that there is something', async () => {
  jest.spyOn(StaffMemberResolver.prototype, 'staffMember').mockImplementation(async id => {
    throw graphError(id === known.staffMember ? 'FORBIDDEN' : 'NOT_FOUND');
  });
  expect(leaks(court, await asked('query', 'staffMember ')).join()).toContain('"code":"FORBIDDEN"');
});

test('a look that takes longer where there is something', async () => {
  jest.spyOn(StaffMemberResolver.prototype, 'staffMember').mockImplementation(async (id, ctx) => {
    if (id === known.staffMember) await ctx.read(tx => tx.query('SELECT 1'));
    throw graphError('NOT_FOUND');
  });
  expect(leaks(court, await asked('query', 'staffMember ')).join()).toMatch(/statements and not \d+: time tells/);
});

test('a mutation that anybody may call', async () => {
  jest
    .spyOn(MandateResolver.prototype, 'revokeMandate')
    .mockImplementation((async () => ({ mandate: await theMandate(), refusal: null })) as never);
  const cells = await asked('mutation', 'revokeMandate');
  expect(deeds(cells)).toContain('a partner state: revokeMandate input.mandateId');
});

test('a stream that tells those who have nothing to do with it, or ends otherwise for what is there', () => {
  const asker = askers.find(({ name }) => name === 'a partner state')!;
  const [question] = questionsOf('subscription', known, {});
  const ear = { asker, question: question!, inVain: false, heard: [], end: 'FORBIDDEN' };
  const inVain = { ...ear, inVain: true };
  expect(judge([ear, inVain]).leaks).toEqual([]);
  expect(judge([{ ...ear, heard: [{ data: { it: 'Klara' } }] }, inVain]).leaks).toHaveLength(1);
  expect(judge([{ ...ear, end: 'complete' }, inVain]).leaks.join()).toContain('ends with complete, or with FORBIDDEN');
});
