import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';

export class OwnAccounts1764000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE identity.staff_person (
  staff_member_id uuid PRIMARY KEY REFERENCES identity.staff_member,
  name_key text NOT NULL,
  born_on date
);
COMMENT ON TABLE identity.staff_person IS 'Who a staff member is, as the authority''s directory says it; only to recognise their own accounts (Vier-Augen-Prinzip).';
COMMENT ON COLUMN identity.staff_person.name_key IS 'Given and family name in a form in which equal names are equal.';
CREATE INDEX staff_person_name ON identity.staff_person (name_key);

CREATE TABLE identity.account_person (
  account_id uuid PRIMARY KEY REFERENCES identity.account,
  name_key text NOT NULL,
  born_on date
);
COMMENT ON TABLE identity.account_person IS 'The same of an account, from its proven facts.';
CREATE INDEX account_person_name ON identity.account_person (name_key);

CREATE TABLE identity.own_account (
  staff_member_id uuid NOT NULL REFERENCES identity.staff_member,
  account_id uuid NOT NULL REFERENCES identity.account,
  PRIMARY KEY (staff_member_id, account_id)
);
COMMENT ON TABLE identity.own_account IS 'Accounts that belong to the same person as a staff member.';
CREATE INDEX own_account_account ON identity.own_account (account_id);

${wall('identity.staff_person', 'false')}
${wall('identity.account_person', 'false')}
${wall('identity.own_account', 'false')}
GRANT SELECT, INSERT, UPDATE, DELETE ON identity.staff_person, identity.account_person, identity.own_account TO identity_app;

INSERT INTO identity.account_person (account_id, name_key, born_on)
SELECT given.account_id, lower(normalize(given.value, NFKC)) || '|' || lower(normalize(family.value, NFKC)),
       CASE WHEN birth.value ~ '^\\d{4}-\\d{2}-\\d{2}$' THEN birth.value::date END
FROM identity.verified_attribute AS given
JOIN identity.verified_attribute AS family USING (account_id)
LEFT JOIN identity.verified_attribute AS birth
  ON birth.account_id = given.account_id AND birth.name = 'dateOfBirth' AND birth.trust_level <> 'BASIC'
WHERE given.name = 'givenName' AND family.name = 'familyName'
  AND given.trust_level <> 'BASIC' AND family.trust_level <> 'BASIC';
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
