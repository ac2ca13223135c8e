import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { createTestDatabase } from '../../tests/setup/database';
import { importParts, type Part } from './import';
import { Report } from './report';

const FILES: Readonly<Record<string, string>> = {
  'areas/laender.csv': '\ufeffcode,name\n01,Schleswig-Holstein\n02,Hamburg\n3,Zu kurz\n',
  'areas/kreise.csv':
    'kreis_code,land_code,name,typ_code,typ\n01001,01,"Flensburg, Stadt",41,Kreisfreie Stadt\n01051,01,Dithmarschen,42,Kreis\n01052,01,"Niemals geschlossen,42,Kreis\n99001,99,Nirgendwo,42,Kreis\n',
  'areas/gemeindeverbaende.csv':
    'verband_code,kreis_code,land_code,name,typ_code,typ\n010010000,01001,01,"Flensburg, Stadt",50,Verbandsfreie Gemeinde\n010510011,01051,01,"Brunsbüttel, Stadt",50,Verbandsfreie Gemeinde\n010515163,01051,01,Burg-St. Michaelisdonn,51,Amt\n010555999,01055,01,Amt Ohnekreis,51,Amt\n010515163,01051,01,Noch einmal,51,Amt\n010515166,01051\n',
  'areas/gemeinden.csv':
    'ars,ags,name,gemeinde_typ\r\n010010000000,01001000,"Flensburg, Stadt",Kreisfreie Stadt\r\n010510011011,01051011,"Brunsbüttel, Stadt",Stadt\r\n010515163003,01051003,Averlak,Kreisangehörige Gemeinde\r\n010515163016,01051016,"Burg\n(Dithmarschen)",Kreisangehörige Gemeinde\r\n010515163017,01051017,"Null\u0000byte",Kreisangehörige Gemeinde\r\n010515163018,01051018,,Stadt\r\n\r\n01051516301X,01051019,Buchstabe,Stadt\r\n010510099099,01051099,Forst Nirgends,"gemeindefreies Gebiet, unbewohnt"\r\n',
  'postcodes/plz_gemeinde.csv':
    'osm_id,ags,ort,plz\n1,01051003,Averlak,25715\n2,01051011,Brunsbüttel,25541\n3,16063094,Moorgrund,36433\n4,01051011,Brunsbüttel,2554\n5,01051003,Averlak,25715\n',
  'services/themenfelder.csv': 'id,name\n14,Unternehmensführung & -entwicklung\n2,Bauen & Wohnen\n99,Zauberei\n',
  'services/lagen.csv':
    'id,themenfeld_id,name\n50,14,Unternehmensstart & Gewerbezulassung\n55,2,Wohnen & Umzug\n60,99,Hexerei\n',
  'services/ozg_leistungen.csv':
    'id,ozg_id,name,lage_id\n1,10294,Gewerbeerlaubnis,50\n2,10001,Ummeldung,55\n3,1,Zu kurz,55\n4,10002,Hexenschule,60\n',
  'services/leika_leistungen.csv':
    'id,leika_key,leika_key_valid_14,name,leika_typ,ozg_id,rechtsgrundlage\n1,99050012104000,1,Gewerbe Anmeldung,2/3,10294,"§ 14 GewO [http://a], §§ 1, 2 GewAnzV [http://b]"\n2,nicht im LeiKa,0,Etwas,1,10294,\n3,99115005104000,1,Wohnsitz Anmeldung,1,10001,\n4,25323525,0,Zahl,1,10001,\n5,99115005104000,1,Wohnsitz noch einmal,1,10001,\n6,99000000000000,1,Ohne OZG,,,\n7,99000000000001,1,Falsches OZG,4,99999,\n',
  'calendar/feiertage_2024_2030_SH_HH_BUND.csv':
    'date,name_key,name_de,state\n2026-10-31,R,Reformationstag,SH\n2026-10-31,R,Reformationstag,BUND\n2026-02-30,X,Nie,SH\n',
};
const ALL: readonly Part[] = ['areas', 'postcodes', 'services', 'holidays'];

