import type { MigrationInterface, QueryRunner } from 'typeorm';

export class AccountsAndStaff1763900001020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.account (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  kind text NOT NULL CHECK (kind IN ('PERSON', 'ORGANISATION')),
  display_name text NOT NULL,
  tokens_since timestamptz NOT NULL DEFAULT 'epoch',
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.account IS 'Accounts of persons and organisations (Servicekonto, Unternehmenskonto).';
COMMENT ON COLUMN identity.account.tokens_since IS 'Tokens issued before it are refused: the account was signed out everywhere.';

CREATE TABLE identity.account_identity (
  issuer text NOT NULL,
  subject text NOT NULL,
  account_id uuid NOT NULL REFERENCES identity.account DEFERRABLE INITIALLY DEFERRED,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (issuer, subject)
);
COMMENT ON TABLE identity.account_identity IS 'By which subject of which OpenID provider an account signs in; one account may have several.';
CREATE INDEX account_identity_account ON identity.account_identity (account_id);

CREATE TABLE identity.verified_attribute (
  account_id uuid NOT NULL REFERENCES identity.account,
  name text NOT NULL,
  value text NOT NULL,
  trust_level text NOT NULL CHECK (trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  method text NOT NULL CHECK (method IN ('PASSWORD', 'ELSTER_CERTIFICATE', 'EID', 'SMART_EID', 'EIDAS', 'STAFF_SIGN_ON')),
  verified_at timestamptz NOT NULL,
  PRIMARY KEY (account_id, name)
);
COMMENT ON TABLE identity.verified_attribute IS 'Proven facts about an account holder, each with the level it was proven at.';

CREATE TABLE identity.organisation_member (
  organisation_id uuid NOT NULL REFERENCES identity.account,
  account_id uuid NOT NULL REFERENCES identity.account,
  role text NOT NULL CHECK (role IN ('ADMINISTRATOR', 'REPRESENTATIVE', 'READER')),
  since timestamptz NOT NULL,
  PRIMARY KEY (organisation_id, account_id),
  CHECK (organisation_id <> account_id)
);
COMMENT ON TABLE identity.organisation_member IS 'Who belongs to an organisation, and what they may do there.';
CREATE INDEX organisation_member_account ON identity.organisation_member (account_id);

CREATE TABLE identity.case_party (
  application_id uuid PRIMARY KEY,
  account_id uuid NOT NULL,
  agent_account_id uuid,
  authority_id uuid
);
COMMENT ON TABLE identity.case_party IS 'Projection of applications: whose case it is and which authority is in charge, for who may see a name.';
CREATE INDEX case_party_account ON identity.case_party (account_id, authority_id);
CREATE INDEX case_party_agent ON identity.case_party (agent_account_id, authority_id) WHERE agent_account_id IS NOT NULL;

CREATE TABLE identity.staff_member (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  subject text UNIQUE,
  display_name text NOT NULL,
  email text NOT NULL,
  authority_id uuid NOT NULL,
  department_id uuid,
  roles text[] NOT NULL,
  active boolean NOT NULL,
  tokens_since timestamptz NOT NULL DEFAULT 'epoch',
  created_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.staff_member IS 'Who works for an authority, with which roles.';
COMMENT ON COLUMN identity.staff_member.subject IS 'The subject at the OpenID provider; null until the first sign-on, which finds the person by e-mail.';
COMMENT ON COLUMN identity.staff_member.authority_id IS 'The authority itself, never a department.';
CREATE UNIQUE INDEX staff_member_email ON identity.staff_member (lower(email));
CREATE INDEX staff_member_authority ON identity.staff_member (authority_id, display_name, id);
CREATE INDEX staff_member_department ON identity.staff_member (department_id, display_name, id);

CREATE TABLE identity.substitution (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  absent_staff_member_id uuid NOT NULL REFERENCES identity.staff_member,
  substitute_staff_member_id uuid NOT NULL REFERENCES identity.staff_member,
  authority_id uuid NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz NOT NULL,
  revoked_at timestamptz,
  arranged_by_id uuid NOT NULL REFERENCES identity.staff_member,
  created_at timestamptz NOT NULL,
  CHECK (absent_staff_member_id <> substitute_staff_member_id),
  CHECK (valid_from < valid_to)
);
COMMENT ON TABLE identity.substitution IS 'Who covers for whom, and when (Vertretung).';
CREATE INDEX substitution_absent ON identity.substitution (absent_staff_member_id);
CREATE INDEX substitution_substitute ON identity.substitution (substitute_staff_member_id);
CREATE INDEX substitution_arranged_by ON identity.substitution (arranged_by_id);
CREATE INDEX substitution_authority ON identity.substitution (authority_id, id);
ALTER TABLE identity.substitution ENABLE ROW LEVEL SECURITY;
ALTER TABLE identity.substitution FORCE ROW LEVEL SECURITY;
CREATE POLICY own_authority ON identity.substitution USING (
  current_setting('app.kind', true) = 'service' OR authority_id::text = current_setting('app.authority', true)
);

CREATE TABLE identity.mandate (
  id uuid PRIMARY KEY,
  version int NOT NULL,
  principal_account_id uuid NOT NULL REFERENCES identity.account,
  agent_account_id uuid NOT NULL REFERENCES identity.account,
  leika_keys text[] NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  revoked_at timestamptz,
  granted_by_id uuid NOT NULL REFERENCES identity.account,
  revoked_by_id uuid REFERENCES identity.account,
  created_at timestamptz NOT NULL,
  CHECK (principal_account_id <> agent_account_id),
  CHECK (valid_from < valid_to)
);
COMMENT ON TABLE identity.mandate IS 'Who may act for whom, for which services, and when (Vollmacht).';
CREATE INDEX mandate_principal ON identity.mandate (principal_account_id, id);
CREATE INDEX mandate_agent ON identity.mandate (agent_account_id, id);
CREATE INDEX mandate_granted_by ON identity.mandate (granted_by_id);
CREATE INDEX mandate_revoked_by ON identity.mandate (revoked_by_id) WHERE revoked_by_id IS NOT NULL;

CREATE TABLE identity.session (
  id uuid PRIMARY KEY,
  account_id uuid REFERENCES identity.account,
  staff_member_id uuid REFERENCES identity.staff_member,
  acting_for_id uuid REFERENCES identity.account,
  trust_level text NOT NULL CHECK (trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  method text NOT NULL CHECK (method IN ('PASSWORD', 'ELSTER_CERTIFICATE', 'EID', 'SMART_EID', 'EIDAS', 'STAFF_SIGN_ON')),
  opened_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  tokens_since timestamptz NOT NULL DEFAULT 'epoch',
  CHECK ((account_id IS NULL) <> (staff_member_id IS NULL)),
  CHECK (acting_for_id IS NULL OR account_id IS NOT NULL)
);
COMMENT ON TABLE identity.session IS 'Who is signed in, until when, and for whom they act.';
COMMENT ON COLUMN identity.session.tokens_since IS 'Tokens issued before it are refused: the session had ended and was opened anew.';
CREATE INDEX session_account ON identity.session (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX session_staff_member ON identity.session (staff_member_id) WHERE staff_member_id IS NOT NULL;
CREATE INDEX session_acting_for ON identity.session (acting_for_id) WHERE acting_for_id IS NOT NULL;
CREATE INDEX session_expires_at ON identity.session (expires_at);

CREATE TABLE identity.sign_in (
  state_hash text PRIMARY KEY,
  browser_hash text NOT NULL,
  nonce text NOT NULL,
  code_verifier text NOT NULL,
  return_url text NOT NULL,
  trust_level text NOT NULL CHECK (trust_level IN ('BASIC', 'LOW', 'SUBSTANTIAL', 'HIGH')),
  earlier_session_id uuid,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE identity.sign_in IS 'Sign-ins on their way through the OpenID provider; a row is used once, in the browser that began.';
CREATE INDEX sign_in_expires_at ON identity.sign_in (expires_at);

GRANT SELECT, INSERT, UPDATE ON identity.account, identity.verified_attribute, identity.mandate, identity.staff_member,
  identity.substitution TO identity_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.account_identity, identity.organisation_member, identity.case_party,
  identity.session, identity.sign_in TO identity_app;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
