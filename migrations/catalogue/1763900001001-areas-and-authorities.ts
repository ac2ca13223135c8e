import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AreasAndAuthorities1763900001001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION catalogue.fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  replace(replace(replace(replace(
    translate(lower($1), 'äöüáàâåéèêëíìîïóòôøúùûçñ', 'aouaaaaeeeeiiiioooouuucn'),
  'ß', 'ss'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u');
COMMENT ON FUNCTION catalogue.fold IS 'One spelling for ä, ae and a, so that all three find each other.';

CREATE FUNCTION catalogue.compact(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  regexp_replace(catalogue.fold($1), '[^a-z0-9]+', '', 'g');
COMMENT ON FUNCTION catalogue.compact IS 'Folded and without blanks, so that "Gewerbe anmelden" is near "Gewerbeanmeldung".';

CREATE FUNCTION catalogue.short_name(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  catalogue.fold(btrim(regexp_replace($1, '[,(/].*$', '')));
COMMENT ON FUNCTION catalogue.short_name IS 'The name people use: "Kiel, Landeshauptstadt" is kiel, "Burg (Dithmarschen)" is burg.';

CREATE TABLE catalogue.area (
  ars text COLLATE "C" PRIMARY KEY CHECK (ars ~ '^(\\d{2}|\\d{3}|\\d{5}|\\d{9}|\\d{12})$'),
  name text NOT NULL CHECK (name <> ''),
  level text NOT NULL CHECK (level IN ('STATE', 'REGION', 'DISTRICT', 'ASSOCIATION', 'MUNICIPALITY')),
  parent_ars text COLLATE "C" REFERENCES catalogue.area,
  administered_by_id uuid,
  CHECK (starts_with(ars, parent_ars) AND length(parent_ars) < length(ars))
);
COMMENT ON TABLE catalogue.area IS 'Administrative areas (Gebiete); the key of an area begins with that of each area above it.';
CREATE INDEX area_parent ON catalogue.area (parent_ars, ars);
CREATE INDEX area_administered_by ON catalogue.area (administered_by_id);
CREATE INDEX area_short_name ON catalogue.area (catalogue.short_name(name));
CREATE INDEX area_name_prefix ON catalogue.area (catalogue.fold(name) text_pattern_ops);
CREATE INDEX area_name_trigram ON catalogue.area USING gin (catalogue.fold(name) public.gin_trgm_ops);

CREATE TABLE catalogue.postcode (
  postcode text NOT NULL CHECK (postcode ~ '^\\d{5}$'),
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  PRIMARY KEY (postcode, ars)
);
COMMENT ON TABLE catalogue.postcode IS 'Which postcodes a municipality has; kept apart because its source has a licence of its own.';
CREATE INDEX postcode_ars ON catalogue.postcode (ars, postcode);

CREATE TABLE catalogue.authority (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  name text NOT NULL CHECK (name <> ''),
  kind text NOT NULL CHECK (kind IN ('MUNICIPALITY', 'ASSOCIATION', 'DISTRICT', 'STATE', 'FEDERAL', 'DEPARTMENT')),
  ars text COLLATE "C" NOT NULL REFERENCES catalogue.area,
  parent_id uuid REFERENCES catalogue.authority,
  contact jsonb NOT NULL DEFAULT '{}',
  is_point_of_single_contact boolean NOT NULL DEFAULT false,
  xzufi_id text,
  CHECK (kind <> 'DEPARTMENT' OR parent_id IS NOT NULL)
);
COMMENT ON TABLE catalogue.authority IS 'Public bodies (zuständige Stellen) and their departments (Fachabteilungen).';
CREATE INDEX authority_ars ON catalogue.authority (ars);
CREATE INDEX authority_parent ON catalogue.authority (parent_id);
CREATE INDEX authority_name ON catalogue.authority (name, id);
CREATE INDEX authority_name_trigram ON catalogue.authority USING gin (catalogue.fold(name) public.gin_trgm_ops);

ALTER TABLE catalogue.area ADD CONSTRAINT area_administered_by_fkey
  FOREIGN KEY (administered_by_id) REFERENCES catalogue.authority;

GRANT SELECT, INSERT, UPDATE ON catalogue.area, catalogue.authority TO catalogue_app;
GRANT SELECT, INSERT, DELETE ON catalogue.postcode TO catalogue_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
