import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Forms1763900001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.form (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  schema json NOT NULL,
  ui_schema json NOT NULL,
  hash text NOT NULL UNIQUE CHECK (hash ~ '^[0-9a-f]{64}$'),
  registered_at timestamptz NOT NULL
);
COMMENT ON TABLE applications.form IS 'Forms (Formular): JSON Schema and UI hints, never changed.';
COMMENT ON COLUMN applications.form.schema IS 'As json, not jsonb: the order of the fields is kept.';
COMMENT ON COLUMN applications.form.hash IS 'SHA-256 of the canonical schema and hints; the same content is the same form.';
GRANT SELECT, INSERT ON applications.form TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
