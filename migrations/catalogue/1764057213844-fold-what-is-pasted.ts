import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldFunction } from '../../kernel/fold';

/** As in the applications; with all indexes, since that of the titles was left out when the folding changed before. */
export class FoldWhatIsPasted1764057213844 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${foldFunction('catalogue')}
REINDEX INDEX catalogue.area_short_name;
REINDEX INDEX catalogue.area_name_prefix;
REINDEX INDEX catalogue.area_name_trigram;
REINDEX INDEX catalogue.authority_name_trigram;
REINDEX INDEX catalogue.service_version_title;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
