import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldFunction } from '../../kernel/fold';

/** The folding of the catalogue is that of the kernel; what was stored and indexed by the former one is made anew. */
export class OneFolding1764052047135 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE FUNCTION catalogue.words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  btrim(regexp_replace($1, '[^[:alnum:]]+', ' ', 'g'));
COMMENT ON FUNCTION catalogue.words IS 'The words of a folded text, one blank between them.';
${foldFunction('catalogue')}
REINDEX INDEX catalogue.area_short_name;
REINDEX INDEX catalogue.area_name_prefix;
REINDEX INDEX catalogue.area_name_trigram;
REINDEX INDEX catalogue.authority_name_trigram;

CREATE OR REPLACE FUNCTION catalogue.index_services() RETURNS trigger LANGUAGE plpgsql SET search_path = catalogue, public AS $$
BEGIN
  INSERT INTO service_index (version_id, document)
  SELECT id,
    setweight(to_tsvector('german', normalize(concat_ws(' ', title ->> 'de', title ->> 'en'))), 'A') ||
    setweight(to_tsvector('german', normalize(array_to_string(synonyms, ' '))), 'B') ||
    setweight(to_tsvector('german', normalize(concat_ws(' ', summary ->> 'de', summary ->> 'en'))), 'D')
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
    normalize(concat_ws(' ', title ->> 'de', title ->> 'en', array_to_string(synonyms, ' '))), '[^[:alnum:]äöüÄÖÜß]+') AS part
  WHERE published_at IS NOT NULL AND length(part) > 2
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;

-- searches go on with what was there until this commits
DELETE FROM catalogue.service_index;
DELETE FROM catalogue.service_term;
DELETE FROM catalogue.service_word;
SELECT set_config('app.kind', 'service', true);
UPDATE catalogue.service_version SET published_at = published_at WHERE published_at IS NOT NULL;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
