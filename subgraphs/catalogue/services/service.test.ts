import type { Page } from '../../../kernel/page';
import type { Answer, TestSubgraph } from '../../../tests/setup/subgraph';
import { AMT, ANONYMOUS, editor, MUSTERSTADT, NEIGHBOUR, startCatalogue } from '../testing/catalogue';
import { editDistance } from './search-words';

const TRADE = '99050012104000';
const RESIDENCE = '99115005104000';

describe('services', () => {
  let catalogue: TestSubgraph;
  beforeAll(async () => {
    catalogue = await startCatalogue();
  });
  afterAll(() => catalogue.stop());

  const ask = (query: string, variables = {}, language: 'de' | 'en' = 'de') =>
    catalogue.as(ANONYMOUS, language).query(query, variables);
  const FIND =
    'query ($search: ServiceSearch, $first: Int, $after: String) { services(search: $search, first: $first, after: $after) { totalCount didYouMean nodes { leikaKey title } pageInfo { hasNextPage endCursor } } }';
  const find = async (search: object | null, language: 'de' | 'en' = 'de') =>
    (await ask(FIND, { search, first: 100 }, language)).data.services;
  const titles = async (search: object) =>
    (await find(search)).nodes.map((service: { title: string }) => service.title);

  test('are found with a typo, and the corrected spelling is offered', async () => {
    const found = await find({ text: 'Gewerbe anmeldn' });
    expect(found.didYouMean).toBe('Gewerbe anmelden');
    expect(found.nodes[0]).toEqual({ leikaKey: TRADE, title: 'Gewerbeanmeldung' });
    expect(found.totalCount).toBe(found.nodes.length);
  });

  test.each([
    ['Gewerbe anmelden', 'Gewerbeanmeldung'],
    ['gewerbeanmeldung', 'Gewerbeanmeldung'],
    ['Firma gründen', 'Gewerbeanmeldung'],
    ['Firma gruenden', 'Gewerbeanmeldung'],
    ['Firma grunden', 'Gewerbeanmeldung'],
    ['open a shop', 'Gewerbeanmeldung'],
    ['Wohnsitz ummelden', 'Wohnsitz anmelden oder ummelden'],
    ['Perso', 'Personalausweis beantragen'],
    ['Personalausw', 'Personalausweis beantragen'],
    ['Personalausweiß', 'Personalausweis beantragen'],
    ['Geburtsurkude', 'Geburtsurkunde'],
    ['Hundestuer', 'Hundesteuer'],
    ['Auto anmelden', 'Fahrzeug ummelden'],
    ['Zuschuss zur Miete', 'Wohngeld'],
    ['ich möchte mein Auto anmelden', 'Fahrzeug ummelden'],
    ['Wo kann ich hier einen Hund anmelden?', 'Hundesteuer'],
    ['Firma gru\u0308nden', 'Gewerbeanmeldung'],
    ['ich mo\u0308chte mein Auto anmelden', 'Fahrzeug ummelden'],
    ['ich moechte mein Auto anmelden', 'Fahrzeug ummelden'],
    ['Zuschuß zur Miete', 'Wohngeld'],
    ['ZUSCHUẞ zur Miete', 'Wohngeld'],
    ['Gewerbe\u00adanmeldung', 'Gewerbeanmeldung'],
    ['Gewerbe-Anmeldung', 'Gewerbeanmeldung'],
    ['Zuschuß fuer die Miete', 'Wohngeld'],
  ])('are found by “%s”', async (text, title) => {
    expect((await titles({ text }))[0]).toBe(title);
  });

  test('offer no other spelling for words that are known, and find nothing for nonsense', async () => {
    expect((await find({ text: 'Gewerbe anmelden' })).didYouMean).toBeNull();
    for (const text of ['Firma gruenden', 'Firma gru\u0308nden', 'Firma grün\u00adden', 'ZUSCHUẞ für die Miete']) {
      expect([text, (await find({ text })).didYouMean]).toEqual([text, null]);
    }
    const [one, ...others] = await Promise.all(
      ['Zuschuss für Miete', 'Zuschuß fu\u0308r Miete', 'Zuschuss fuer Miete', 'ZUSCHUẞ FÜR MIETE'].map(text =>
        titles({ text }),
      ),
    );
    for (const other of others) expect(other).toEqual(one);
    expect(await find({ text: 'xqzw vbnm' })).toMatchObject({ totalCount: 0, nodes: [], didYouMean: null });
  });

  test('survive every character in a search, and refuse an overlong one', async () => {
    for (const text of ["' | & ! :* ( )", '"\\', '%_', '💶', "'); DROP TABLE area --"]) {
      expect((await ask(FIND, { search: { text } })).errors).toBeUndefined();
    }
    const { errors } = await ask(FIND, { search: { text: 'a'.repeat(201) } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', field: 'search.text' });
  });

  test('come by title without a text, page by page without gap or repetition', async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: Answer<{ services: Page<{ leikaKey: string }> }> = await ask(FIND, { first: 5, after });
      seen.push(...data.services.nodes.map(service => service.leikaKey));
      after = data.services.pageInfo.hasNextPage ? data.services.pageInfo.endCursor : null;
    } while (after);
    const all = await find(null);
    expect(seen).toEqual(all.nodes.map((service: { leikaKey: string }) => service.leikaKey));
    expect(new Set(seen).size).toBe(all.totalCount);
  });

  test('page through what was found by text as well', async () => {
    const page = async (after: string | null) =>
      (await ask(FIND, { search: { text: 'Gewerbe' }, first: 1, after })).data.services;
    const first = await page(null);
    const second = await page(first.pageInfo.endCursor);
    const both = (await find({ text: 'Gewerbe' })).nodes.slice(0, 2);
    expect([...first.nodes, ...second.nodes]).toEqual(both);
  });

  test('are filtered by topic, situation, audience, programme and marks', async () => {
    expect(await titles({ lifeTopic: 'FAMILY_CHILD' })).toEqual(['Geburtsurkunde', 'Unterhaltsvorschuss']);
    const { data } = await ask('{ lifeTopics { code situations { id name } } }');
    const situation = data.lifeTopics
      .flatMap((topic: { situations: { id: string; name: string }[] }) => topic.situations)
      .find((one: { name: string }) => one.name === 'Tierhaltung');
    expect(await titles({ lifeSituationId: situation.id })).toEqual(['Hundesteuer']);
    expect(await titles({ audience: 'BUSINESS', lifeTopic: 'BUILDING_HOUSING' })).toEqual(['Baugenehmigung']);
    expect(await titles({ programme: 'FEDERAL_GOVERNMENT' })).toEqual([]);
    expect(await titles({ singleContactOnly: true })).toEqual([
      'Gaststättengewerbe anzeigen',
      'Gewerbeabmeldung',
      'Gewerbeanmeldung',
      'Gewerbeummeldung',
    ]);
    expect(await titles({ onlineOnly: true })).toEqual(['Gewerbeanmeldung']);
    expect(await titles({ onlineOnly: true, ars: NEIGHBOUR.municipalityArs })).toEqual(['Gewerbeanmeldung']);
    expect(await titles({ boosterOnly: true, text: 'Gewerbe' })).not.toContain('Gaststättengewerbe anzeigen');
  });

  test('are filtered by place: only where somebody is responsible', async () => {
    expect(await titles({ ars: NEIGHBOUR.municipalityArs })).toContain('Gewerbeanmeldung');
    expect(await titles({ ars: MUSTERSTADT.municipalityArs })).not.toContain('Gewerbeanmeldung');
    expect(await titles({ ars: MUSTERSTADT.municipalityArs })).toContain('Fahrzeug ummelden');
    expect(await titles({ ars: '02' })).toEqual([]);
  });

  test('speak the language of the asker', async () => {
    const english = await find({ text: 'Gewerbeanmeldung' }, 'en');
    expect(english.nodes[0].title).toBe('Trade registration');
    const { data } = await ask(
      'query ($key: LeikaKey!) { service(leikaKey: $key) { title summary requiredTrustLevel legalBasis lifeTopic { code name } requiredDocuments { code name mandatory mimeTypes maxByteSize } } }',
      { key: TRADE },
      'en',
    );
    expect(data.service).toMatchObject({
      title: 'Trade registration',
      requiredTrustLevel: 'SUBSTANTIAL',
      legalBasis: ['§ 14 GewO', '§ 15 GewO'],
      lifeTopic: { code: 'BUSINESS', name: 'Running and developing a business' },
      requiredDocuments: [
        { code: 'RENTAL_CONTRACT', name: 'Rental contract of the premises', mandatory: false },
        { code: 'ID_CARD_COPY', mandatory: false },
      ],
    });
  });

  test('recommend what follows, with the authority at the place, and nothing that is not offered there', async () => {
    const RECOMMEND =
      'query ($key: LeikaKey!, $ars: Ars) { service(leikaKey: $key) { recommendations(ars: $ars) { reason service { leikaKey } authority { name } onlineService { id } } } }';
    const here = (await ask(RECOMMEND, { key: RESIDENCE, ars: MUSTERSTADT.municipalityArs })).data.service;
    expect(here.recommendations).toMatchObject([
      { service: { leikaKey: '99036008071000' }, authority: { name: 'Kreis Musterland' }, onlineService: null },
      { service: { leikaKey: '99102013002000' }, authority: { name: 'Amt Musterstadt' } },
    ]);
    const elsewhere = (await ask(RECOMMEND, { key: RESIDENCE, ars: '02' })).data.service;
    expect(elsewhere.recommendations).toEqual([]);
    expect((await ask(RECOMMEND, { key: RESIDENCE })).data.service.recommendations).toHaveLength(2);
  });

  test('count per topic, all fourteen of them', async () => {
    const { data, statements } = await ask(
      '{ lifeTopics { code name serviceCount situations { id name audience lifeTopic { code } } } }',
    );
    expect(data.lifeTopics).toHaveLength(14);
    const counts = Object.fromEntries(
      data.lifeTopics.map((topic: { code: string; serviceCount: number }) => [topic.code, topic.serviceCount]),
    );
    expect(counts).toMatchObject({ BUSINESS: 4, FAMILY_CHILD: 2, HEALTH: 0 });
    const sum = Object.values(counts as Record<string, number>).reduce((all, one) => all + one, 0);
    expect(sum).toBe((await find(null)).totalCount);
    expect(statements).toBeLessThan(8);
  });

  test('are not there when unknown or no longer published, but old cases keep their title', async () => {
    const one = 'query ($key: LeikaKey!) { service(leikaKey: $key) { title } }';
    const codeOf = async (key: string) => (await ask(one, { key })).errors?.[0]?.extensions;
    expect(await codeOf('99000000000000')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await codeOf('12345678901234')).toMatchObject({ code: 'BAD_INPUT', field: 'key' });
    await catalogue.sql(
      `UPDATE catalogue.service_version SET state = 'WITHDRAWN', valid_to = '2026-01-31' WHERE leika_key = '99108001001000'`,
    );
    expect(await codeOf('99108001001000')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await titles({ text: 'Bewohnerparkausweis' })).toEqual([]);
    const { data } = await ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Service { title } } }', {
      r: [
        { __typename: 'Service', leikaKey: '99108001001000' },
        { __typename: 'Service', leikaKey: '99000000000000' },
      ],
    });
    expect(data._entities).toEqual([{ title: 'Bewohnerparkausweis' }, null]);
  });

  test('keep drafts from everybody but their editors: in the list, the search, by key and in the vocabulary', async () => {
    await catalogue.sql(`INSERT INTO catalogue.service VALUES ('99000000000001')`);
    const [draft] = await catalogue.sql<{ id: string }>(
      `INSERT INTO catalogue.service_version (id, version, state, valid_from, changed_at, leika_key, number, title, summary,
         audiences, programme, leika_type, required_trust_level)
       VALUES (gen_random_uuid(), 1, 'DRAFT', '2026-01-01', now(), '99000000000001', 1, '{"de":"Zauberschein"}',
         '{"de":"Geheim"}', '{CITIZEN}', 'FEDERATED', '4', 'HIGH') RETURNING id`,
    );
    expect(await find({ text: 'Zauberschein' })).toMatchObject({ totalCount: 0, didYouMean: null });
    expect(await find({ text: 'Zaubersche1n' })).toMatchObject({ totalCount: 0, didYouMean: null });
    expect(await titles({})).not.toContain('Zauberschein');
    const entities =
      'query ($r: [_Any!]!) { _entities(representations: $r) { ... on ServiceVersion { title { de } } } }';
    const r = [{ __typename: 'ServiceVersion', id: draft!.id }];
    expect((await ask(entities, { r })).data._entities).toEqual([null]);
    const amt = await editor(catalogue);
    expect((await catalogue.as(amt).query(entities, { r })).data._entities).toEqual([null]);
    const state = await editor(
      catalogue,
      (await catalogue.sql<{ id: string }>(`SELECT id FROM catalogue.authority WHERE name = 'ITV.SH'`))[0]!.id,
    );
    expect((await catalogue.as(state).query(entities, { r })).data._entities).toEqual([
      { title: { de: 'Zauberschein' } },
    ]);
  });

  test('need the same number of statements for two and for twenty', async () => {
    const list = (first: number) =>
      `{ services(first: ${first}) { totalCount nodes { title lifeTopic { name } lifeSituations { name } requiredDocuments { name }
         onlineServices(ars: "${MUSTERSTADT.municipalityArs}") { name publishedVersion { number } }
         responsibilities(first: 3) { nodes { area { name } authority { name } } }
         recommendations(ars: "${NEIGHBOUR.municipalityArs}") { reason service { title } authority { name } } } } }`;
    const [few, many] = [await ask(list(2)), await ask(list(20))];
    expect(many.data.services.nodes.length).toBeGreaterThan(9);
    // two services may have nothing to join; so the difference is bounded, not the sum
    const all = await ask(list(100));
    expect(all.statements).toBe(many.statements);
    expect(few.statements).toBeLessThanOrEqual(many.statements);
  });

  test('of an authority and of a portal are lists too, and cost the same for one and for many', async () => {
    const { data } = await ask(
      'query ($id: ID!) { authority(id: $id) { name departments { name } services(first: 100) { totalCount nodes { title } } portals { host services(search: { text: "Wohnsitz" }) { totalCount nodes { title } } featuredServices { title } areas { name } } } }',
      { id: AMT },
    );
    expect(data.authority.services.totalCount).toBe(data.authority.services.nodes.length);
    expect(data.authority.services.nodes).toContainEqual({ title: 'Wohngeld' });
    expect(data.authority.departments).toEqual([{ name: 'Bürgerbüro' }, { name: 'Ordnungsamt' }]);
    expect(data.authority.portals).toMatchObject([
      {
        host: MUSTERSTADT.portalHost,
        services: { totalCount: 1, nodes: [{ title: 'Wohnsitz anmelden oder ummelden' }] },
        areas: [{ name: 'Amt Musterstadt' }],
      },
    ]);
    const list = (first: number) =>
      `{ authorities(first: ${first}) { totalCount nodes { name area { name } parent { name } departments { name } services(first: 2) { totalCount nodes { title } } portals { name services(first: 2) { totalCount nodes { title } } } } } }`;
    const [few, many] = [await ask(list(2)), await ask(list(20))];
    expect(many.data.authorities.nodes.length).toBeGreaterThan(few.data.authorities.nodes.length);
    expect(many.statements).toBeLessThanOrEqual(few.statements + 1);
  });
});

describe('the distance between two words', () => {
  test.each([
    ['anmeldn', 'anmelden', 1],
    ['gewrebe', 'gewerbe', 1],
    ['haus', 'maus', 1],
    ['', 'ab', 2],
    ['gleich', 'gleich', 0],
  ])('of %s and %s is %i', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
  });
});
