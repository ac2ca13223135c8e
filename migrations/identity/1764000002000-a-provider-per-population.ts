import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AProviderPerPopulation1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE identity.sign_in ADD COLUMN population text NOT NULL DEFAULT 'citizen'
  CHECK (population IN ('citizen', 'organisation', 'staff'));
COMMENT ON COLUMN identity.sign_in.population IS 'Whose OpenID provider was asked; an answer of another one is refused.';

ALTER TABLE identity.session ADD COLUMN issuer text, ADD COLUMN sid text;
COMMENT ON COLUMN identity.session.issuer IS 'The OpenID provider that opened it.';
COMMENT ON COLUMN identity.session.sid IS 'Its name at the provider, which ends it by that name.';
CREATE INDEX session_sid ON identity.session (issuer, sid) WHERE sid IS NOT NULL;

ALTER TABLE identity.account_identity ADD COLUMN sector text;
COMMENT ON COLUMN identity.account_identity.sector IS
  'The host of ours for which the provider made the subject, at the last sign-in here; null when only tokens of other clients were seen.';
CREATE UNIQUE INDEX account_identity_sector ON identity.account_identity (account_id, issuer, sector) WHERE sector IS NOT NULL;

CREATE INDEX verified_attribute_proven ON identity.verified_attribute (value, name)
  WHERE trust_level IN ('SUBSTANTIAL', 'HIGH') AND name IN ('familyName', 'dateOfBirth');

ALTER TABLE identity.organisation_member ADD COLUMN from_provider boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN identity.organisation_member.from_provider IS
  'True when the OpenID provider of organisations says so at each sign-in: it is changed there and not here.';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
