import { RESIDENCE } from '../../../dev/demo/catalogue.services';
import { BURG, MUSTERSTADT } from '../../../dev/demo/facts';
import { seedPayment } from '../../../dev/demo/payment';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import {
  ANONYMOUS,
  type Answer,
  person,
  staff,
  startTestSubgraph,
  type TestSubgraph,
} from '../../../tests/setup/subgraph';
import payment from '../subgraph';
import { addFee, planOf } from '../testing/payment.world';
import { inWords, taxOf } from './amount';

const SERVICE = '99050012104000';
const GEMEINDE = '010995999001';
const AMT = '010995999';
const KREIS = '01099';
const LAND = '01';

let subgraph: TestSubgraph;
const authorityId = newId();
const publisher = staff({ authorityId, scopes: ['catalogue:publish'] });

beforeAll(async () => {
  subgraph = await startTestSubgraph(payment);
  subgraph.answerAsk('authorityArea', ({ id }) => ({
    authority: { id, area: { ars: id === authorityId ? AMT : '02' } },
  }));
  for (const one of [publisher, { ...publisher, staffMemberId: newId(), authorityId: newId() }]) await hire(one);
});
afterAll(() => subgraph.stop());

const hire = ({ staffMemberId, authorityId: of, scopes }: typeof publisher) =>
  subgraph.publish('identity', 'staff.changed', staffMemberId, {
    staffMemberId,
    authorityId: of,
    departmentId: null,
    scopes,
    active: true,
  });

const FEES = `query ($ars: Ars!, $leikaKey: LeikaKey, $on: Date, $first: Int, $after: String) {
  fees(ars: $ars, leikaKey: $leikaKey, on: $on, first: $first, after: $after) {
    nodes { id area { ars } service { leikaKey } items { gross { amountMinor } } validFrom } pageInfo { hasNextPage endCursor } } }`;

