import type { MigrationInterface, QueryRunner } from 'typeorm';

const TOPICS = [
  'MOBILITY_TRAVEL',
  'EDUCATION',
  'ENGAGEMENT_LEISURE',
  'IMMIGRATION_EMIGRATION',
  'BUSINESS',
  'TAXES_CUSTOMS',
  'ENVIRONMENT',
  'WORK_RETIREMENT',
  'FAMILY_CHILD',
  'CROSS_CUTTING',
  'BUILDING_HOUSING',
  'RESEARCH_FUNDING',
  'HEALTH',
  'LAW_ORDER',
]
  .map(code => `'${code}'`)
  .join(', ');

export class Services1763900001002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE catalogue.life_situation (
  id uuid PRIMARY KEY,
  life_topic text NOT NULL CHECK (life_topic IN (${TOPICS})),
  name jsonb NOT NULL CHECK (name ->> 'de' IS NOT NULL),
  audience text NOT NULL CHECK (audience IN ('CITIZEN', 'BUSINESS'))
);
COMMENT ON TABLE catalogue.life_situation IS 'Situations people or businesses are in (Lebenslagen, Geschäftslagen).';
CREATE INDEX life_situation_topic ON catalogue.life_situation (life_topic);

CREATE TABLE catalogue.ozg_service (
  ozg_id text PRIMARY KEY CHECK (ozg_id ~ '^\\d{5}$'),
  name text NOT NULL,
  life_situation_id uuid NOT NULL REFERENCES catalogue.life_situation
);
COMMENT ON TABLE catalogue.ozg_service IS 'Services of the OZG catalogue (OZG-Leistungen): groups of LeiKa services, by which these get their topic.';
CREATE INDEX ozg_service_life_situation ON catalogue.ozg_service (life_situation_id);

CREATE TABLE catalogue.service (
  leika_key text COLLATE "C" PRIMARY KEY CHECK (leika_key ~ '^99\\d{12}$'),
  ozg_id text REFERENCES catalogue.ozg_service,
  import_hash text
);
COMMENT ON TABLE catalogue.service IS 'Public services of the LeiKa catalogue (Leistungen); what is said about one is in its versions.';
COMMENT ON COLUMN catalogue.service.import_hash IS 'Of the source row that was imported last; tells whether the source has changed.';
CREATE INDEX service_ozg ON catalogue.service (ozg_id);

CREATE TABLE catalogue.service_version (
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
  number int NOT NULL,
  title jsonb NOT NULL CHECK (title ->> 'de' IS NOT NULL),
  summary jsonb NOT NULL CHECK (summary ->> 'de' IS NOT NULL),
  life_topic text CHECK (life_topic IN (${TOPICS})),
  life_situation_ids uuid[] NOT NULL DEFAULT '{}',
  audiences text[] NOT NULL CHECK (audiences <@ ARRAY['CITIZEN', 'BUSINESS']),
  programme text NOT NULL CHECK (programme IN ('FEDERAL_GOVERNMENT', 'FEDERATED')),
  leika_type text NOT NULL,
  on_booster_list boolean NOT NULL DEFAULT false,
  single_contact_possible boolean NOT NULL DEFAULT false,
  required_trust_level text NOT NULL CHECK (required_trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  required_documents jsonb NOT NULL DEFAULT '[]',
  legal_basis text[] NOT NULL DEFAULT '{}',
  synonyms text[] NOT NULL DEFAULT '{}',
  recommendations jsonb NOT NULL DEFAULT '[]',
  UNIQUE (leika_key, number),
  CHECK ((state = 'DRAFT') <= (published_at IS NULL)),
  CHECK ((state IN ('PUBLISHED', 'SUPERSEDED')) <= (published_at IS NOT NULL)),
  CHECK (valid_to >= valid_from - 1),
  CONSTRAINT service_version_overlap EXCLUDE USING gist (
    leika_key WITH =, daterange(valid_from, valid_to + 1) WITH &&
  ) WHERE (published_at IS NOT NULL)
);
COMMENT ON TABLE catalogue.service_version IS 'Descriptions of services. What was published holds in its period, whatever its state became; one that ends the day before it begins never holds.';
CREATE UNIQUE INDEX service_version_one_draft ON catalogue.service_version (leika_key) WHERE state = 'DRAFT';
CREATE INDEX service_version_in_force ON catalogue.service_version (leika_key, valid_from) WHERE published_at IS NOT NULL;
CREATE INDEX service_version_title ON catalogue.service_version (catalogue.fold(title ->> 'de'), leika_key) WHERE published_at IS NOT NULL;
CREATE INDEX service_version_topic ON catalogue.service_version (life_topic) WHERE published_at IS NOT NULL;
CREATE INDEX service_version_situations ON catalogue.service_version USING gin (life_situation_ids) WHERE published_at IS NOT NULL;
CREATE INDEX service_version_changed ON catalogue.service_version (changed_at, id);

GRANT SELECT, INSERT, UPDATE ON
  catalogue.life_situation, catalogue.ozg_service, catalogue.service, catalogue.service_version TO catalogue_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
