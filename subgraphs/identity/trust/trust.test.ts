/** Is my trust level enough for this service, and what would raise it? */
import type { Principal } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { ANONYMOUS, person } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
beforeAll(async () => {
  identity = await startTestIdentity();
});
afterAll(() => identity.stop());

const TRUST = `query ($r: [_Any!]!) { _entities(representations: $r) { ... on ServiceAtPlace { leikaKey ars trust { required current sufficient stepUpWith } } } }`;
const trust = async (who: Principal, requiredTrustLevel: string | null) => {
  const place = { __typename: 'ServiceAtPlace', leikaKey: '99050012104000', ars: '010995999001', requiredTrustLevel };
  return (await identity.as(who).query(TRUST, { r: [place] })).data._entities[0].trust;
};

test('says what would raise the level of somebody who is not signed in, or not surely enough', async () => {
  expect(await trust(ANONYMOUS, 'SUBSTANTIAL')).toEqual({
    required: 'SUBSTANTIAL',
    current: null,
    sufficient: false,
    stepUpWith: ['EID', 'SMART_EID', 'EIDAS', 'ELSTER_CERTIFICATE'],
  });
  expect(await trust(person({ trustLevel: TrustLevel.LOW }), 'HIGH')).toEqual({
    required: 'HIGH',
    current: 'LOW',
    sufficient: false,
    stepUpWith: ['EID', 'EIDAS'],
  });
  expect((await trust(ANONYMOUS, 'BASIC')).sufficient).toBe(false);
});

test('says that a level is enough', async () => {
  expect(await trust(person({ trustLevel: TrustLevel.HIGH }), 'SUBSTANTIAL')).toEqual({
    required: 'SUBSTANTIAL',
    current: 'HIGH',
    sufficient: true,
    stepUpWith: [],
  });
});

test('says nothing of a service that the catalogue does not know, and knows that staff have the lowest level', async () => {
  expect(await trust(person(), null)).toBeNull();
  const max = await identity.employ('max', ['CASEWORKER']);
  expect(await trust(max, 'LOW')).toMatchObject({ current: 'BASIC', sufficient: false });
});
