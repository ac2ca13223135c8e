import type { MigrationInterface, QueryRunner } from 'typeorm';
import { addDays } from '../../kernel/clock';
import { derivedId } from '../../kernel/ids';

/**
 * The dated rules we know, with their source; from here on the rows are the truth. Not legal advice: whoever runs the
 * platform has them checked and changes the rows.
 */
const LEGAL_RULES = [
  {
    id: derivedId('legal-rule', 'processing'),
    kind: 'PROCESSING',
    citation: '§ 31 Abs. 1 und 3 VwVfG, §§ 187, 188, 193 BGB',
    textDe:
      'Die Bearbeitungsfrist der Leistung läuft ab den vollständigen Unterlagen, steht still, solange Unterlagen fehlen, und endet an einem Werktag.',
    textEn:
      'The working time of the service runs from complete documents, stands still while documents are missing, and ends on a working day.',
    validFrom: '1977-01-01',
    validTo: null,
    parameters: { unit: 'CALENDAR_DAYS', endsOnWorkingDay: true, atRiskDays: 2 },
  },
  {
    id: derivedId('legal-rule', 'document-request'),
    kind: 'DOCUMENT_REQUEST',
    citation: '§ 26 Abs. 2, § 31 Abs. 2 VwVfG',
    textDe: 'Die Behörde nennt den Tag, bis zu dem fehlende Unterlagen nachzureichen sind.',
    textEn: 'The authority names the day by which missing documents are to be handed in.',
    validFrom: '1977-01-01',
    validTo: null,
    parameters: { atRiskDays: 2 },
  },
  {
    id: derivedId('legal-rule', 'notification-mailbox'),
    kind: 'DEEMED_NOTIFICATION',
    citation: '§ 9 Abs. 1 OZG',
    textDe:
      'Ein im Postfach bereitgestellter Bescheid gilt am dritten Tag nach der Bereitstellung als bekannt gegeben.',
    textEn: 'A notice in the mailbox counts as notified on the third day after it was made available.',
    validFrom: '2024-07-24',
    validTo: null,
    parameters: { days: 3, way: 'MAILBOX' },
  },
  {
    // the 4th day follows the longer postal times of the Postrechtsmodernisierungsgesetz, in force since 2025
    id: derivedId('legal-rule', 'notification-letter'),
    kind: 'DEEMED_NOTIFICATION',
    citation: '§ 110 Abs. 2 LVwG SH',
    textDe: 'Ein abgesandter Bescheid gilt am vierten Tag nach der Absendung als bekannt gegeben.',
    textEn: 'A notice that was sent counts as notified on the fourth day after sending.',
    validFrom: '2025-01-01',
    validTo: null,
    parameters: { days: 4, way: 'LETTER' },
  },
  {
    id: derivedId('legal-rule', 'objection'),
    kind: 'OBJECTION',
    citation: '§ 70 Abs. 1 VwGO, §§ 187, 188, 193 BGB',
    textDe: 'Der Widerspruch ist innerhalb eines Monats nach der Bekanntgabe zu erheben.',
    textEn: 'An objection must be raised within one month of the notification.',
    validFrom: '1960-04-01',
    validTo: null,
    parameters: { months: 1, endsOnWorkingDay: true },
  },
  {
    id: derivedId('legal-rule', 'retention'),
    kind: 'RETENTION',
    citation: 'Aktenplan der Behörde, § 6 LArchG SH',
    textDe:
      'Der Vorgang wird bis zum Ende des zehnten Jahres nach seinem Abschluss aufbewahrt und dann dem Archiv angeboten.',
    textEn: 'The case is kept until the end of the tenth year after it ended, and is then offered to the archive.',
    validFrom: '1992-08-11',
    validTo: null,
    parameters: { years: 10, endOfYear: true },
  },
  {
    id: derivedId('legal-rule', 'draft-deletion'),
    kind: 'DRAFT_DELETION',
    citation: '§ 8a OZG',
    textDe: 'Ein Entwurf wird 30 Tage nach der letzten Änderung gelöscht.',
    textEn: 'A draft is deleted 30 days after its last edit.',
    validFrom: '2024-07-24',
    validTo: null,
    parameters: { days: 30 },
  },
];

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