interface FeesAnswer {
  fees: { nodes: { service: { leikaKey: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
}

async function fees(variables: object) {
  const { data, errors } = await subgraph.as(ANONYMOUS).query(FEES, variables as Record<string, unknown>);
  expect(errors).toBeUndefined();
  return data.fees.nodes as { id: string; area: { ars: string }; validFrom: string }[];
}

async function quotes(places: object[], language: 'de' | 'en' = 'de') {
  const { data, errors, statements } = await subgraph.as(ANONYMOUS, language).query(
    `query ($places: [_Any!]!) { _entities(representations: $places) { ... on ServiceAtPlace { leikaKey ars
       fee { total { amountMinor currency } items { description quantity net { amountMinor } gross { amountMinor } }
         prepaymentRequired legalBasis explanation } } } }`,
    { places: places.map(place => ({ __typename: 'ServiceAtPlace', leikaKey: SERVICE, ars: GEMEINDE, ...place })) },
  );
  expect(errors).toBeUndefined();
  return { statements, entities: data._entities, fees: data._entities.map((one: { fee: unknown } | null) => one?.fee) };
}

const input = (more: object = {}) => ({
  leikaKey: '99001001000000',
  ars: GEMEINDE,
  items: [
    { reference: 'A-1', description: 'Ausstellung', quantity: 2, taxRatePercent: '19', unitNet: { amountMinor: 1001 } },
  ],
  prepaymentRequired: true,
  legalBasis: 'Gebührensatzung § 2',
  validFrom: '2026-01-01',
  validTo: '2026-12-31',
  expectedVersion: 0,
  idempotencyKey: newId(),
  ...more,
});

const save = async (more: object = {}, who = publisher) => {
  const { data, errors } = await subgraph.as(who).query(
    `mutation ($input: SaveFeeInput!) { saveFee(input: $input) {
       fee { id version legalBasis validTo items { quantity taxRatePercent net { amountMinor } tax { amountMinor } gross { amountMinor } } }
       refusal { code problems { path } } } }`,
    { input: input(more) },
  );
  return { ...data?.saveFee, error: errors?.[0]?.extensions.code };
};

describe('amounts', () => {
  test.each([
    [1001, '19', 190],
    [100, '7.5', 8],
    [99_999_900, '19.99', 19_989_980],
    [250, '0', 0],
  ])('the tax on %i cents at %s per cent is %i cents, by whole numbers only', (net, rate, tax) => {
    expect(taxOf(net, rate)).toBe(tax);
  });

  test('are written as people write them', () => {
    expect([inWords(123450, 'de'), inWords(123450, 'en'), inWords(5, 'de')]).toEqual([
      '1.234,50 €',
      '€1,234.50',
      '0,05 €',
    ]);
  });
});

describe('the fee rules of an area', () => {
  const leikaKey = '99002002000000';

  test('are read by anybody and inherited from Land to Gemeinde, the nearest rule first', async () => {
    await addFee(subgraph, { leikaKey, ars: LAND, minor: 3000 });
    expect(await fees({ ars: GEMEINDE, leikaKey })).toMatchObject([{ area: { ars: LAND } }]);
    await addFee(subgraph, { leikaKey, ars: KREIS, minor: 2500 });
    await addFee(subgraph, { leikaKey, ars: AMT, minor: 2000, from: '2026-07-01', to: '2026-12-31' });
    const on = async (day: string, ars = GEMEINDE) => (await fees({ ars, leikaKey, on: day })).map(fee => fee.area.ars);
    expect(await on('2026-08-01')).toEqual([AMT]);
    expect(await on('2026-06-30')).toEqual([KREIS]);
    expect(await on('2027-01-01')).toEqual([KREIS]);
    expect(await on('2026-08-01', '01099')).toEqual([KREIS]);
    expect(await on('2026-08-01', '01001')).toEqual([LAND]);
    expect(await on('2019-12-31')).toEqual([]);
  });

  test('without a day are those that hold on some day', async () => {
    expect((await fees({ ars: GEMEINDE, leikaKey })).map(fee => fee.area.ars)).toEqual([KREIS, AMT]);
    expect((await fees({ ars: LAND, leikaKey })).map(fee => fee.area.ars)).toEqual([LAND]);
  });

  test('come in pages, at the same number of statements for two and for twenty', async () => {
    for (let i = 10; i < 32; i++) await addFee(subgraph, { leikaKey: `990030${i}000000`, ars: '05' });
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer<FeesAnswer> = await subgraph.as(ANONYMOUS).query(FEES, { ars: '05', first: 5, after });
      seen.push(...data.fees.nodes.map(fee => fee.service.leikaKey));
      after = data.fees.pageInfo.hasNextPage ? data.fees.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(Array.from({ length: 22 }, (_, i) => `990030${i + 10}000000`));
    const few = await subgraph.as(ANONYMOUS).query(FEES, { ars: '05', first: 2 });
    const many = await subgraph.as(ANONYMOUS).query(FEES, { ars: '05', first: 20 });
    expect(many.statements).toBe(few.statements);
  });

  test('are found by an index', async () => {
    const sql = `SELECT * FROM fee WHERE ars = ANY('{01,01099}') AND leika_key = '99002002000000'`;
    expect(await planOf(subgraph, sql)).toContain('fee_area');
  });
});

describe('the fee of a service at a place', () => {
  beforeAll(() => addFee(subgraph, { leikaKey: SERVICE, ars: LAND, minor: 2600 }));

  test('says what it costs, on which law, and how that comes about', async () => {
    const { fees } = await quotes([{}]);
    expect(fees[0]).toEqual({
      total: { amountMinor: 2600, currency: 'EUR' },
      items: [
        { description: 'Gewerbeanmeldung', quantity: 1, net: { amountMinor: 2600 }, gross: { amountMinor: 2600 } },
      ],
      prepaymentRequired: true,
      legalBasis: 'Gebührenordnung § 1',
      explanation: [
        'Für 010995999001 gilt die Gebührenregel des übergeordneten Gebiets 01, gültig ab 01.01.2020.',
        'Gewerbeanmeldung: 1 × 26,00 € = 26,00 €',
        'Summe: 26,00 €',
        'Rechtsgrundlage: Gebührenordnung § 1',
        'Die Gebühr ist vor dem Absenden zu zahlen (Vorkasse).',
      ],
    });
    expect((await quotes([{}], 'en')).fees[0].explanation).toContain('Gewerbeanmeldung: 1 × €26.00 = €26.00');
  });

  test('is the local amount where there is one, zero when it is free, and null when it is unknown', async () => {
    const free = '99004004000000';
    await addFee(subgraph, { leikaKey: free, ars: LAND, minor: 0 });
    const { fees, entities } = await quotes([
      { feeOverride: { amountMinor: 1999, currency: 'EUR' } },
      { feeOverride: { amountMinor: 0, currency: 'EUR' } },
      { leikaKey: free },
      { leikaKey: '99999999999999' },
      { ars: '0109' },
    ]);
    expect(fees[0]).toMatchObject({
      total: { amountMinor: 1999 },
      items: [{ gross: { amountMinor: 1999 } }],
      prepaymentRequired: true,
    });
    expect(fees[0].explanation).toContain('Hier ist stattdessen ein örtlicher Betrag festgelegt: 19,99 €.');
    expect(fees[1]).toMatchObject({
      total: { amountMinor: 0 },
      items: [],
      prepaymentRequired: false,
      legalBasis: null,
    });
    expect(fees[2]).toMatchObject({ total: { amountMinor: 0 }, legalBasis: null, prepaymentRequired: false });
    expect(fees[2].explanation).toContain('Es fällt keine Gebühr an.');
    expect(entities[3]).toMatchObject({ leikaKey: '99999999999999', fee: null });
    expect(entities[4]).toBeNull();
  });

  test('costs the same number of statements for two places and for twenty', async () => {
    const places = Array.from({ length: 20 }, (_, i) => ({ ars: `0109959990${10 + i}` }));
    const few = await quotes(places.slice(0, 2));
    const many = await quotes(places);
    expect(many.fees).toHaveLength(20);
    expect(many.fees.every((fee: { total: { amountMinor: number } }) => fee.total.amountMinor === 2600)).toBe(true);
    expect(many.statements).toBe(few.statements);
  });
});

describe('saving a fee rule', () => {
  test('works the lines out and stores them once for one key', async () => {
    const idempotencyKey = newId();
    const made = await save({ idempotencyKey });
    expect(made).toMatchObject({
      refusal: null,
      fee: {
        version: 1,
        items: [{ quantity: 2, net: { amountMinor: 2002 }, tax: { amountMinor: 380 }, gross: { amountMinor: 2382 } }],
      },
    });
    expect((await save({ idempotencyKey })).fee.id).toBe(made.fee.id);
    expect((await save({ idempotencyKey, legalBasis: 'anders' })).refusal.code).toBe('IDEMPOTENCY_MISMATCH');
  });

  test('changes the version that was seen and refuses a stale one with what is stored', async () => {
    const leikaKey = '99005005000000';
    const { fee } = await save({ leikaKey });
    const changed = await save({ leikaKey, id: fee.id, expectedVersion: 1, legalBasis: 'Satzung § 3' });
    expect(changed.fee).toMatchObject({ id: fee.id, version: 2, legalBasis: 'Satzung § 3' });
    const stale = await save({ leikaKey, id: fee.id, expectedVersion: 1 });
    expect(stale).toMatchObject({
      refusal: { code: 'VERSION_CONFLICT' },
      fee: { version: 2, legalBasis: 'Satzung § 3' },
    });
  });

  test('is for publishers within the area of their authority', async () => {
    const foreign = staff({ scopes: ['catalogue:publish'] });
    await hire(foreign);
    expect((await save({}, foreign)).error).toBe('FORBIDDEN');
    expect((await save({ ars: LAND })).error).toBe('FORBIDDEN');
    expect((await save({ ars: '010995998001' })).error).toBe('FORBIDDEN');
    expect((await save({}, staff({ authorityId, scopes: ['catalogue:edit'] }))).error).toBe('FORBIDDEN');
    expect((await save({}, person() as never)).error).toBe('FORBIDDEN');
    // a token that identity has never heard of
    expect((await save({}, staff({ authorityId, scopes: ['catalogue:publish'] }))).error).toBe('FORBIDDEN');
    const elsewhere = await addFee(subgraph, { leikaKey: '99006006000000', ars: LAND });
    expect((await save({ id: elsewhere, expectedVersion: 1 })).error).toBe('FORBIDDEN');
    expect((await save({ id: newId(), expectedVersion: 1 })).error).toBe('NOT_FOUND');
  });

  test('refuses two rules for one day, and values that make no sense, each by its place', async () => {
    const leikaKey = '99007007000000';
    await save({ leikaKey });
    expect((await save({ leikaKey, validFrom: '2026-12-31', validTo: null })).refusal.code).toBe('FEE_OVERLAP');
    expect((await save({ leikaKey, validFrom: '2027-01-01', validTo: null })).refusal).toBeNull();
    const wrong = await save({
      validTo: '2025-01-01',
      legalBasis: ' ',
      items: [{ reference: '', description: 'x', quantity: 0, taxRatePercent: '1,5', unitNet: { amountMinor: -1 } }],
    });
    expect(wrong.refusal.code).toBe('VALIDATION_FAILED');
    expect(wrong.refusal.problems.map(({ path }: { path: string }) => path)).toEqual([
      '/legalBasis',
      '/validTo',
      '/items/0/reference',
      '/items/0/quantity',
      '/items/0/taxRatePercent',
      '/items/0/unitNet/amountMinor',
    ]);
    const large = { reference: 'A', description: 'x', quantity: 2, unitNet: { amountMinor: 60_000_000 } };
    expect((await save({ items: [large] })).refusal.problems).toEqual([{ path: '/items' }]);
  });

  test('is held by the database too: the sum is that of the lines', async () => {
    const [{ id } = { id: '' }] = await subgraph.sql<{ id: string }>(
      'SELECT id FROM payment.fee WHERE total_minor > 0',
    );
    await expect(
      subgraph.sql('UPDATE payment.fee SET total_minor = total_minor + 1 WHERE id = $1', [id]),
    ).rejects.toThrow('fee_total_is_sum_of_items');
  });
});

describe('the demo data', () => {
  test('prices the trade registration in both places of the demo, however often it is written', async () => {
    for (const place of [MUSTERSTADT, BURG, MUSTERSTADT]) {
      await subgraph.running.db.tx(serviceOf('payment'), tx => seedPayment(tx, place));
    }
    for (const place of [MUSTERSTADT, BURG]) {
      const { fees } = await quotes([
        { ars: place.municipalityArs },
        { ars: place.municipalityArs, leikaKey: RESIDENCE },
      ]);
      expect(fees).toMatchObject([
        { total: { amountMinor: 2600 }, prepaymentRequired: true },
        { total: { amountMinor: 0 }, legalBasis: null },
      ]);
    }
  });
});
