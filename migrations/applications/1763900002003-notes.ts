import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notes1763900002003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE applications.note (
  id uuid PRIMARY KEY,
  application_id uuid NOT NULL REFERENCES applications.application (id),
  author_id uuid NOT NULL,
  text text NOT NULL CHECK (text <> ''),
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE applications.note IS 'Internal notes of the authority (Kommentar); never for applicants.';
CREATE INDEX note_application ON applications.note (application_id, id);
ALTER TABLE applications.note ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.note FORCE ROW LEVEL SECURITY;
CREATE POLICY note_of_authority ON applications.note USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR ((SELECT current_setting('app.kind', true)) = 'staff'
      AND EXISTS (SELECT FROM applications.application WHERE application.id = note.application_id))
);
GRANT SELECT, INSERT ON applications.note TO applications_app;

CREATE TABLE applications.follow_up (
  id uuid PRIMARY KEY,
  version int NOT NULL CHECK (version > 0),
  application_id uuid NOT NULL REFERENCES applications.application (id),
  authority_id uuid NOT NULL,
  owner_id uuid NOT NULL,
  title text NOT NULL CHECK (title <> ''),
  due_on date NOT NULL,
  created_at timestamptz NOT NULL,
  completed_at timestamptz
);
COMMENT ON TABLE applications.follow_up IS 'Things to come back to (Wiedervorlage); they stay with their authority when the case is forwarded.';
COMMENT ON COLUMN applications.follow_up.authority_id IS 'The authority of the owner.';
CREATE INDEX follow_up_application ON applications.follow_up (application_id, due_on, id);
CREATE INDEX follow_up_due ON applications.follow_up (authority_id, due_on, id) WHERE completed_at IS NULL;
CREATE INDEX follow_up_owner ON applications.follow_up (owner_id, due_on, id) WHERE completed_at IS NULL;
ALTER TABLE applications.follow_up ENABLE ROW LEVEL SECURITY;
ALTER TABLE applications.follow_up FORCE ROW LEVEL SECURITY;
CREATE POLICY follow_up_of_authority ON applications.follow_up USING (
  (SELECT current_setting('app.kind', true)) = 'service'
  OR ((SELECT current_setting('app.kind', true)) = 'staff'
      AND authority_id = (SELECT nullif(current_setting('app.authority', true), '')::uuid))
);
GRANT SELECT, INSERT, UPDATE ON applications.follow_up TO applications_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
