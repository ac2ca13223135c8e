import type { TestSubgraph } from '../../../tests/setup/subgraph';
import { AMT, ANONYMOUS, MUSTERSTADT, NEIGHBOUR, startCatalogue } from '../testing/catalogue';

describe('areas', () => {
  let catalogue: TestSubgraph;
  beforeAll(async () => {
    catalogue = await startCatalogue();
    await catalogue.sql(`INSERT INTO catalogue.area (ars, name, level, parent_ars) VALUES
      ('01002', 'Kiel, Landeshauptstadt', 'DISTRICT', '01'),
      ('010020000', 'Kiel, Landeshauptstadt', 'ASSOCIATION', '01002'),
      ('010020000000', 'Kiel, Landeshauptstadt', 'MUNICIPALITY', '010020000'),
      ('010995998002', 'Süderhöft', 'MUNICIPALITY', '010995998'),
      ('010995998003', 'Burg (Musterland)', 'MUNICIPALITY', '010995998'),
      ('010995998004', 'Burg am See', 'MUNICIPALITY', '010995998'),
      ('010995999003', 'Burg (Hohes Land)', 'MUNICIPALITY', '010995999'),
      ('010995999004', 'Furt (Oder), Stadt', 'MUNICIPALITY', '010995999'),
      ('010995999005', 'Furt am Main, Stadt', 'MUNICIPALITY', '010995999'),
      ('010995999006', 'Großensee', 'MUNICIPALITY', '010995999'),
      ('010995999007', 'Åbenrå', 'MUNICIPALITY', '010995999'),
      ('010995999008', 'Schönau-Mühl', 'MUNICIPALITY', '010995999'),
      ('010995999009', 'Bauer', 'MUNICIPALITY', '010995999')`);
    await catalogue.sql(`INSERT INTO catalogue.postcode (postcode, ars) VALUES ('24103', '010020000000')`);
  });
  afterAll(() => catalogue.stop());

  const ask = (query: string, variables = {}) => catalogue.as(ANONYMOUS).query(query, variables);
  const lookUp = async (text: string, first = 10) =>
    (
      await ask(
        'query ($text: String!, $first: Int!) { areaLookup(text: $text, first: $first) { ambiguous area { ars name } candidates { ars name level parent { ars name } } } }',
        { text, first },
      )
    ).data.areaLookup;
  const refused = async (query: string, variables = {}) => (await ask(query, variables)).errors?.[0]?.extensions;

  test('are a tree from the state down to the municipality, with the authority that runs each', async () => {
    const { data } = await ask(
      'query ($ars: Ars!) { area(ars: $ars) { name level postcodes administeredBy { id name } parent { ars level parent { ars parent { ars parent { ars } } } } } }',
      { ars: MUSTERSTADT.municipalityArs },
    );
    expect(data.area).toEqual({
      name: 'Musterstadt',
      level: 'MUNICIPALITY',
      postcodes: ['00991'],
      administeredBy: { id: AMT, name: 'Amt Musterstadt' },
      parent: {
        ars: MUSTERSTADT.associationArs,
        level: 'ASSOCIATION',
        parent: { ars: '01099', parent: { ars: '01', parent: null } },
      },
    });
  });

  test('show the postcodes of all places below', async () => {
    expect((await ask('{ area(ars: "01099") { postcodes } }')).data.area.postcodes).toEqual(['00991', '00992']);
  });

  test('list what lies directly below, page by page', async () => {
    const page =
      'query ($after: String) { area(ars: "010995998") { children(first: 2, after: $after) { nodes { ars } pageInfo { hasNextPage endCursor } } } }';
    const first = (await ask(page)).data.area.children;
    expect(first.nodes.map((area: { ars: string }) => area.ars)).toEqual(['010995998001', '010995998002']);
    const second = (await ask(page, { after: first.pageInfo.endCursor })).data.area.children;
    expect(second.nodes.map((area: { ars: string }) => area.ars)).toEqual(['010995998003', '010995998004']);
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(await refused(page, { after: 'bm8' })).toMatchObject({ code: 'BAD_INPUT', field: 'after' });
  });

  test('are found by name although the Amt has it too', async () => {
    const found = await lookUp('musterstadt');
    expect(found).toMatchObject({ ambiguous: false, area: { ars: MUSTERSTADT.municipalityArs } });
    expect(found.candidates.map((area: { name: string }) => area.name)).toEqual(['Musterstadt', 'Amt Musterstadt']);
    expect(found.candidates[0].parent).toEqual({ ars: MUSTERSTADT.associationArs, name: 'Amt Musterstadt' });
  });

  test('count a city once although district, association and municipality are the same', async () => {
    const found = await lookUp('Kiel');
    expect(found).toMatchObject({ ambiguous: false, area: { ars: '010020000000' } });
    expect(found.candidates).toHaveLength(1);
  });

  test.each([
    'Süderhöft',
    'Suederhoeft',
    'suderhoft',
    'SÜDERHÖ',
    'derhöft',
    'Su\u0308derho\u0308ft',
    'Süder\u00adhöft',
    'Ｓüderhöft',
  ])('are found as “%s”', async text => {
    expect((await lookUp(text)).area).toEqual({ ars: '010995998002', name: 'Süderhöft' });
  });

  test.each([
    ['Großensee', 'Gross\u00adensee'],
    ['Großensee', 'GROẞENSEE'],
    ['Großensee', 'grossensee'],
    ['Åbenrå', 'Aabenraa'],
    ['Åbenrå', 'A\u030abenra\u030a'],
    ['Schönau-Mühl', 'Schoenau Muehl'],
    ['Schönau-Mühl', 'schonau–muhl'],
    ['Bauer', 'Bauer'],
  ])('are one place with their other spellings: %s, %s', async (name, text) => {
    expect((await lookUp(text)).area?.name).toBe(name);
  });

  test('keep "ue" that is no umlaut', async () => {
    expect((await lookUp('Baur')).area).toBeNull();
  });

  test.each([
    '24103 Kiel',
    'Kiel 24103',
    'D-24103 Kiel',
    'D 24103 Kiel',
    'DE-24103 Kiel',
    'd–24103 kiel',
    '24103, Kiel',
    'Kiel (24103)',
    '24103 KIEL',
    ' 24103\u00a0Kiel ',
    '24103Kiel',
    'Kiel,24103',
    'Kiel24103',
    'D24103 Kiel',
    '\u202a24103 Kiel\u202c',
    '24103 Kiel, Landeshauptstadt',
    'Holtenauer Straße 1, 24103 Kiel',
    '24103 Kiel Mitte',
    '24103 Keil',
    'D-24103',
    '２４１０３',
  ])('are found by postcode and name: %s', async text => {
    expect(await lookUp(text)).toMatchObject({ ambiguous: false, area: { ars: '010020000000' } });
  });

  test('of one postcode are told from each other by the name', async () => {
    expect((await lookUp('00992 Musterdorf')).area.name).toBe('Musterdorf');
    expect((await lookUp('Beispielsee 00992')).area.name).toBe('Beispielsee');
  });

  test('are left to choose when the postcode is another place’s, and found by the name when there is no such postcode', async () => {
    const found = await lookUp('24103 Musterdorf');
    expect(found).toMatchObject({ ambiguous: true, area: null });
    expect(found.candidates.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Kiel, Landeshauptstadt',
      'Musterdorf',
    ]);
    expect((await lookUp('99999 Musterdorf')).area.name).toBe('Musterdorf');
    expect(await lookUp('99999 Nirgendsdorfhausen')).toMatchObject({ area: null, ambiguous: false });
  });

  test('are left to choose when the name is that of several places, and exact when it is written in full', async () => {
    const found = await lookUp('Burg');
    expect(found).toMatchObject({ ambiguous: true, area: null });
    expect(found.candidates.map((area: { name: string }) => area.name)).toEqual([
      'Burg (Hohes Land)',
      'Burg (Musterland)',
      'Burg am See',
    ]);
    expect((await lookUp('Burg (Musterland)')).area).toEqual({ ars: '010995998003', name: 'Burg (Musterland)' });
  });

  test('are left to choose when one is called so and another one begins so', async () => {
    expect(await lookUp('Furt')).toMatchObject({ ambiguous: true, area: null });
    expect((await lookUp('Furt am Main')).area.ars).toBe('010995999005');
    expect((await lookUp('Kreis Musterland')).area.ars).toBe('01099');
  });

  test('are proposed, not taken, when the name is mistyped', async () => {
    const found = await lookUp('Beispilsee');
    expect(found).toMatchObject({ ambiguous: true, area: null });
    expect(found.candidates[0]).toMatchObject({ ars: NEIGHBOUR.municipalityArs });
  });

  test('are found by postcode, which may fit several', async () => {
    expect(await lookUp('00991')).toMatchObject({ ambiguous: false, area: { name: 'Musterstadt' } });
    const two = await lookUp('00992');
    expect(two).toMatchObject({ ambiguous: true, area: null });
    expect(two.candidates.map((area: { name: string }) => area.name)).toEqual(['Beispielsee', 'Musterdorf']);
    expect(await lookUp('99999')).toEqual({ ambiguous: false, area: null, candidates: [] });
  });

  test('refuse a malformed key, an unknown one, an empty text and too many candidates', async () => {
    expect(await refused('query ($ars: Ars!) { area(ars: $ars) { name } }', { ars: '0109' })).toMatchObject({
      code: 'BAD_INPUT',
      field: 'ars',
    });
    expect(await refused('{ area(ars: "09") { name } }')).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refused('{ areaLookup(text: " %_ ") { ambiguous } }')).toMatchObject({
      code: 'BAD_INPUT',
      field: 'text',
    });
    expect(await refused('{ areaLookup(text: "a", first: 51) { ambiguous } }')).toMatchObject({
      code: 'BAD_INPUT',
      field: 'first',
    });
  });

  test('need the same number of statements for one and for many, lists inside lists included', async () => {
    const nested = (first: number) =>
      `{ area(ars: "010995999") { children(first: ${first}) { nodes { name postcodes parent { name } administeredBy { name } children(first: 5) { nodes { name } } } } } }`;
    const [few, many] = [await ask(nested(2)), await ask(nested(20))];
    expect(many.data.area.children.nodes.length).toBeGreaterThan(few.data.area.children.nodes.length);
    expect(many.statements).toBe(few.statements);
  });

  test('are joined by key, unknown ones as null', async () => {
    const { data } = await ask('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Area { name } } }', {
      r: [
        { __typename: 'Area', ars: '01' },
        { __typename: 'Area', ars: '16' },
      ],
    });
    expect(data._entities).toEqual([{ name: 'Schleswig-Holstein' }, null]);
  });

  test('that have ended are not found any more, and keep their key, what lies above them and who runs them', async () => {
    await catalogue.sql(`INSERT INTO catalogue.area (ars, name, level, parent_ars, valid_to, administered_by_id) VALUES
      ('010995998010', 'Altfeld', 'MUNICIPALITY', '010995998', '2020-12-31', '${AMT}'),
      ('010995998011', 'Altfeld', 'MUNICIPALITY', '010995998', NULL, NULL),
      ('010995998012', 'Endefeld', 'MUNICIPALITY', '010995998', '2020-12-31', NULL),
      ('010995998013', 'Baldfeld', 'MUNICIPALITY', '010995998', '2999-12-31', NULL),
      ('010995997', 'Doppelfeld', 'ASSOCIATION', '01099', NULL, NULL),
      ('010995997001', 'Doppelfeld', 'MUNICIPALITY', '010995997', '2020-12-31', NULL)`);
    await catalogue.sql(`INSERT INTO catalogue.postcode VALUES ('00998', '010995998010'), ('00998', '010995998011')`);
    expect(await lookUp('Altfeld')).toMatchObject({ ambiguous: false, area: { ars: '010995998011' } });
    expect((await lookUp('00998')).area).toEqual({ ars: '010995998011', name: 'Altfeld' });
    expect(await lookUp('Endefeld')).toEqual({ ambiguous: false, area: null, candidates: [] });
    expect((await lookUp('Endefelt')).candidates).toEqual([]);
    expect((await lookUp('Baldfeld')).area).toEqual({ ars: '010995998013', name: 'Baldfeld' });
    expect((await lookUp('Doppelfeld')).area).toEqual({ ars: '010995997', name: 'Doppelfeld' });
    const { data } = await ask(
      '{ area(ars: "010995998010") { name validTo postcodes parent { ars children(first: 100) { nodes { ars } } } administeredBy { id } } current: area(ars: "010995998011") { validTo } }',
    );
    expect(data.area).toMatchObject({
      name: 'Altfeld',
      validTo: '2020-12-31',
      postcodes: ['00998'],
      administeredBy: { id: AMT },
    });
    const below = data.area.parent.children.nodes.map((one: { ars: string }) => one.ars);
    expect([below.includes('010995998010'), below.includes('010995998011')]).toEqual([false, true]);
    expect(data.current.validTo).toBeNull();
  });

  test('that have ended leave no authority behind in a search by name, only by its id and by the old key', async () => {
    const id = '01980000-0000-7000-8000-00000000a0a0';
    await catalogue.sql(
      `INSERT INTO catalogue.area (ars, name, level, parent_ars, valid_to) VALUES ('010995996', 'Amt Gewesen', 'ASSOCIATION', '01099', '2020-12-31')`,
    );
    await catalogue.sql(
      `INSERT INTO catalogue.authority (id, version, name, kind, ars) VALUES ('${id}', 1, 'Amt Gewesen', 'ASSOCIATION', '010995996')`,
    );
    const { data } = await ask(
      `{ byName: authorities(text: "Gewesen") { nodes { id } totalCount } byKey: authorities(ars: "010995996") { nodes { id } } authority(id: "${id}") { name } }`,
    );
    expect(data).toEqual({
      byName: { nodes: [], totalCount: 0 },
      byKey: { nodes: [{ id }] },
      authority: { name: 'Amt Gewesen' },
    });
  });
});
