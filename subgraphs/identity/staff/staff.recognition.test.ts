/** Four eyes: a staff member's own accounts are recognised by proven facts, and only that they are the same leaves identity. */
import { claimsOf, startTestIdentity, type TestIdentity } from '../testing/identity';

describe('the account of a staff member', () => {
  let identity: TestIdentity;
  beforeAll(async () => {
    identity = await startTestIdentity();
  });
  afterAll(() => identity.stop());

  const signOn = async (sub: string, given: object) =>
    (await identity.employ(sub, ['CASEWORKER'], {}, given)).staffMemberId;
  const told = async (staffMemberId: string) =>
    (await identity.published('staff.recognised')).filter(({ key }) => key === staffMemberId).map(one => one.payload);

  test('is recognised when they sign in as a citizen, by name and date of birth, however the name is written', async () => {
    const person = { given_name: 'Käthe', family_name: 'von  Muster', birthdate: '1980-05-06' };
    const staffMemberId = await signOn('kaethe', person);
    expect(await told(staffMemberId)).toEqual([]);
    const { accountId } = await identity.citizen('kaethe-at-home', { ...person, given_name: 'KÄTHE' });
    await identity.citizen('namesake', { ...person, birthdate: '1981-05-06' });
    expect(await told(staffMemberId)).toEqual([{ staffMemberId, accountId, same: true }]);
    expect(JSON.stringify(await told(staffMemberId))).not.toMatch(/käthe|1980/i);
  });

  test('is recognised at the first sign-on when the account was there before', async () => {
    const person = { given_name: 'Ole', family_name: 'Frühermann', birthdate: '1970-01-02' };
    const { accountId } = await identity.citizen('ole-at-home', person);
    const staffMemberId = await signOn('ole', person);
    expect(await told(staffMemberId)).toEqual([{ staffMemberId, accountId, same: true }]);
  });

  test('is taken for theirs by the name alone where the directory knows no date of birth, until it does', async () => {
    const name = { given_name: 'Ina', family_name: 'Gleichnamig' };
    const staffMemberId = await signOn('ina', { ...name, birthdate: undefined });
    const { accountId } = await identity.citizen('other-ina', { ...name, birthdate: '1999-09-09' });
    expect(await told(staffMemberId)).toEqual([{ staffMemberId, accountId, same: true }]);
    await identity.principal(
      claimsOf('ina', { population: 'staff', acr: undefined, ...name, birthdate: '1960-06-06' }),
    );
    expect((await told(staffMemberId)).at(-1)).toEqual({ staffMemberId, accountId, same: false });
  });

  test('is not recognised by what is only said', async () => {
    const person = { given_name: 'Said', family_name: 'Only', birthdate: '1990-01-01' };
    const staffMemberId = await signOn('said', person);
    await identity.citizen('claims-to-be-said', { ...person, acr: 'STORK-QAA-Level-1', method: 'PASSWORD' });
    expect(await told(staffMemberId)).toEqual([]);
  });
});