/** The public holidays of Schleswig-Holstein in a year (SFTG SH; Reformationstag since 2018). */
function holidaysOfSchleswigHolstein(year: number): [string, string][] {
  const easter = easterOf(year);
  const days: [string, string][] = [
    [`${year}-01-01`, 'Neujahrstag'],
    [addDays(easter, -2), 'Karfreitag'],
    [addDays(easter, 1), 'Ostermontag'],
    [`${year}-05-01`, 'Tag der Arbeit'],
    [addDays(easter, 39), 'Christi Himmelfahrt'],
    [addDays(easter, 50), 'Pfingstmontag'],
    [`${year}-10-03`, 'Tag der Deutschen Einheit'],
    [`${year}-10-31`, 'Reformationstag'],
    [`${year}-12-25`, '1. Weihnachtstag'],
    [`${year}-12-26`, '2. Weihnachtstag'],
  ];
  return days;
}

export class Deadlines1763900002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.legal_rule (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('PROCESSING', 'DEEMED_APPROVAL', 'DOCUMENT_REQUEST', 'DEEMED_NOTIFICATION',
    'OBJECTION', 'RETENTION', 'DRAFT_DELETION')),
  citation text NOT NULL,
  text_de text NOT NULL,
  text_en text NOT NULL,
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  parameters jsonb NOT NULL,
  CONSTRAINT one_rule_at_a_time EXCLUDE USING gist (kind WITH =, (coalesce(parameters ->> 'way', '')) WITH =,
    daterange(valid_from, valid_to, '[]') WITH &&)
);
COMMENT ON TABLE applications.legal_rule IS 'Dated rules of law by which deadlines are worked out; a new law is a new row.';
COMMENT ON COLUMN applications.legal_rule.parameters IS 'Numbers: days, unit, months, years, endOfYear, endsOnWorkingDay, atRiskDays, way.';
GRANT SELECT ON applications.legal_rule TO applications_app;

CREATE TABLE applications.holiday (
  day date NOT NULL,
  name text NOT NULL,
  state text NOT NULL CHECK (state ~ '^[A-Z]{2,4}$'),
  PRIMARY KEY (state, day)
);
COMMENT ON TABLE applications.holiday IS 'Public holidays of the states (gesetzliche Feiertage).';
COMMENT ON COLUMN applications.holiday.state IS 'Two letters of the state, such as SH; BUND for all of them.';
GRANT SELECT, INSERT, UPDATE ON applications.holiday TO applications_app;

CREATE TABLE applications.deadline_extension (
  deadline_id uuid PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications.application (id),
  days int NOT NULL CHECK (days > 0),
  reason text NOT NULL CHECK (reason <> ''),
  extended_by uuid NOT NULL,
  extended_at timestamptz NOT NULL
);
COMMENT ON TABLE applications.deadline_extension IS 'The one extension a deadline may have (Fristverlängerung).';
CREATE INDEX deadline_extension_application ON applications.deadline_extension (application_id);
ALTER TABLE applications.deadline_extension ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.deadline_extension FORCE ROW LEVEL SECURITY;
CREATE POLICY extension_of_visible ON applications.deadline_extension USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR EXISTS (SELECT FROM applications.application WHERE application.id = deadline_extension.application_id)
);
GRANT SELECT, INSERT ON applications.deadline_extension TO applications_app;
`);
    for (const rule of LEGAL_RULES) {
      await runner.query(
        `INSERT INTO applications.legal_rule (id, kind, citation, text_de, text_en, valid_from, valid_to, parameters)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
        [
          rule.id,
          rule.kind,
          rule.citation,
          rule.textDe,
          rule.textEn,
          rule.validFrom,
          rule.validTo,
          JSON.stringify(rule.parameters),
        ],
      );
    }
    for (let year = 2026; year <= 2035; year++) {
      for (const [day, name] of holidaysOfSchleswigHolstein(year)) {
        await runner.query(`INSERT INTO applications.holiday (day, name, state) VALUES ($1, $2, 'SH')`, [day, name]);
      }
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
