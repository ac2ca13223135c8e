/** Linking an account again when our host's name, and with it the pairwise subject, has changed. */
import { serviceOf } from '../../../kernel/principal';
import { openPersonSession } from '../sessions/principal.service';
import type { Claims } from '../sessions/session.claims';
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());

/** Everybody in these tests has the family name of their test, so that they do not meet. */
const born = (name: string, given: Partial<Claims> = {}): Partial<Claims> => ({
  given_name: 'Kim',
  family_name: name,
  birthdate: '1980-02-29',
  place_of_birth: { locality: 'Kappeln' },
  ...given,
});

/** @returns the account that a sign-in at this host of ours leads to */
async function signIn(subject: string, sector: string, given: Partial<Claims>, population?: 'organisation') {
  const claims = { ...claimsOf(subject, population && { population }), ...given };
  const session = await identity.running.db.tx(serviceOf('identity'), tx =>
    openPersonSession(tx, claims, { fresh: { sector } }),
  );
  const [row] = await identity.sql<{ account_id: string }>('SELECT account_id FROM identity.session WHERE id = $1', [
    session,
  ]);
  return row!.account_id;
}

const OLD = 'old.example';
const NEW = 'new.example';

test('a new subject under a new host leads to the account with the same proven facts, and so do both from then on', async () => {
  const before = await signIn('same-1', OLD, born('Same'));
  expect(await signIn('same-2', NEW, born('Same', { acr: 'STORK-QAA-Level-4' }))).toBe(before);
  expect(await signIn('same-2', NEW, born('Same', { acr: 'STORK-QAA-Level-1' }))).toBe(before);
  expect(await signIn('same-1', OLD, born('Same'))).toBe(before);
});

test.each<[string, Partial<Claims>, Partial<Claims>]>([
  ['proven at LOW now', {}, { acr: 'STORK-QAA-Level-2' }],
  ['proven at LOW then', { acr: 'STORK-QAA-Level-2' }, {}],
  ['whose birthday is proven at LOW only', {}, { attribute_levels: { birthdate: 'STORK-QAA-Level-2' } }],
  ['whose birthday has an unknown level', {}, { attribute_levels: { birthdate: 'very high' } }],
  ['with another given name', {}, { given_name: 'Kai' }],
  ['with another birthday', {}, { birthdate: '1980-02-28' }],
  ['with another place of birth', {}, { place_of_birth: { locality: 'Kiel' } }],
  ['without a place of birth', {}, { place_of_birth: {} }],
])('facts %s are not enough', async (name, then, now) => {
  const before = await signIn(`${name}-1`, OLD, born(name, then));
  expect(await signIn(`${name}-2`, NEW, born(name, now))).not.toBe(before);
});

test('a second subject under the same host is somebody else, whatever is proven', async () => {
  const first = await signIn('twin-1', OLD, born('Twin'));
  expect(await signIn('twin-2', OLD, born('Twin'))).not.toBe(first);
});

test('an account that has its subject of the new host already is not another subject’s', async () => {
  const before = await signIn('taken-1', OLD, born('Taken'));
  expect(await signIn('taken-2', NEW, born('Taken'))).toBe(before);
  expect(await signIn('taken-3', NEW, born('Taken'))).not.toBe(before);
});

test('where two accounts fit, none is taken', async () => {
  const both = [await signIn('two-1', OLD, born('Two')), await signIn('two-2', OLD, born('Two'))];
  expect(both).not.toContain(await signIn('two-3', NEW, born('Two')));
});

test('another provider’s word does not lead there', async () => {
  const before = await signIn('foreign-1', OLD, born('Foreign'));
  expect(await signIn('foreign-2', NEW, born('Foreign'), 'organisation')).not.toBe(before);
});

test('a token of another client’s sign-in links nothing, and is linked to nothing', async () => {
  const before = await signIn('client-1', OLD, born('Client'));
  const { population: _, ...facts } = born('Client');
  const foreign = await identity.citizen('client-2', facts);
  expect(foreign.accountId).not.toBe(before);
  expect(await signIn('client-3', NEW, born('Client'))).toBe(before);
});

test.each<[string, Partial<Claims>]>([
  ['one name only', { given_name: undefined }],
  ['a given name only', { given_name: 'Only', family_name: undefined }],
])('somebody with %s is found again too', async (name, given) => {
  const who = born(name, { birthdate: name.length > 14 ? '1971-01-01' : '1972-02-02', ...given });
  const before = await signIn(`${name}-1`, OLD, who);
  expect(await signIn(`${name}-2`, NEW, who)).toBe(before);
  expect(await signIn(`${name}-3`, 'third.example', { ...who, given_name: 'Kim', family_name: 'More' })).not.toBe(
    before,
  );
});

test.each(['1980-02-00', '1980-00-00', '0000-00-00'])(
  'a birthday known in part, %s, is shared by too many',
  async date => {
    const before = await signIn(`${date}-1`, OLD, born('Part', { birthdate: date }));
    expect(await signIn(`${date}-2`, NEW, born('Part', { birthdate: date }))).not.toBe(before);
  },
);
