import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccessLogAnchors1764000001001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.access_chain ADD COLUMN anchored_length int NOT NULL DEFAULT 0;
COMMENT ON COLUMN identity.access_chain.anchored_length IS 'How far its head was last signed and put outside the database.';
CREATE INDEX access_chain_grown ON identity.access_chain (id) WHERE anchored_length < length;

CREATE TABLE identity.access_anchor (
  number int PRIMARY KEY,
  hash text NOT NULL,
  content text,
  stored_at timestamptz,
  CHECK ((content IS NULL) = (stored_at IS NOT NULL))
);
COMMENT ON TABLE identity.access_anchor IS 'Signed heads of the access log that were put outside the database; content only until it is there.';
GRANT SELECT, INSERT, UPDATE ON identity.access_anchor TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
