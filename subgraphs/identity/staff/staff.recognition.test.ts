/** Four eyes: a staff member's own accounts are recognised by proven facts, and only that they are the same leaves identity. */
import { newId } from '../../../kernel/ids';
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

  test('may be theirs by the name alone where the directory knows no date of birth, until it does', async () => {
    const name = { given_name: 'Ina', family_name: 'Gleichnamig' };
    const staffMemberId = await signOn('ina', { ...name, birthdate: undefined });
    const { accountId } = await identity.citizen('other-ina', { ...name, birthdate: '1999-09-09' });
    expect(await told(staffMemberId)).toEqual([{ staffMemberId, accountId, same: true, certain: false }]);
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

  /** What identity says of a directory's entry and an account: certainly one person, perhaps one, or two. */
  async function judged(staffGiven: object, accountGiven: object): Promise<'same' | 'perhaps' | 'others'> {
    const [one, other] = [newId(), newId()];
    const nobody = { given_name: undefined, family_name: undefined, name: undefined, birthdate: undefined };
    const staffMemberId = await signOn(one, { ...nobody, ...staffGiven });
    const { accountId } = await identity.citizen(other, { ...nobody, ...accountGiven });
    const last = (await told(staffMemberId)).filter(one => one.accountId === accountId).at(-1);
    if (!last?.same) return 'others';
    return last.certain === false ? 'perhaps' : 'same';
  }
  const name = (given_name: string | undefined, family_name?: string) => ({ given_name, family_name });
  /** A day on which nobody else of this file is born. */
  let days = 0;
  const day = () => new Date(Date.UTC(1950, 0, ++days)).toISOString().slice(0, 10);

  test.each([
    [name('Karl Heinz', 'Meyer-Groß'), name('Karl-Heinz', 'Meyer-Gross')],
    [name('Karlheinz', 'Meyer Gross'), name('KARL HEINZ', 'MEYER-GROẞ')],
    [name('Jürgen', 'Müller'), name('Juergen', 'Mueller')],
    [name('Jürgen', 'Müller'), name('Jurgen', 'Muller')],
    [name('Jürgen', 'Müller'), name('Ju\u0308rgen', 'Mu\u0308ller')],
    [name('Suharto'), name('Suharto')],
    [name(undefined, 'Suharto'), name('Suharto')],
    [name(undefined, 'Sukarno'), { name: 'SUKARNO' }],
    [name('Linh', 'Nguyễn'), name('Nguyen', 'Linh')],
    [name('Dr. Anna', 'Prof. Weiß'), name('Anna', 'Weiss')],
    [name('Omar', 'al-Hassan'), name('Omar', 'Alhassan')],
    [name('Seán', 'Ó Briain'), name('Sean', 'O’Briain')],
    [name(undefined, 'D’ Souza'), name(undefined, 'DSOUZA')],
    [name('Karl H.', 'Meyer'), name('Karl', 'Meyer')],
    [name('Maria-Elena', 'Roth'), name('Mariaelena', 'Roth')],
    [name('Dr. Anna Elise', 'Wolf'), name('Wolf', 'Annaelise')],
    [name('Paul', '\u202aAdler\u202c'), name('Paul', 'Adler')],
    [name('İpek', 'Işık'), name('Ipek', 'Isik')],
    [name('Ægir', 'Þórsson'), name('Aegir', 'Thorsson')],
    [name('Seán', 'O’Neill'), name('Sean', 'ONeill')],
    [name('Łukasz', 'Đorđević'), name('Lukasz', 'Dordevic')],
    [name('Søren', 'Ångström'), name('Soeren', 'Aangstroem')],
    [{ name: 'Ayşe Yılmaz' }, name('Ayse', 'Yilmaz')],
  ])('is theirs however the name is written and ordered, with the same date of birth: %j, %j', async (one, other) => {
    const birthdate = day();
    expect(await judged({ ...one, birthdate }, { ...other, birthdate })).toBe('same');
    expect(await judged({ ...other, birthdate }, { ...one, birthdate })).toBe('same');
    expect(await judged({ ...one, birthdate }, { ...other, birthdate: day() })).toBe('others');
  });

  test.each([
    [name('Karl', 'Meyer'), name('Karl Heinz', 'Meyer')],
    [name('Karl', 'Meyer'), name('Karl', 'Meyer-Groß')],
    [name('Karl', 'Meyer'), name('Karl', 'von Meyer')],
    [name('Omar', 'Hassan'), name('Omar', 'Alhassan')],
    [name('Anna', 'Schmidt'), name('Anna', 'Weber')],
    [name(undefined, 'Schulze'), name('Petra', 'Schulze')],
  ])('may be theirs when one of the names is the same and so is the date of birth: %j, %j', async (one, other) => {
    const birthdate = day();
    expect(await judged({ ...one, birthdate }, { ...other, birthdate })).toBe('perhaps');
    expect(await judged({ ...other, birthdate }, { ...one, birthdate })).toBe('perhaps');
  });

  test.each([
    [undefined, '1980-05-06'],
    ['1980-05-06', undefined],
    [undefined, undefined],
    ['1980-00-00', '1980-05-06'],
    ['1980', '1980-05-06'],
    ['1980-05-00', '1980-05-06'],
    ['0000-00-00', '1980-05-06'],
    ['1980-00-00', '1980-00-00'],
    ['1980-02-30', '1980-05-06'],
    ['gestern', '1980-05-06'],
  ])('may be theirs when the date of birth is not wholly known: %s, %s', async (one, other) => {
    const sub = newId()
      .slice(-6)
      .replace(/\d/g, digit => 'ghijklmnop'[Number(digit)]!);
    const [all, short, single] = [
      name('Karl-Heinz', `Xa${sub}`),
      name('Karl', `Xa${sub}`),
      name(undefined, `Xa${sub}`),
    ];
    expect(await judged({ ...all, birthdate: one }, { ...all, birthdate: other })).toBe('perhaps');
    expect(await judged({ ...all, birthdate: one }, { ...short, birthdate: other })).toBe('perhaps');
    expect(await judged({ ...single, birthdate: one }, { ...all, birthdate: other })).toBe('perhaps');
    expect(await judged({ ...all, birthdate: one }, { ...single, birthdate: other })).toBe('perhaps');
    expect(await judged({ ...all, birthdate: one }, { ...name('Karl', 'Andersmann'), birthdate: other })).toBe(
      'others',
    );
  });

  test.each([
    [name('Seán', 'Ó Briain'), name('Sean', 'O’Briain')],
    [name('Maria-Elena', 'Rothe'), name('Mariaelena', 'Rothe')],
    [name('Peter', '\u202aAdlers\u202c'), name('Peter', 'Adlers')],
  ])('may be theirs by the name alone, whatever parts it is written in: %j, %j', async (one, other) => {
    expect(await judged(one, { ...other, birthdate: day() })).toBe('perhaps');
    expect(await judged({ ...other, birthdate: day() }, one)).toBe('perhaps');
  });

  test.each([
    [name('Anna', 'Schmidt geb. Weber'), name('Anna', 'Meier geb. Huber')],
    [name('Jan', 'Petersen'), name('Jana', 'Petersen')],
    [name('.', '-'), name('-', '.')],
  ])('is somebody else’s by a name that only has something in common: %j, %j', async (one, other) => {
    expect(await judged(one, { ...other, birthdate: day() })).toBe('others');
  });

  test.each([
    ['1980-00-00', '1981-05-06'],
    ['1980-04-00', '1980-05-06'],
    ['1980-05-07', '1980-05-06'],
  ])('is somebody else’s when what is known of the dates of birth differs: %s, %s', async (one, other) => {
    const same = name('Horst', 'Kennt');
    expect(await judged({ ...same, birthdate: one }, { ...same, birthdate: other })).toBe('others');
  });

  test('is recognised by the name to show where the directory and the token know no other', async () => {
    const staffMemberId = await signOn('nameless', { given_name: undefined, family_name: undefined });
    const { accountId } = await identity.citizen('nameless-at-home', { given_name: 'Nameless', family_name: 'Staff' });
    expect(await told(staffMemberId)).toEqual([{ staffMemberId, accountId, same: true }]);
  });

  test('is found by both who sign in for the first time at the same moment', async () => {
    for (let i = 0; i < 5; i++) {
      const person = { ...name('Zwilling', `Zugleich ${'abcde'[i]}`), birthdate: day() };
      const [staffMemberId, { accountId }] = await Promise.all([
        signOn(newId(), person),
        identity.citizen(newId(), person),
      ]);
      expect(await told(staffMemberId)).toContainEqual({ staffMemberId, accountId, same: true });
    }
  });
});
