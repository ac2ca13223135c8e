import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldFunction } from '../../kernel/fold';

/** Unseen characters that come along with what is pasted are folded away. Few cases have any. */
export class FoldWhatIsPasted1764057213843 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${foldFunction('applications')}
SELECT set_config('app.kind', 'service', true);
UPDATE applications.application SET search_text = search_text
WHERE search_text || coalesce(applicant_name, '')
  ~ '[\\u0085\\u061c\\u1680\\u180e\\u2028-\\u202e\\u2061-\\u2064\\u2066-\\u2069\\ufe00-\\ufe02\\ufe0e\\ufe0f]';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
