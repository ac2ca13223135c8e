import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files that were taken under a name with another extension get that of their type behind it. */
export class NamesByType1764003527419 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
SELECT set_config('app.kind', 'service', true);
UPDATE applications.document SET filename = left(filename, 240) || types.extension
FROM (VALUES ('application/pdf', '\\.pdf$', '.pdf'), ('image/jpeg', '\\.(jpe?g|jpe|jfif)$', '.jpg'),
  ('image/png', '\\.png$', '.png'), ('image/tiff', '\\.tiff?$', '.tif')) AS types (mime_type, fitting, extension)
WHERE document.mime_type = types.mime_type AND filename !~* types.fitting AND state <> 'DESTROYED';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
