import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OnlineServicesAndPortals1763900001005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE catalogue.online_service (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  name text NOT NULL CHECK (name <> ''),
  leika_keys text[] NOT NULL CHECK (cardinality(leika_keys) > 0),
  offered_by_ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  reusable boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE catalogue.online_service IS 'Digital form services (Online-Dienste).';
CREATE INDEX online_service_leika_keys ON catalogue.online_service USING gin (leika_keys);
CREATE INDEX online_service_offered_by ON catalogue.online_service (offered_by_ars);
CREATE INDEX online_service_name ON catalogue.online_service (name, id);

CREATE TABLE catalogue.online_service_version (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  state text NOT NULL CHECK (state IN ('DRAFT', 'PUBLISHED', 'SUPERSEDED', 'WITHDRAWN')),
  valid_from date NOT NULL,
  valid_to date,
  change_note text,
  changed_at timestamptz NOT NULL,
  published_at timestamptz,
  changed_by_id uuid,
  online_service_id uuid NOT NULL REFERENCES catalogue.online_service,
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  number int NOT NULL,
  form_id uuid,
  settings jsonb NOT NULL DEFAULT '{}',
  overridable_paths text[] NOT NULL DEFAULT '{}',
  UNIQUE (online_service_id, number),
  CHECK ((state = 'DRAFT') <= (published_at IS NULL)),
  CHECK ((state IN ('PUBLISHED', 'SUPERSEDED')) <= (published_at IS NOT NULL)),
  CHECK (valid_to >= valid_from - 1),
  CONSTRAINT online_service_version_overlap EXCLUDE USING gist (
    online_service_id WITH =, daterange(valid_from, valid_to + 1) WITH &&
  ) WHERE (published_at IS NOT NULL)
);
COMMENT ON TABLE catalogue.online_service_version IS 'Versions of online services. What was published holds in its period, whatever its state became, and never changes.';
COMMENT ON COLUMN catalogue.online_service_version.ars IS 'The area that offers the online service, for row-level security.';
CREATE UNIQUE INDEX online_service_version_one_draft ON catalogue.online_service_version (online_service_id) WHERE state = 'DRAFT';
CREATE INDEX online_service_version_in_force ON catalogue.online_service_version (online_service_id, valid_from) WHERE published_at IS NOT NULL;
CREATE INDEX online_service_version_ars ON catalogue.online_service_version (ars);
CREATE INDEX online_service_version_changed ON catalogue.online_service_version (changed_at, id);
ALTER TABLE catalogue.online_service_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE catalogue.online_service_version FORCE ROW LEVEL SECURITY;
CREATE POLICY published_or_own ON catalogue.online_service_version FOR SELECT USING (published_at IS NOT NULL OR catalogue.may_edit(ars));
CREATE POLICY own_inserted ON catalogue.online_service_version FOR INSERT WITH CHECK (catalogue.may_edit(ars));
CREATE POLICY own_updated ON catalogue.online_service_version FOR UPDATE USING (catalogue.may_edit(ars)) WITH CHECK (catalogue.may_edit(ars));

CREATE TABLE catalogue.adoption (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  online_service_id uuid NOT NULL REFERENCES catalogue.online_service,
  online_service_version_id uuid NOT NULL REFERENCES catalogue.online_service_version,
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  authority_id uuid NOT NULL REFERENCES catalogue.authority,
  overrides jsonb NOT NULL DEFAULT '[]',
  valid_from date NOT NULL,
  valid_to date,
  CHECK (valid_to >= valid_from - 1),
  CONSTRAINT adoption_overlap EXCLUDE USING gist (
    online_service_id WITH =, ars WITH =, daterange(valid_from, valid_to + 1) WITH &&
  )
);
COMMENT ON TABLE catalogue.adoption IS 'Re-use of online services by others (EfA-Nachnutzung), with local settings on top; in use or ended follows from the period.';
CREATE INDEX adoption_version ON catalogue.adoption (online_service_version_id);
CREATE INDEX adoption_ars ON catalogue.adoption (ars);
CREATE INDEX adoption_authority ON catalogue.adoption (authority_id);

CREATE TABLE catalogue.portal (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  name text NOT NULL CHECK (name <> ''),
  host text NOT NULL UNIQUE CHECK (host = lower(host)),
  generation text NOT NULL CHECK (generation IN ('V1', 'V2')),
  state text NOT NULL CHECK (state IN ('ORDERED', 'PREPARING', 'ONLINE', 'RETIRED')),
  authority_id uuid NOT NULL REFERENCES catalogue.authority,
  featured_leika_keys text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE catalogue.portal IS 'Citizen portals (Bürgerportale).';
CREATE INDEX portal_authority ON catalogue.portal (authority_id);
CREATE INDEX portal_name ON catalogue.portal (name, id);

CREATE TABLE catalogue.portal_area (
  portal_id uuid NOT NULL REFERENCES catalogue.portal,
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  PRIMARY KEY (portal_id, ars)
);
COMMENT ON TABLE catalogue.portal_area IS 'The areas a portal serves, with all areas below.';
CREATE INDEX portal_area_ars ON catalogue.portal_area (ars);

GRANT SELECT, INSERT, UPDATE ON
  catalogue.online_service, catalogue.online_service_version, catalogue.adoption, catalogue.portal TO catalogue_app;
GRANT SELECT, INSERT, DELETE ON catalogue.portal_area TO catalogue_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