describe('the import', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let client: pg.Client;
  let folder: string;
  const put = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'import-'));
    for (const [file, text] of Object.entries(FILES)) put(file, text);
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
    fs.rmSync(folder, { recursive: true });
  });

  const run = async (parts: readonly Part[] = ALL, from = folder) => {
    let text = '';
    const report = new Report({
      write: part => {
        text += part;
      },
      terminal: false,
      verbose: true,
    });
    const complete = await importParts(from, parts, report);
    report.summary();
    return { complete, text, files: Object.fromEntries(report.files.map(one => [one.file, one])) };
  };
  const sql = async (text: string, values: unknown[] = []) => (await client.query(text, values)).rows;

  test('loads what is good and says of each bad row where it is and why', async () => {
    const { complete, text, files } = await run();
    expect(complete).toBe(true);
    for (const line of [
      'areas/laender.csv:4: “3” is no key of 2 digits',
      'areas/kreise.csv:4: a quotation is not closed',
      'areas/kreise.csv:5: nothing lies above “99001”',
      'areas/gemeindeverbaende.csv:6: “010515163” was there before (areas/gemeindeverbaende.csv:4)',
      'areas/gemeindeverbaende.csv:7: has 2 cells instead of 6',
      'areas/gemeindeverbaende.csv:5: Amt Ohnekreis has no district in the files and lies below the state',
      'areas/gemeinden.csv:7: the database refuses it (22P05)',
      'areas/gemeinden.csv:8: 010515163018 has no name',
      'areas/gemeinden.csv:10: “01051516301X” is no key of 12 digits',
      'postcodes/plz_gemeinde.csv:4: the municipality “16063094” (Moorgrund) does not exist',
      'postcodes/plz_gemeinde.csv:5: “2554” is no postcode',
      'postcodes/plz_gemeinde.csv:6: “25715 010515163003” was there before (line 2)',
      'services/themenfelder.csv:4: “Zauberei” is none of the 14 topics',
      'services/lagen.csv:4: the topic “99” does not exist',
      'services/ozg_leistungen.csv:4: “1” is no OZG id',
      'services/ozg_leistungen.csv:5: the situation “60” does not exist',
      'services/leika_leistungen.csv:3: is not in the LeiKa, says the source',
      'services/leika_leistungen.csv:5: “25323525” is no LeiKa key',
      'services/leika_leistungen.csv:6: “99115005104000” was there before (line 4)',
      'services/leika_leistungen.csv:8: the OZG service “99999” does not exist',
      'calendar/feiertage_2024_2030_SH_HH_BUND.csv:4: “2026-02-30” is no day',
    ]) {
      expect(text).toContain(line);
    }
    expect(files['areas/gemeinden.csv']).toMatchObject({ read: 8, written: 5, unchanged: 0, skipped: 0, bad: 3 });
    expect(files['services/leika_leistungen.csv']).toMatchObject({ read: 7, written: 3, skipped: 1, bad: 3 });
  });

  test('makes one tree of the areas, and derives who runs each in Schleswig-Holstein', async () => {
    const areas = await sql(
      `SELECT area.ars, area.name, area.parent_ars, authority.name AS run_by FROM catalogue.area
       LEFT JOIN catalogue.authority ON authority.id = area.administered_by_id ORDER BY area.ars`,
    );
    expect(areas.map(({ ars, parent_ars, run_by }) => [ars, parent_ars, run_by])).toEqual([
      ['01', null, 'Land Schleswig-Holstein'],
      ['01001', '01', 'Stadt Flensburg'],
      ['010010000', '01001', 'Stadt Flensburg'],
      ['010010000000', '010010000', 'Stadt Flensburg'],
      ['01051', '01', 'Kreis Dithmarschen'],
      ['010510011', '01051', 'Stadt Brunsbüttel'],
      ['010510011011', '010510011', 'Stadt Brunsbüttel'],
      ['010510099099', '01051', 'Kreis Dithmarschen'],
      ['010515163', '01051', 'Amt Burg-St. Michaelisdonn'],
      ['010515163003', '010515163', 'Amt Burg-St. Michaelisdonn'],
      ['010515163016', '010515163', 'Amt Burg-St. Michaelisdonn'],
      ['010555999', '01', 'Amt Ohnekreis'],
      ['02', null, null],
    ]);
    expect(areas.find(({ ars }) => ars === '010515163016').name).toBe('Burg\n(Dithmarschen)');
  });

  test('gives each service its topic, audience, programme, law and trust level', async () => {
    const services = await sql(
      `SELECT leika_key, title ->> 'de' AS title, life_topic, audiences, programme, leika_type, required_trust_level, legal_basis, state, number
       FROM catalogue.service_version ORDER BY leika_key`,
    );
    expect(services).toEqual([
      {
        leika_key: '99000000000000',
        title: 'Ohne OZG',
        life_topic: null,
        audiences: ['CITIZEN', 'BUSINESS'],
        programme: 'FEDERATED',
        leika_type: 'unbekannt',
        required_trust_level: 'HIGH',
        legal_basis: [],
        state: 'PUBLISHED',
        number: 1,
      },
      {
        leika_key: '99050012104000',
        title: 'Gewerbe Anmeldung',
        life_topic: 'BUSINESS',
        audiences: ['BUSINESS'],
        programme: 'FEDERATED',
        leika_type: '2/3',
        required_trust_level: 'SUBSTANTIAL',
        legal_basis: ['§ 14 GewO [http://a]', '§§ 1, 2 GewAnzV [http://b]'],
        state: 'PUBLISHED',
        number: 1,
      },
      expect.objectContaining({ leika_key: '99115005104000', programme: 'FEDERAL_GOVERNMENT', audiences: ['CITIZEN'] }),
    ]);
  });

  test('changes nothing when it runs again', async () => {
    const state = () =>
      sql(`SELECT (SELECT json_agg(a ORDER BY ars) FROM catalogue.area a) AS areas, (SELECT json_agg(s ORDER BY id) FROM catalogue.service_version s) AS versions,
             (SELECT json_agg(t ORDER BY id) FROM catalogue.authority t) AS authorities, (SELECT json_agg(p ORDER BY ars) FROM catalogue.postcode p) AS postcodes`);
    const before = await state();
    const { files } = await run();
    expect(await state()).toEqual(before);
    expect(Object.values(files).reduce((sum, file) => sum + file.written, 0)).toBe(0);
    expect(files['areas/gemeinden.csv']).toMatchObject({ unchanged: 5, bad: 3 });
  });

  test('follows a changed source with a new version, and leaves alone what an editor has published', async () => {
    await sql(
      `UPDATE catalogue.service_version SET state = 'SUPERSEDED', valid_to = '2026-01-31' WHERE leika_key = '99115005104000'`,
    );
    await sql(
      `INSERT INTO catalogue.service_version (id, version, state, valid_from, changed_at, published_at, leika_key, number, title, summary, audiences, programme, leika_type, required_trust_level)
       VALUES (gen_random_uuid(), 1, 'PUBLISHED', '2026-02-01', now(), now(), '99115005104000', 2, '{"de":"Vom Redakteur"}', '{"de":"-"}', '{CITIZEN}', 'FEDERATED', '2', 'HIGH')`,
    );
    const changed = FILES['services/leika_leistungen.csv']!.replace(
      'Gewerbe Anmeldung',
      'Gewerbe Anmeldung neu',
    ).replace('Wohnsitz Anmeldung', 'Wohnsitz Anmeldung neu');
    put('services/leika_leistungen.csv', changed);
    put('areas/kreise.csv', FILES['areas/kreise.csv']!.replace('Dithmarschen', 'Ditmarschen'));
    const { files } = await run();
    expect(files['services/leika_leistungen.csv']).toMatchObject({ written: 1, unchanged: 2 });
    expect(files['areas/kreise.csv']).toMatchObject({ written: 1, unchanged: 1 });
    const versions = await sql(
      `SELECT leika_key, number, state, title ->> 'de' AS title FROM catalogue.service_version WHERE leika_key <> '99000000000000' ORDER BY leika_key, number`,
    );
    expect(versions).toEqual([
      { leika_key: '99050012104000', number: 1, state: 'SUPERSEDED', title: 'Gewerbe Anmeldung' },
      { leika_key: '99050012104000', number: 2, state: 'PUBLISHED', title: 'Gewerbe Anmeldung neu' },
      { leika_key: '99115005104000', number: 1, state: 'SUPERSEDED', title: 'Wohnsitz Anmeldung' },
      { leika_key: '99115005104000', number: 2, state: 'PUBLISHED', title: 'Vom Redakteur' },
    ]);
  });

  test('reads the other parts when one cannot be read, and says so', async () => {
    const partial = fs.mkdtempSync(path.join(os.tmpdir(), 'import-'));
    fs.mkdirSync(path.join(partial, 'areas'));
    fs.writeFileSync(path.join(partial, 'areas/laender.csv'), 'code,nom\n01,x\n');
    fs.mkdirSync(path.join(partial, 'calendar'));
    const holidays = 'calendar/feiertage_2024_2030_SH_HH_BUND.csv';
    fs.writeFileSync(path.join(partial, holidays), FILES[holidays]!);
    const { complete, text, files } = await run(ALL, partial);
    fs.rmSync(partial, { recursive: true });
    expect(complete).toBe(false);
    expect(text).toContain('areas could not be imported: areas/laender.csv has no column name.');
    expect(text).toContain('services/themenfelder.csv is missing in');
    expect(files[holidays]).toMatchObject({ read: 3, unchanged: 1, skipped: 1, bad: 1 });
  });
});

