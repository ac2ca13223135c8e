import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ServiceSearch1763900001003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE catalogue.service_index (
  version_id uuid PRIMARY KEY REFERENCES catalogue.service_version ON DELETE CASCADE,
  document tsvector NOT NULL
);
COMMENT ON TABLE catalogue.service_index IS 'The words of each published service version, stemmed; a title weighs most.';
CREATE INDEX service_index_document ON catalogue.service_index USING gin (document);

CREATE TABLE catalogue.service_term (
  version_id uuid NOT NULL REFERENCES catalogue.service_version ON DELETE CASCADE,
  term text NOT NULL,
  PRIMARY KEY (version_id, term)
);
COMMENT ON TABLE catalogue.service_term IS 'Titles and everyday names of each published service version, compact, to be compared as a whole.';
CREATE INDEX service_term_trigram ON catalogue.service_term USING gin (term public.gin_trgm_ops);
CREATE INDEX service_term_exact ON catalogue.service_term (term);

CREATE TABLE catalogue.service_word (
  version_id uuid NOT NULL REFERENCES catalogue.service_version ON DELETE CASCADE,
  word text COLLATE "C" NOT NULL,
  shown text NOT NULL,
  stem text,
  PRIMARY KEY (version_id, word)
);
COMMENT ON TABLE catalogue.service_word IS 'The vocabulary of titles and everyday names, folded, with the spelling to show: what a mistyped word is compared with.';
CREATE INDEX service_word_trigram ON catalogue.service_word USING gin (word public.gin_trgm_ops);
CREATE INDEX service_word_word ON catalogue.service_word (word);
CREATE INDEX service_word_stem ON catalogue.service_word (stem);

CREATE FUNCTION catalogue.index_services() RETURNS trigger LANGUAGE plpgsql SET search_path = catalogue, public AS $$
BEGIN
  INSERT INTO service_index (version_id, document)
  SELECT id,
    setweight(to_tsvector('german', concat_ws(' ', title ->> 'de', title ->> 'en')), 'A') ||
    setweight(to_tsvector('german', array_to_string(synonyms, ' ')), 'B') ||
    setweight(to_tsvector('german', concat_ws(' ', summary ->> 'de', summary ->> 'en')), 'D')
  FROM changed WHERE published_at IS NOT NULL
  ON CONFLICT DO NOTHING;

  INSERT INTO service_term (version_id, term)
  SELECT DISTINCT id, compact(name)
  FROM changed, unnest(ARRAY[title ->> 'de', title ->> 'en'] || synonyms) AS name
  WHERE published_at IS NOT NULL AND compact(name) <> ''
  ON CONFLICT DO NOTHING;

  INSERT INTO service_word (version_id, word, shown, stem)
  SELECT DISTINCT ON (id, fold(part)) id, fold(part), part, (tsvector_to_array(to_tsvector('german', part)))[1]
  FROM changed, regexp_split_to_table(
    concat_ws(' ', title ->> 'de', title ->> 'en', array_to_string(synonyms, ' ')), '[^[:alnum:]äöüÄÖÜß]+') AS part
  WHERE published_at IS NOT NULL AND length(part) > 2
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
COMMENT ON FUNCTION catalogue.index_services IS 'Indexes versions when they are published; a published one never changes its words.';
CREATE TRIGGER index_inserted AFTER INSERT ON catalogue.service_version
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalogue.index_services();
CREATE TRIGGER index_updated AFTER UPDATE ON catalogue.service_version
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION catalogue.index_services();

GRANT SELECT, INSERT ON catalogue.service_index, catalogue.service_term, catalogue.service_word TO catalogue_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
