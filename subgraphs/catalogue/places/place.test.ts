import { seedCatalogue } from '../../../dev/demo/catalogue';
import { derivedId, newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import type { TestSubgraph } from '../../../tests/setup/subgraph';
import { AMT, ANONYMOUS, MUSTERSTADT, NEIGHBOUR, NEIGHBOUR_AMT, startCatalogue } from '../testing/catalogue';

const TRADE = '99050012104000';
const ONLINE = derivedId('online-service', 'gewerbeanmeldung');
const VERSION = derivedId('online-service-version', 'gewerbeanmeldung', '1');
const PREFLIGHT = `query ($leikaKey: LeikaKey!, $ars: Ars!) { serviceAtPlace(leikaKey: $leikaKey, ars: $ars) {
  leikaKey ars service { title legalBasis } area { name }
  responsibility { responsibility { authority { name } } steps { matched } fallbackAuthority { name contact { address } } refusal { code } }
  onlineServiceVersion { id number form { id } onlineService { name reusable offeredBy { name } } }
  adoption { id overrides { path value upstreamValue conflictsWithUpgrade } effectiveSettings upgrade { number } state }
  requiredTrustLevel requiredDocuments { code name mandatory } processingDays singleContact { name isPointOfSingleContact }
  feeOverride { amountMinor currency } recommendations { reason service { leikaKey } authority { name } } } }`;

describe('the preflight', () => {
  let catalogue: TestSubgraph;
  beforeAll(async () => {
    catalogue = await startCatalogue();
  });
  afterAll(() => catalogue.stop());

  const ask = (query: string, variables = {}) => catalogue.as(ANONYMOUS).query(query, variables);
  const preflight = async (ars: string, leikaKey = TRADE) =>
    (await ask(PREFLIGHT, { leikaKey, ars })).data.serviceAtPlace;

  test('brings together all that the catalogue knows of a service at a place', async () => {
    expect(await preflight(NEIGHBOUR.municipalityArs)).toMatchObject({
      leikaKey: TRADE,
      ars: NEIGHBOUR.municipalityArs,
      service: { title: 'Gewerbeanmeldung', legalBasis: ['§ 14 GewO', '§ 15 GewO'] },
      area: { name: 'Beispielsee' },
      responsibility: {
        responsibility: { authority: { name: 'Amt Beispielsee' } },
        steps: [{ matched: false }, { matched: true }],
        refusal: null,
      },
      onlineServiceVersion: {
        id: VERSION,
        number: 1,
        form: { id: derivedId('form', 'gewerbeanmeldung') },
        onlineService: { name: 'Gewerbeanmeldung online', reusable: true, offeredBy: { name: 'Schleswig-Holstein' } },
      },
      adoption: null,
      requiredTrustLevel: 'SUBSTANTIAL',
      requiredDocuments: [{ code: 'RENTAL_CONTRACT' }, { code: 'ID_CARD_COPY', mandatory: false }],
      processingDays: 14,
      singleContact: { name: 'ITV.SH', isPointOfSingleContact: true },
      feeOverride: null,
      recommendations: [{ authority: { name: 'Amt Beispielsee' } }, { authority: { name: 'Amt Beispielsee' } }],
    });
  });

  test('names where to turn as long as nobody is responsible', async () => {
    expect(await preflight(MUSTERSTADT.municipalityArs)).toMatchObject({
      responsibility: {
        responsibility: null,
        fallbackAuthority: { name: 'Amt Musterstadt', contact: { address: 'Am Markt 1, 00991 Musterstadt' } },
        refusal: { code: 'NO_RESPONSIBILITY' },
      },
      processingDays: null,
    });
  });

  test('takes the local settings of an adoption, zero fee included, and shows what an upgrade would touch', async () => {
    const adoption = newId();
    await catalogue.sql(
      `INSERT INTO catalogue.adoption (id, version, online_service_id, online_service_version_id, ars, authority_id, overrides, valid_from)
       VALUES ($1, 1, $2, $3, $4, $5, $6, '2026-01-01')`,
      [
        adoption,
        ONLINE,
        VERSION,
        NEIGHBOUR.associationArs,
        NEIGHBOUR_AMT,
        JSON.stringify([
          { path: '/fee/amountMinor', value: 0 },
          { path: '/contact/phone', value: '+49 0000 992' },
        ]),
      ],
    );
    await catalogue.sql(
      `UPDATE catalogue.online_service_version SET state = 'SUPERSEDED', valid_to = '2026-03-31' WHERE id = $1`,
      [VERSION],
    );
    await catalogue.sql(
      `INSERT INTO catalogue.online_service_version (id, version, state, valid_from, changed_at, published_at, online_service_id, ars, number, settings, overridable_paths)
       VALUES ($1, 1, 'PUBLISHED', '2026-04-01', now(), now(), $2, '01', 2, '{"contact":{"phone":"+49 0000 200"}}', '{/fee/amountMinor,/contact/phone}')`,
      [newId(), ONLINE],
    );
    const there = await preflight(NEIGHBOUR.municipalityArs);
    expect(there).toMatchObject({
      onlineServiceVersion: { id: VERSION, number: 1 },
      adoption: {
        id: adoption,
        state: 'ACTIVE',
        upgrade: { number: 2 },
        overrides: [
          { path: '/fee/amountMinor', value: 0, upstreamValue: null, conflictsWithUpgrade: false },
          { path: '/contact/phone', value: '+49 0000 992', upstreamValue: '+49 0000 100', conflictsWithUpgrade: true },
        ],
        effectiveSettings: {
          contact: { email: 'gewerbe@itvsh.example', phone: '+49 0000 992' },
          fee: { amountMinor: 0 },
        },
      },
      feeOverride: { amountMinor: 0, currency: 'EUR' },
    });
    expect(await preflight(MUSTERSTADT.municipalityArs)).toMatchObject({
      onlineServiceVersion: { number: 2, form: null },
      adoption: null,
    });
    const { data } = await ask(
      'query ($id: ID!, $ars: Ars) { onlineService(id: $id) { adoptions(ars: $ars) { nodes { id } } } }',
      {
        id: ONLINE,
        ars: '01099',
      },
    );
    expect(data.onlineService.adoptions.nodes).toEqual([{ id: adoption }]);
  });

  test('knows no unknown service or place, and is null when joined', async () => {
    const code = async (leikaKey: string, ars: string) =>
      (await ask(PREFLIGHT, { leikaKey, ars })).errors?.[0]?.extensions.code;
    expect(await code('99000000000000', '01')).toBe('NOT_FOUND');
    expect(await code(TRADE, '010995999777')).toBe('NOT_FOUND');
    const { data, statements } = await ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ServiceAtPlace { requiredTrustLevel responsibility { fallbackAuthority { name } } feeOverride { amountMinor } } } }',
      {
        r: [
          { __typename: 'ServiceAtPlace', leikaKey: TRADE, ars: MUSTERSTADT.municipalityArs },
          { __typename: 'ServiceAtPlace', leikaKey: '99115005104000', ars: NEIGHBOUR.municipalityArs },
          { __typename: 'ServiceAtPlace', leikaKey: TRADE, ars: '16' },
        ],
      },
    );
    expect(data._entities).toMatchObject([{ requiredTrustLevel: 'SUBSTANTIAL' }, { requiredTrustLevel: 'HIGH' }, null]);
    expect(statements).toBeLessThan(20);
  });
});

