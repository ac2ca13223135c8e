/** Row-level security for the tables that had none yet, as the second wall behind the rights tables. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ACCOUNT, AUTHORITY, isKind, kernelWalls, PERSON, STAFF, wall } from '../../kernel/database/walls';

export class RowSecurity1764000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${kernelWalls('identity')}
${wall('identity.account_identity', `account_id = ${PERSON}`)}
${wall('identity.verified_attribute', `account_id = ${PERSON}`)}
${wall('identity.session', `account_id = ${PERSON} OR staff_member_id = ${STAFF}`)}
${wall('identity.mandate', `principal_account_id IN (${PERSON}, ${ACCOUNT}) OR agent_account_id IN (${PERSON}, ${ACCOUNT})`)}
${wall('identity.case_party', `authority_id = ${AUTHORITY} OR account_id = ${ACCOUNT}`)}
-- staff see each other's names across authorities, because a forwarded case keeps them
${wall('identity.staff_member', isKind('staff'))}

CREATE FUNCTION identity.organisations_of(member uuid) RETURNS uuid[]
LANGUAGE sql STABLE SET "app.kind" = 'service' AS $$
  SELECT coalesce(array_agg(organisation_id), '{}') FROM identity.organisation_member WHERE account_id = member
$$;
COMMENT ON FUNCTION identity.organisations_of IS 'For the wall of organisation_member, which cannot look into its own table.';
${wall(
  'identity.organisation_member',
  `organisation_id IN (${PERSON}, ${ACCOUNT}) OR account_id = ${PERSON}
    OR organisation_id = ANY ((SELECT identity.organisations_of(${PERSON}))::uuid[])`,
)}

-- each EXISTS looks through the wall of the other table, so it finds only what connects the asker with the account
${wall(
  'identity.account',
  `id IN (${PERSON}, ${ACCOUNT})
  OR (${isKind('person')} AND (
    EXISTS (SELECT FROM identity.mandate WHERE principal_account_id = account.id)
    OR EXISTS (SELECT FROM identity.mandate WHERE agent_account_id = account.id)
    OR EXISTS (SELECT FROM identity.organisation_member WHERE organisation_id = account.id)
    OR EXISTS (SELECT FROM identity.organisation_member WHERE organisation_member.account_id = account.id)))
  OR (${isKind('staff')} AND (
    EXISTS (SELECT FROM identity.case_party WHERE case_party.account_id = account.id)
    OR EXISTS (SELECT FROM identity.case_party WHERE agent_account_id = account.id)))`,
)}
CREATE FUNCTION identity.account_outlines(ids uuid[]) RETURNS TABLE (id uuid, version int, kind text)
LANGUAGE sql STABLE SET "app.kind" = 'service' AS $$
  SELECT id, version, kind FROM identity.account WHERE account.id = ANY (ids)
$$;
COMMENT ON FUNCTION identity.account_outlines IS 'What an account shows to anybody who holds its id: that it exists, and no name.';
${wall('identity.access_chain', `id = ${ACCOUNT} OR id = ${AUTHORITY}`)}
${wall('identity.access_anchor', 'false')}
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
