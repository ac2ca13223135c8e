import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addDays } from '../../kernel/clock';
import { derivedId } from '../../kernel/ids';

/** The key of each state in an ARS, and its two letters. */
const STATES = {
  '01': 'SH',
  '02': 'HH',
  '03': 'NI',
  '04': 'HB',
  '05': 'NW',
  '06': 'HE',
  '07': 'RP',
  '08': 'BW',
  '09': 'BY',
  '10': 'SL',
  '11': 'BE',
  '12': 'BB',
  '13': 'MV',
  '14': 'SN',
  '15': 'ST',
  '16': 'TH',
};

/** @returns Easter Sunday of a year (Gregorian computus). */
function easterOf(year: number): string {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return `${year}-${String(Math.floor(n / 31)).padStart(2, '0')}-${String((n % 31) + 1).padStart(2, '0')}`;
}

/** The Wednesday before 23 November. */
function repentanceDayOf(year: number): string {
  let day = `${year}-11-22`;
  while (new Date(`${day}T12:00:00Z`).getUTCDay() !== 3) day = addDays(day, -1);
  return day;
}

/**
 * The holidays that hold in all of a state, by the holiday act of each. Those of single municipalities (Assumption Day
 * in Bavaria, Corpus Christi in Saxony and Thuringia, Augsburg) are left out, and so are Sundays by name.
 */
function holidaysOf(year: number): [string, string, string][] {
  const easter = easterOf(year);
  const all = Object.values(STATES);
  const days: [string, string, readonly string[]][] = [
    [`${year}-01-01`, 'Neujahrstag', all],
    [`${year}-01-06`, 'Heilige Drei Könige', ['BW', 'BY', 'ST']],
    [`${year}-03-08`, 'Internationaler Frauentag', ['BE', 'MV']],
    [addDays(easter, -2), 'Karfreitag', all],
    [addDays(easter, 1), 'Ostermontag', all],
    [`${year}-05-01`, 'Tag der Arbeit', all],
    [addDays(easter, 39), 'Christi Himmelfahrt', all],
    [addDays(easter, 50), 'Pfingstmontag', all],
    [addDays(easter, 60), 'Fronleichnam', ['BW', 'BY', 'HE', 'NW', 'RP', 'SL']],
    [`${year}-08-15`, 'Mariä Himmelfahrt', ['SL']],
    [`${year}-09-20`, 'Weltkindertag', ['TH']],
    [`${year}-10-03`, 'Tag der Deutschen Einheit', all],
    [`${year}-10-31`, 'Reformationstag', ['BB', 'HB', 'HH', 'MV', 'NI', 'SH', 'SN', 'ST', 'TH']],
    [`${year}-11-01`, 'Allerheiligen', ['BW', 'BY', 'NW', 'RP', 'SL']],
    [repentanceDayOf(year), 'Buß- und Bettag', ['SN']],
    [`${year}-12-25`, '1. Weihnachtstag', all],
    [`${year}-12-26`, '2. Weihnachtstag', all],
  ];
  return days.flatMap(([day, name, states]) => states.map((state): [string, string, string] => [day, name, state]));
}

export class EndsOnWorkingDays1764010018347 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const days = Array.from({ length: 10 }, (_, i) => holidaysOf(2026 + i)).flat();
    await runner.query(
      `INSERT INTO applications.holiday (day, name, state) SELECT * FROM unnest($1::date[], $2::text[], $3::text[])
       ON CONFLICT (state, day) DO NOTHING`,
      [days.map(([day]) => day), days.map(([, name]) => name), days.map(([, , state]) => state)],
    );
    // § 31 (3) VwVfG has always said so; only this row did not
    await runner.query(
      `UPDATE applications.legal_rule SET citation = $2, text_de = $3, text_en = $4,
         parameters = parameters || '{"endsOnWorkingDay": true}' WHERE id = $1`,
      [
        derivedId('legal-rule', 'document-request'),
        '§ 26 Abs. 2, § 31 Abs. 2 und 3 VwVfG',
        'Die Behörde nennt den Tag, bis zu dem fehlende Unterlagen nachzureichen sind; ist er kein Werktag, so endet die Frist am nächsten Werktag, es sei denn, der Tag wurde unter Hinweis auf § 31 Abs. 3 VwVfG genannt.',
        'The authority names the day by which missing documents are to be handed in; where it is no working day the period ends on the next one, unless the day was named with reference to § 31 (3) VwVfG.',
      ],
    );
    await runner.query(`
ALTER TABLE applications.application ADD COLUMN authority_ars text;
COMMENT ON COLUMN applications.application.authority_ars IS 'The area of the authority in charge, whose holidays count; null: those of the place applied for.';

ALTER TABLE applications.document_request
  ADD COLUMN fixed_day boolean NOT NULL DEFAULT false,
  ADD COLUMN ends_on date;
UPDATE applications.document_request AS asked SET ends_on = (
  SELECT day::date FROM applications.application AS one,
    generate_series(asked.due_on::timestamp, asked.due_on + 30, '1 day') AS day
  WHERE one.id = asked.application_id AND extract(isodow FROM day) < 6 AND NOT EXISTS (
    SELECT FROM applications.holiday
    WHERE holiday.day = day.day::date
      AND holiday.state = (jsonb_build_object(${Object.entries(STATES)
        .map(([key, letters]) => `'${key}', '${letters}'`)
        .join(', ')}) ->> left(one.ars, 2)))
  ORDER BY day LIMIT 1);
ALTER TABLE applications.document_request
  ALTER COLUMN ends_on SET NOT NULL,
  ADD CONSTRAINT ends_on_or_after_named CHECK (CASE WHEN fixed_day THEN ends_on = due_on ELSE ends_on >= due_on END);
COMMENT ON COLUMN applications.document_request.due_on IS 'The day the authority has named.';
COMMENT ON COLUMN applications.document_request.fixed_day IS 'Named with reference to § 31 (3) VwVfG, so that it holds although it is no working day.';
COMMENT ON COLUMN applications.document_request.ends_on IS 'The last day to answer, worked out when it was asked (§ 31 (3) VwVfG).';
DROP INDEX applications.document_request_open;
CREATE INDEX document_request_open ON applications.document_request (ends_on) WHERE state = 'OPEN';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
