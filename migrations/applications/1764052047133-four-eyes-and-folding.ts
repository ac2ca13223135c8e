import type { MigrationInterface, QueryRunner } from 'typeorm';
import { wall } from '../../kernel/database/walls';
import { foldFunction } from '../../kernel/fold';

export class FourEyesAndFolding1764052047133 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${foldFunction('applications')}
ALTER TABLE applications.own_account ADD COLUMN certain boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN applications.own_account.certain IS 'False when they are only perhaps the same person: a colleague may confirm that they are two.';

CREATE TABLE applications.organisation_member (
  organisation_id uuid NOT NULL,
  account_id uuid NOT NULL,
  member boolean NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (organisation_id, account_id)
);
COMMENT ON TABLE applications.organisation_member IS 'Projection of identity: who belongs to an organisation in any role, and must not decide about it.';
${wall('applications.organisation_member', 'false')}
GRANT SELECT, INSERT, UPDATE ON applications.organisation_member TO applications_app;

CREATE TABLE applications.four_eyes (
  application_id uuid NOT NULL REFERENCES applications.application (id),
  staff_member_id uuid NOT NULL,
  own_account_id uuid NOT NULL,
  confirmed_by uuid NOT NULL,
  confirmed_at timestamptz NOT NULL,
  PRIMARY KEY (application_id, staff_member_id, own_account_id),
  CHECK (confirmed_by <> staff_member_id)
);
COMMENT ON TABLE applications.four_eyes IS 'A colleague has confirmed for one case that a staff member is not the holder of an account (Vier-Augen-Prinzip).';
${wall('applications.four_eyes', 'false')}
GRANT SELECT, INSERT ON applications.four_eyes TO applications_app;

CREATE FUNCTION applications.own_pairs(members uuid[], cases uuid[])
RETURNS TABLE (staff_member_id uuid, id uuid, own_account_id uuid, certain boolean)
LANGUAGE sql SET "app.kind" = 'service' AS $$
  SELECT own.staff_member_id, application.id, own.account_id, own.certain
  FROM unnest(members, cases) AS asked (member, id)
  JOIN applications.application ON application.id = asked.id
  JOIN applications.own_account AS own ON own.staff_member_id = asked.member AND own.same
    AND (own.account_id IN (application.account_id, application.agent_account_id)
      OR EXISTS (SELECT FROM applications.mandate_period AS mandate
        WHERE mandate.agent_account_id = own.account_id AND mandate.principal_account_id = application.account_id
          AND mandate.valid_from <= clock_timestamp()
          AND (mandate.valid_to IS NULL OR mandate.valid_to > clock_timestamp()))
      OR EXISTS (SELECT FROM applications.organisation_member AS held
        WHERE held.account_id = own.account_id AND held.organisation_id = application.account_id AND held.member))
  WHERE own.certain OR NOT EXISTS (SELECT FROM applications.four_eyes AS confirmed
    WHERE confirmed.application_id = application.id AND confirmed.staff_member_id = own.staff_member_id
      AND confirmed.own_account_id = own.account_id)
$$;
COMMENT ON FUNCTION applications.own_pairs IS 'Of staff members and cases, pair by pair: which are their own, or of somebody they act for, surely or perhaps, and by which account. Staff see neither accounts nor mandates.';
COMMENT ON FUNCTION applications.own_cases IS 'For programs of the version before own_pairs.';

CREATE FUNCTION applications.searchable(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT concat_ws(' ', applications.fold($1), string_agg(applications.fold(replace(hyphened[1], '-', '')), ' '))
   FROM regexp_matches(normalize($1, NFC), '([[:alpha:]]+(?:-[[:alpha:]]+)+)', 'g') AS hyphened);
COMMENT ON FUNCTION applications.searchable IS 'Folded, and what has a hyphen without it as well: "Karl-Heinz" is found by "Karlheinz".';

ALTER TABLE applications.application ADD COLUMN searched text;
COMMENT ON COLUMN applications.application.searched IS 'search_text as it is searched; written with it, by whatever version of the program.';
CREATE FUNCTION applications.fold_search_text() RETURNS trigger LANGUAGE plpgsql SET search_path = applications, public AS $$
BEGIN
  -- by hyphens the parts of a name are joined too: "Karl Heinz" is found by "Karlheinz"
  NEW.searched := searchable(NEW.search_text || coalesce(' ' || regexp_replace(NEW.applicant_name, '\\s+', '-', 'g'), ''));
  RETURN NEW;
END $$;
CREATE TRIGGER fold_search_text BEFORE INSERT OR UPDATE OF search_text, applicant_name ON applications.application
  FOR EACH ROW EXECUTE FUNCTION applications.fold_search_text();
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