/** The real files: beside the project, or where DATA_DIR says. */
const REAL = [process.env.DATA_DIR, path.join(__dirname, '..', '..', '..', 'shared', 'data')].find(
  folder => folder && fs.existsSync(path.join(folder, 'areas', 'gemeinden.csv')),
);
// a clone without the data says that this is skipped; in CI it must not be
const withData = REAL || process.env.CI === 'true' ? test : test.skip;

describe('the import of the real data', () => {
  withData('loads every row that is good, in less than a minute', async () => {
    if (!REAL) throw new Error('The real data are missing: set DATA_DIR.');
    const database = await createTestDatabase();
    try {
      const report = new Report({ write: () => {}, terminal: false, verbose: false });
      const began = performance.now();
      expect(await importParts(REAL, ALL, report)).toBe(true);
      expect(performance.now() - began).toBeLessThan(60_000);
      const counts = Object.fromEntries(
        report.files.map(({ file, read, written, unchanged, skipped, bad }) => [
          file,
          [read, written + unchanged, skipped, bad],
        ]),
      );
      expect(counts).toEqual({
        'areas/laender.csv': [16, 16, 0, 0],
        'areas/kreise.csv': [401, 401, 0, 0],
        'areas/gemeindeverbaende.csv': [4_606, 4_606, 0, 0],
        'areas/gemeinden.csv': [11_004, 11_004, 0, 0],
        'authorities (derived)': [182, 182, 0, 0],
        'postcodes/plz_gemeinde.csv': [12_883, 12_882, 0, 1],
        'services/themenfelder.csv': [14, 14, 0, 0],
        'services/lagen.csv': [58, 58, 0, 0],
        'services/ozg_leistungen.csv': [557, 557, 0, 0],
        'services/leika_leistungen.csv': [5_251, 4_813, 436, 2],
        'calendar/feiertage_2024_2030_SH_HH_BUND.csv': [203, 140, 63, 0],
      });
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query(
        `SELECT (SELECT count(*)::int FROM catalogue.area) AS areas, (SELECT count(*)::int FROM catalogue.postcode) AS postcodes,
           (SELECT count(*)::int FROM catalogue.service_version WHERE life_topic IS NULL) AS without_topic,
           (SELECT count(*)::int FROM catalogue.area WHERE ars LIKE '01%' AND administered_by_id IS NULL) AS run_by_nobody`,
      );
      await client.end();
      expect(rows).toEqual([{ areas: 16_027, postcodes: 12_882, without_topic: 16, run_by_nobody: 0 }]);
    } finally {
      await database.drop();
    }
  });
});
