import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Responsibilities1763900001004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION catalogue.may_edit(ars text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE RETURN
  current_setting('app.kind', true) = 'service' OR (
    current_setting('app.kind', true) = 'staff' AND starts_with(ars, (
      SELECT authority.ars FROM catalogue.authority
      WHERE authority.id = nullif(current_setting('app.authority', true), '')::uuid)));
COMMENT ON FUNCTION catalogue.may_edit IS 'The second wall between authorities: drafts are seen and entries written by staff whose authority works for this area or one above it.';

CREATE TABLE catalogue.responsibility (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'SUPERSEDED', 'WITHDRAWN')),
  valid_from date NOT NULL,
  valid_to date,
  change_note text,
  changed_at timestamptz NOT NULL,
  published_at timestamptz,
  changed_by_id uuid,
  leika_key text COLLATE "C" NOT NULL REFERENCES catalogue.service,
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  authority_id uuid NOT NULL REFERENCES catalogue.authority,
  channel text NOT NULL CHECK (channel IN ('SHARED_MAILBOX', 'MESSAGE_BROKER', 'CASE_CLOUD')),
  channel_address text,
  department_rules jsonb NOT NULL DEFAULT '[]',
  processing_days int CHECK (processing_days BETWEEN 0 AND 3650),
  CHECK ((state = 'DRAFT') <= (published_at IS NULL)),
  CHECK ((state IN ('PUBLISHED', 'SUPERSEDED')) <= (published_at IS NOT NULL)),
  CHECK (valid_to >= valid_from - 1),
  CHECK (channel = 'CASE_CLOUD' OR channel_address IS NOT NULL),
  CONSTRAINT responsibility_overlap EXCLUDE USING gist (
    leika_key WITH =, ars WITH =, daterange(valid_from, valid_to + 1) WITH &&
  ) WHERE (published_at IS NOT NULL)
);
COMMENT ON TABLE catalogue.responsibility IS 'Which authority handles a service in an area (Zuständigkeit). What was published holds in its period, whatever its state became; at most one for a service, an area and a day.';
CREATE INDEX responsibility_in_force ON catalogue.responsibility (leika_key, ars, valid_from) WHERE published_at IS NOT NULL;
CREATE INDEX responsibility_ars ON catalogue.responsibility (ars);
CREATE INDEX responsibility_authority ON catalogue.responsibility (authority_id);
CREATE INDEX responsibility_changed ON catalogue.responsibility (changed_at, id);
ALTER TABLE catalogue.responsibility ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalogue.responsibility FORCE ROW LEVEL SECURITY;
CREATE POLICY published_or_own ON catalogue.responsibility FOR SELECT USING (published_at IS NOT NULL OR catalogue.may_edit(ars));
CREATE POLICY own_inserted ON catalogue.responsibility FOR INSERT WITH CHECK (catalogue.may_edit(ars));
CREATE POLICY own_updated ON catalogue.responsibility FOR UPDATE USING (catalogue.may_edit(ars)) WITH CHECK (catalogue.may_edit(ars));

GRANT SELECT, INSERT, UPDATE ON catalogue.responsibility TO catalogue_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
