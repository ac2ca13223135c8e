import type { MigrationInterface, QueryRunner } from 'typeorm';
import { holidaysOfSchleswigHolstein } from '../../subgraphs/applications/deadlines/calendar';
import { LEGAL_RULES } from '../../subgraphs/applications/deadlines/rules.seed';

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
  state text NOT NULL CHECK (state ~ '^[A-Z]{2}$'),
  PRIMARY KEY (state, day)
);
COMMENT ON TABLE applications.holiday IS 'Public holidays of the states (gesetzliche Feiertage).';
COMMENT ON COLUMN applications.holiday.state IS 'Two letters of the state, such as SH.';
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
      for (const { day, name, state } of holidaysOfSchleswigHolstein(year)) {
        await runner.query(`INSERT INTO applications.holiday (day, name, state) VALUES ($1, $2, $3)`, [
          day,
          name,
          state,
        ]);
      }
    }
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
