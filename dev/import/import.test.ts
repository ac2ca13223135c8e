import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { addDays, shiftClock, today } from '../../kernel/clock';
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

  const run = async (parts: readonly Part[] = ALL, from = folder, endMissing = false) => {
    let text = '';
    const report = new Report({
      write: part => {
        text += part;
      },
      terminal: false,
      verbose: true,
    });
    const complete = await importParts(from, parts, report, { endMissing });
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
      'areas/gemeinden.csv:7: holds the character NUL',
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

  describe('of a row that is broken', () => {
    const MUNICIPALITIES = 'areas/gemeinden.csv';
    const HEADING = 'ars,ags,name,gemeinde_typ';
    const row = (n: number, name = `Ort ${n}`) => `0105151630${n},010510${n},${name},Gemeinde`;
    /** Rows 20 to 59, of which some are written otherwise. */
    const file = (others: Record<number, string | Buffer>, end = '\n') =>
      Buffer.concat(
        [HEADING, ...Array.from({ length: 40 }, (_, i) => others[20 + i] ?? row(20 + i))].map(line =>
          Buffer.concat([Buffer.from(line), Buffer.from(end)]),
        ),
      );
    const loaded = async () =>
      (
        await sql(
          `SELECT ars FROM catalogue.area WHERE ars LIKE '0105151630__' AND ars >= '010515163020' AND valid_to IS NULL ORDER BY ars`,
        )
      ).map(({ ars }) => Number(ars.slice(-2)));
    const but = (...missing: number[]) =>
      Array.from({ length: 40 }, (_, i) => 20 + i).filter(n => !missing.includes(n));
    const load = async (content: Buffer | string) => {
      await sql(`DELETE FROM catalogue.area WHERE ars LIKE '0105151630__' AND ars >= '010515163020'`);
      fs.writeFileSync(path.join(folder, MUNICIPALITIES), content);
      return run(['areas'], folder, true); // the others of these tests are not in it
    };
    beforeAll(() => {
      for (const [name, text] of Object.entries(FILES)) put(name, text);
    });
    afterAll(async () => {
      await sql(`DELETE FROM catalogue.area WHERE ars LIKE '0105151630__' AND ars >= '010515163020'`);
      await sql(`UPDATE catalogue.area SET valid_to = NULL`);
      put(MUNICIPALITIES, FILES[MUNICIPALITIES]!);
    });

    test.each<[string, Record<number, string | Buffer>, number[], string[]]>([
      [
        'a stray pair of quotes',
        { 30: row(30, 'Gut "Neuhof" am See') },
        [30],
        ['12: a quotation begins in the middle of a cell'],
      ],
      ['one stray quote', { 30: row(30, 'Neu 5" Hof') }, [30], ['12: a quotation is not closed']],
      [
        'two rows with a stray quote',
        { 30: row(30, 'Neu 5" Hof'), 34: row(34, 'Alt 6" Hof') },
        [30, 34],
        ['12: ', '16: '],
      ],
      ['an unclosed quote', { 30: row(30, '"Neuhof') }, [30], ['12: a quotation is not closed']],
      ['an unclosed quote in the last row', { 59: row(59, '"Neuhof') }, [59], ['41: a quotation is not closed']],
      [
        'an unclosed quote before a good quotation',
        { 30: row(30, '"Neuhof'), 32: row(32, '"Hof, Alt"') },
        [30],
        ['12: '],
      ],
      [
        'an unclosed quote before a stray one',
        { 30: row(30, '"Neuhof'), 33: row(33, 'Alt 6" Hof') },
        [30, 33],
        ['12: ', '15: '],
      ],
      [
        'many unclosed quotes',
        Object.fromEntries([30, 31, 32, 40].map(n => [n, row(n, '"Neuhof')])),
        [30, 31, 32, 40],
        ['12: ', '13: ', '14: ', '22: '],
      ],
      ['letters after a quotation', { 30: row(30, '"Neu"hof') }, [30], ['12: letters follow a quotation']],
      ['blanks after a quotation', { 30: row(30, '"Neu" ') }, [30], ['12: letters follow a quotation']],
      ['too few cells', { 30: '010515163030,x' }, [30], ['12: has 2 cells instead of 4']],
      ['too many cells', { 30: `${row(30)},more` }, [30], ['12: has 5 cells instead of 4']],
      ['a comma without quotes', { 30: row(30, 'Hof, Neu') }, [30], ['12: has 5 cells instead of 4']],
      ['NUL', { 30: row(30, 'Neu\u0000hof') }, [30], ['12: holds the character NUL']],
      ['other bytes than UTF-8', { 30: Buffer.from(row(30, 'Süderhof'), 'latin1') }, [30], ['12: is not UTF-8']],
      ['an empty name', { 30: row(30, '') }, [30], ['12: 010515163030 has no name']],
      ['a line break in a quotation', { 30: row(30, '"Neu\nhof"') }, [], []],
      ['nothing on a line', { 30: '' }, [30], []],
      [
        'a quotation that swallows the next row and still makes as many cells',
        { 30: `010515163030,010510,"Neu,Dorf,Gemeinde`, 31: '010515163031,010510,Alt",Gemeinde' },
        [30, 31],
        ['12: a quotation holds another row', '13: a quotation is not closed'],
      ],
    ])('%s is told with its line and reason, and the rest is loaded', async (_, others, missing, told) => {
      const { complete, text, files } = await load(file(others));
      expect(complete).toBe(true);
      for (const line of told) expect(text).toContain(`${MUNICIPALITIES}:${line}`);
      expect(files[MUNICIPALITIES]!.bad).toBe(told.length);
      expect(await loaded()).toEqual(but(...missing));
    });

    test.each([
      ['CRLF', file({}, '\r\n')],
      ['CR', file({}, '\r')],
      ['a byte-order mark', Buffer.concat([Buffer.from('\ufeff'), file({})])],
      ['no end of the last line', Buffer.from(file({}).toString().trimEnd())],
      ['blank lines at the end', Buffer.concat([file({}), Buffer.from('\n\n  \n')])],
    ])('%s is none', async (_, content) => {
      const { files } = await load(content);
      expect(files[MUNICIPALITIES]).toMatchObject({ read: 40, bad: 0 });
      expect(await loaded()).toEqual(but());
    });

    test('a folder in place of a file is told in a sentence', async () => {
      fs.rmSync(path.join(folder, MUNICIPALITIES));
      fs.mkdirSync(path.join(folder, MUNICIPALITIES));
      try {
        const { complete, text } = await run(['areas']);
        expect([complete, /areas could not be imported: areas\/gemeinden\.csv cannot be read/.test(text)]).toEqual([
          false,
          true,
        ]);
      } finally {
        fs.rmdirSync(path.join(folder, MUNICIPALITIES));
      }
    });

    test.each([
      ['one column twice', Buffer.from(`ars,name,name,gemeinde_typ\n${row(20)}\n`), 'has the column name twice'],
      ['UTF-16', Buffer.from(`\ufeff${file({}).toString()}`, 'utf16le'), 'has no column'],
      ['nothing', Buffer.alloc(0), 'is empty'],
      ['semicolons', Buffer.from(file({}).toString().replaceAll(',', ';')), 'has no column'],
      [
        'a broken heading',
        Buffer.from(`"ars,ags\n${row(20)}\n`),
        'its heading cannot be read: a quotation is not closed',
      ],
    ])('a file of %s is refused in a sentence', async (_, content, reason) => {
      const { complete, text } = await load(content);
      expect(complete).toBe(false);
      expect(text).toContain(`areas could not be imported: ${MUNICIPALITIES} ${reason}`.replace(' its', ': its'));
    });
  });

  describe('of an area that is no longer in the files', () => {
    const file = (n: number, more: readonly string[] = []) =>
      [
        'ars,ags,name,gemeinde_typ',
        ...Array.from(
          { length: n },
          (_, i) => `0105151631${String(i).padStart(2, '0')},010511${String(i).padStart(2, '0')},Weiler ${i},Gemeinde`,
        ),
        ...more,
        '',
      ].join('\n');
    const OLD = '010515163077,01051077,Altdorf,Gemeinde';
    const NEW = '010515163078,01051078,Altdorf,Gemeinde';
    const ended = async () =>
      (await sql(`SELECT ars, valid_to::text FROM catalogue.area WHERE valid_to IS NOT NULL ORDER BY ars`)) as {
        ars: string;
        valid_to: string;
      }[];
    const load = (text: string, endMissing = false) => {
      put('areas/gemeinden.csv', text);
      return run(['areas'], folder, endMissing);
    };

    beforeEach(async () => {
      for (const [name, text] of Object.entries(FILES)) put(name, text);
      await sql(`UPDATE catalogue.area SET administered_by_id = NULL`);
      await sql(`DELETE FROM catalogue.authority WHERE length(ars) = 12`);
      await sql(`DELETE FROM catalogue.postcode`);
      await sql(`DELETE FROM catalogue.area WHERE level = 'MUNICIPALITY'`);
      await sql(`UPDATE catalogue.area SET valid_to = NULL`);
      await load(file(40, [OLD]));
      expect(await ended()).toEqual([]);
    });

    test('the day before is its last, once, and it begins again when it comes back', async () => {
      const { complete, text, files } = await load(file(40, [NEW]));
      const [one, ...more] = await ended();
      expect([complete, one!.ars, more]).toEqual([true, '010515163077', []]);
      expect(one!.valid_to).toBe(addDays(today(), -1));
      expect(text).toContain('1 area is no longer in the file and has ended: Altdorf (010515163077)');
      expect(files['areas/gemeinden.csv']!.ended).toBe(1);
      shiftClock(3 * 86_400_000);
      try {
        const again = await load(file(40, [NEW]));
        expect([again.files['areas/gemeinden.csv']!.ended, again.files['areas/gemeinden.csv']!.written]).toEqual([
          0, 0,
        ]);
      } finally {
        shiftClock(0);
      }
      expect(await ended()).toEqual([one]);
      const back = await load(file(40, [NEW, OLD]));
      expect(back.files['areas/gemeinden.csv']!.written).toBe(1);
      expect(await ended()).toEqual([]);
    });

    test('its successor is named, and takes its postcodes, when only the association has changed', async () => {
      put('postcodes/plz_gemeinde.csv', 'osm_id,ags,ort,plz\n1,01051077,Altdorf,25716\n');
      await run(['postcodes']);
      const moved = '010510011077,01051077,Altdorf,Gemeinde';
      expect((await load(file(40, [moved]))).text).toContain('Altdorf (010515163077, now 010510011077)');
      expect((await run(['postcodes'])).complete).toBe(true);
      expect(
        await sql(
          `SELECT ars FROM catalogue.postcode JOIN catalogue.area USING (ars) WHERE postcode = '25716' AND valid_to IS NULL`,
        ),
      ).toEqual([{ ars: '010510011077' }]);
    });

    test.each<[string, string]>([
      ['of which half is missing', file(20)],
      ['that is cut off', file(40, [OLD]).slice(0, 1_000)],
      ['with a heading only', file(0)],
    ])('nothing ends by a file %s, until it is said that the file is whole', async (_, text) => {
      const first = await load(text);
      expect(first.complete).toBe(false);
      expect(first.text).toMatch(
        /areas\/gemeinden\.csv: \d+ of \d+ areas are missing.*nothing has ended.*--end-missing/,
      );
      expect(await ended()).toEqual([]);
      const forced = await load(text, true);
      expect((await ended()).length).toBe(forced.files['areas/gemeinden.csv']!.ended);
      expect(forced.files['areas/gemeinden.csv']!.ended).toBeGreaterThan(10);
    });

    test.each<[string, string]>([
      ['names it', '010515163077,01051077,"Altdorf,Gemeinde'],
      ['has no name', '010515163077,01051077,,Gemeinde'],
      ['has too few cells', '010515163077,01051077'],
    ])('it stays when a row that is bad %s', async (_, text) => {
      const { files } = await load(file(40, [text]));
      expect(files['areas/gemeinden.csv']).toMatchObject({ bad: 1, ended: 0 });
      expect(await ended()).toEqual([]);
    });

    test.each<[string, string]>([
      ['without its first digit', file(40, ['10515163077,01051077,Altdorf,Gemeinde'])],
      ['as a number', file(40, ['1.05152E+10,01051077,Altdorf,Gemeinde'])],
      [
        'that is swallowed by the row before',
        file(40, ['010515163079,01051079,"Neu,Dorf,Gemeinde', '010515163077,1,Alt",x']),
      ],
      ['in a last row that is cut off', file(40, ['010515163079,010510']).trimEnd()],
      ['in a last row that is cut off in its key', file(40, ['01051516']).trimEnd()],
    ])('it stays when its key stands there %s', async (_, text) => {
      const { complete } = await load(text);
      expect([complete, await ended()]).toEqual([true, []]);
    });

    test('no state ends, however few are missing, until it is said that the file is whole', async () => {
      put('areas/laender.csv', 'code,name\n01,Schleswig-Holstein\n');
      const { complete, text } = await load(file(40, [OLD]));
      expect([complete, await ended()]).toEqual([false, []]);
      expect(text).toContain('areas/laender.csv: 1 of 2 areas are missing');
      await load(file(40, [OLD]), true);
      expect((await ended()).map(({ ars }) => ars)).toEqual(['02']);
    });

    test('nothing ends by a file with a row that could be anybody’s', async () => {
      const { text } = await load(file(40, ['"Alt", "dorf']));
      expect(text).toContain('nothing has ended, since a row cannot be read');
      expect(await ended()).toEqual([]);
    });

    test('a postcode that a place has no longer goes, and many at once only when it is said that the file is whole', async () => {
      const rows = (n: number) =>
        Array.from({ length: n }, (_, i) => `${i},010511${String(i).padStart(2, '0')},Weiler,${25_000 + i}`);
      const load = (lines: readonly string[], endMissing = false) => {
        put('postcodes/plz_gemeinde.csv', ['osm_id,ags,ort,plz', ...lines, ''].join('\n'));
        return run(['postcodes'], folder, endMissing);
      };
      const count = async () => (await sql('SELECT count(*)::int FROM catalogue.postcode'))[0].count;
      await load(rows(30));
      expect([(await load([...rows(28), '1,"x'])).complete, await count()]).toEqual([true, 30]);
      const broken = [...rows(28), '28,01051128,Weiler,2502', '29,1051129,Weiler,25029'];
      expect([(await load(broken)).complete, await count()]).toEqual([true, 30]);
      const few = await load(rows(28));
      expect([few.complete, few.files['postcodes/plz_gemeinde.csv']!.ended, await count()]).toEqual([true, 2, 28]);
      const cut = await load(rows(10));
      expect([cut.complete, await count()]).toEqual([false, 28]);
      expect(cut.text).toContain('18 of 28 postcodes are missing');
      expect([(await load(rows(10), true)).complete, await count()]).toEqual([true, 10]);
    });

    test('what the demo has made up never ends', async () => {
      await sql(`INSERT INTO catalogue.area (ars, name, level, parent_ars) VALUES ('01099', 'Kreis Musterland', 'DISTRICT', '01'),
        ('010995999', 'Amt Musterstadt', 'ASSOCIATION', '01099'), ('010995999001', 'Musterstadt', 'MUNICIPALITY', '010995999') ON CONFLICT DO NOTHING`);
      await load(file(40, [OLD]), true);
      expect(await ended()).toEqual([]);
    });
  });

  test('reads the other parts when one cannot be read, and says so', async () => {
    for (const [name, text] of Object.entries(FILES)) put(name, text);
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