describe('online services, portals and authorities', () => {
  let catalogue: TestSubgraph;
  beforeAll(async () => {
    catalogue = await startCatalogue();
  });
  afterAll(() => catalogue.stop());

  const ask = (query: string, variables = {}) => catalogue.as(ANONYMOUS).query(query, variables);

  test('offered for re-use are listed with their version', async () => {
    const { data } = await ask(
      '{ onlineServices(reusableOnly: true) { totalCount nodes { name services { title } publishedVersion { number overridablePaths settings form { id } } } } }',
    );
    expect(data.onlineServices).toMatchObject({
      totalCount: 1,
      nodes: [
        { name: 'Gewerbeanmeldung online', services: [{ title: 'Gewerbeanmeldung' }], publishedVersion: { number: 1 } },
      ],
    });
    expect(
      (await ask('{ onlineServices(leikaKey: "99115005104000") { totalCount } }')).data.onlineServices.totalCount,
    ).toBe(0);
  });

  test('that were never published are for nobody else', async () => {
    const id = newId();
    await catalogue.sql(
      `INSERT INTO catalogue.online_service (id, version, name, leika_keys, offered_by_ars) VALUES ($1, 1, 'Geheim', '{99050012104000}', '01')`,
      [id],
    );
    expect(
      (await ask('query ($id: ID!) { onlineService(id: $id) { name } }', { id })).errors?.[0]?.extensions.code,
    ).toBe('NOT_FOUND');
    const { data } = await ask(
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on OnlineService { name } } }',
      {
        r: [{ __typename: 'OnlineService', id }],
      },
    );
    expect(data._entities).toEqual([null]);
    expect((await ask('{ onlineServices { nodes { id } } }')).data.onlineServices.nodes).not.toContainEqual({ id });
  });

  test('a portal answers under its host and offers what somebody is responsible for in its areas', async () => {
    const HOST =
      'query ($host: String!, $text: String!) { portalByHost(host: $host) { id name generation state authority { name } services(search: { text: $text }, first: 5) { didYouMean totalCount nodes { leikaKey title } } } }';
    const here = await ask(HOST, { host: 'PORTAL.musterstadt.example', text: 'Fahrzeug ummelden' });
    expect(here.data.portalByHost).toMatchObject({
      name: 'Bürgerportal Musterstadt',
      generation: 'V2',
      state: 'ONLINE',
      authority: { name: 'Amt Musterstadt' },
      services: { nodes: [{ leikaKey: '99036008071000', title: 'Fahrzeug ummelden' }] },
    });
    const notYet = await ask(HOST, { host: MUSTERSTADT.portalHost, text: 'Gewerbe anmeldn' });
    expect(notYet.data.portalByHost.services).toMatchObject({ didYouMean: 'Gewerbe anmelden' });
    expect(notYet.data.portalByHost.services.nodes).not.toContainEqual({ leikaKey: TRADE, title: 'Gewerbeanmeldung' });
    expect((await ask(HOST, { host: 'nowhere.example', text: 'x' })).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    const list = await ask(
      '{ portals(generation: V2, state: ONLINE) { totalCount nodes { id } } portal(id: "00000000-0000-7000-8000-000000000000") { id } }',
    );
    expect(list.data.portals.totalCount).toBe(1);
    expect(list.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('authorities are found by name, by area and as points of single contact', async () => {
    const names = async (args: string) =>
      (await ask(`{ authorities(${args}) { nodes { name } } }`)).data.authorities.nodes.map(
        (one: { name: string }) => one.name,
      );
    expect(await names('text: "musterst"')).toEqual(['Amt Musterstadt']);
    expect(await names('text: "schleswig hol"')).toEqual(await names('text: "Schleswig–HOL"'));
    expect(await names('text: "Schleswig-Hol"')).toHaveLength(1);
    expect(await names(`ars: "${MUSTERSTADT.municipalityArs}"`)).toEqual(['Amt Musterstadt']);
    expect(await names('ars: "01099"')).toEqual(['Amt Beispielsee', 'Amt Musterstadt', 'Kreis Musterland']);
    expect(await names('pointOfSingleContactOnly: true')).toEqual(['ITV.SH']);
    const { data } = await ask(
      'query ($id: ID!) { authority(id: $id) { name kind version parent { name parent { name } } area { name } contact { phone openingHours } } }',
      { id: AMT },
    );
    expect(data.authority).toMatchObject({
      name: 'Amt Musterstadt',
      kind: 'ASSOCIATION',
      version: 1,
      parent: { name: 'Kreis Musterland', parent: { name: 'Land Schleswig-Holstein' } },
      contact: { phone: '+49 0000 991-0' },
    });
  });

  test('the demo data can be written again and again, and tells each authority once', async () => {
    const count = async () => {
      const [row] = await catalogue.sql(
        `SELECT (SELECT count(*) FROM catalogue.service_version) AS versions, (SELECT count(*) FROM catalogue.responsibility) AS responsibilities,
           (SELECT count(*) FROM catalogue.authority) AS authorities, (SELECT count(*) FROM catalogue.area) AS areas`,
      );
      return { ...row, events: (await catalogue.published('authority.changed')).length };
    };
    const before = await count();
    await catalogue.running.db.tx(serviceOf('catalogue'), tx => seedCatalogue(tx, MUSTERSTADT));
    expect(await count()).toEqual(before);
    expect(before.events).toBe(7);
  });
});
