import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldFunction } from '../../kernel/fold';

/** Titles are no part of a name; by what stands between names alone nobody is told from others. */
const TITLES = 'dr prof professor doktor dipl ing med phil jur rer nat habil mag univ';
const BETWEEN =
  'von van vom de der den des du di da do dos del della la le zu zur zum und al el bin ibn ben ter ten te af av';
const list = (words: string): string =>
  words
    .split(' ')
    .map(word => `'${word}'`)
    .join(', ');

/** What a person is recognised by, worked out where it is stored, for rows of the version before as well. */
export class WhoIsWho1764052047131 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${foldFunction('identity')}
CREATE FUNCTION identity.name_parts(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT coalesce(array_agg(part) FILTER (WHERE length(part) > 1 AND part <> ALL (ARRAY[${list(TITLES)}])), array_agg(part))
   FROM (SELECT part FROM regexp_split_to_table(identity.fold($1), '[\\u0001-\\u002f\\u003a-\\u0060\\u007b-\\u00bf]+') AS part
         WHERE part <> '' LIMIT 24) AS parts);
COMMENT ON FUNCTION identity.name_parts IS 'The parts of a name, folded, without titles and initials; null for a text without letters.';

CREATE FUNCTION identity.name_words(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT coalesce(array_agg(DISTINCT part) FILTER (WHERE part <> ALL (ARRAY[${list(BETWEEN)}])), array_agg(DISTINCT part))
   FROM unnest(identity.name_parts($1)) AS part);
COMMENT ON FUNCTION identity.name_words IS 'What two names may have in common: their parts without "von", "al" and the like.';

CREATE FUNCTION identity.name_letters(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT string_agg(letter, '' ORDER BY letter COLLATE "C")
   FROM unnest(identity.name_parts($1)) AS part, regexp_split_to_table(part, '') AS letter);
COMMENT ON FUNCTION identity.name_letters IS 'The letters of a name from a to z: equal for the same name in whatever order and however joined, as in "Karl-Heinz" and "Karlheinz".';

ALTER TABLE identity.staff_person ADD COLUMN words text[], ADD COLUMN letters text, ADD COLUMN born_part text;
ALTER TABLE identity.account_person ADD COLUMN words text[], ADD COLUMN letters text, ADD COLUMN born_part text;
COMMENT ON COLUMN identity.staff_person.name_key IS 'Given and family name as they are known; one of them may be missing.';
COMMENT ON COLUMN identity.staff_person.born_part IS 'Where the day of birth is known in part only: its year, month and day, with zeros for what is unknown (1990-05-00).';
COMMENT ON COLUMN identity.account_person.born_part IS 'As in staff_person.';

CREATE FUNCTION identity.work_out_name() RETURNS trigger LANGUAGE plpgsql SET search_path = identity, public AS $$
BEGIN
  NEW.words := name_words(replace(NEW.name_key, '|', ' '));
  NEW.letters := name_letters(replace(NEW.name_key, '|', ' '));
  RETURN NEW;
END $$;
CREATE TRIGGER work_out_name BEFORE INSERT OR UPDATE ON identity.staff_person
  FOR EACH ROW EXECUTE FUNCTION identity.work_out_name();
CREATE TRIGGER work_out_name BEFORE INSERT OR UPDATE ON identity.account_person
  FOR EACH ROW EXECUTE FUNCTION identity.work_out_name();

CREATE INDEX staff_person_words ON identity.staff_person USING gin (words);
CREATE INDEX staff_person_letters ON identity.staff_person (letters);
CREATE INDEX account_person_words ON identity.account_person USING gin (words);
CREATE INDEX account_person_unborn ON identity.account_person USING gin (words) WHERE born_on IS NULL;
CREATE INDEX account_person_single ON identity.account_person (words) WHERE cardinality(words) = 1;
CREATE INDEX account_person_letters ON identity.account_person (letters);
CREATE INDEX account_person_born ON identity.account_person (born_on);

ALTER TABLE identity.own_account ADD COLUMN certain boolean NOT NULL DEFAULT true;
COMMENT ON COLUMN identity.own_account.certain IS 'False where part is unknown or only alike: a colleague can say that they are two people.';

CREATE FUNCTION identity.same_person(staff identity.staff_person, account identity.account_person) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN left(one, 4) <> left(other, 4) AND '0000' NOT IN (left(one, 4), left(other, 4))
      OR substr(one, 6, 2) <> substr(other, 6, 2) AND '00' NOT IN (substr(one, 6, 2), substr(other, 6, 2))
      OR right(one, 2) <> right(other, 2) AND '00' NOT IN (right(one, 2), right(other, 2)) THEN NULL
    WHEN staff.letters = account.letters THEN coalesce(staff.born_on = account.born_on, false)
    WHEN staff.born_on = account.born_on AND staff.words && account.words
      OR staff.words <@ account.words OR account.words <@ staff.words
      OR cardinality(ARRAY(SELECT unnest(staff.words) INTERSECT SELECT unnest(account.words))) > 1 THEN false END
  FROM (SELECT coalesce(to_char(staff.born_on, 'YYYY-MM-DD'), staff.born_part) AS one,
               coalesce(to_char(account.born_on, 'YYYY-MM-DD'), account.born_part) AS other) AS born
$$;
COMMENT ON FUNCTION identity.same_person IS 'True: surely one person; false: perhaps; null: two. See ADR 32.';

CREATE FUNCTION identity.accounts_of_staff(member uuid) RETURNS TABLE (staff_member_id uuid, account_id uuid, certain boolean)
LANGUAGE sql STABLE AS $$
  WITH staff AS (SELECT * FROM identity.staff_person WHERE staff_person.staff_member_id = member),
  -- rows and not ids: whatever is expected of them, they are not looked for twice
  near AS (
    SELECT account FROM staff JOIN identity.account_person AS account
      ON account.born_on = staff.born_on AND account.words && staff.words
    UNION SELECT account FROM staff JOIN identity.account_person AS account ON account.letters = staff.letters
      AND (staff.born_on = account.born_on) IS NOT FALSE
    UNION SELECT account FROM staff JOIN identity.account_person AS account
      ON account.born_on IS NULL AND account.words && staff.words
    -- without a date, names with one word in common are too many to look at
    UNION SELECT account FROM staff, unnest(staff.words) AS one, unnest(staff.words) AS two, identity.account_person AS account
      WHERE staff.born_on IS NULL AND one <= two AND (one < two OR cardinality(staff.words) = 1)
        AND account.words @> ARRAY[one, two]
    UNION SELECT account FROM staff, unnest(staff.words) AS one, identity.account_person AS account
      WHERE staff.born_on IS NULL AND cardinality(account.words) = 1 AND account.words = ARRAY[one]
  ),
  judged AS (
    SELECT staff.staff_member_id, (account).account_id, identity.same_person(staff, account) AS certain FROM staff, near
  )
  SELECT * FROM judged WHERE certain IS NOT NULL
$$;
COMMENT ON FUNCTION identity.accounts_of_staff IS 'Accounts of the same person, surely or perhaps, as a staff member.';

CREATE FUNCTION identity.staff_of_account(known uuid) RETURNS TABLE (staff_member_id uuid, account_id uuid, certain boolean)
LANGUAGE sql STABLE AS $$
  SELECT staff.staff_member_id, account.account_id, identity.same_person(staff, account)
  FROM identity.account_person AS account
  JOIN identity.staff_person AS staff ON staff.words && account.words OR staff.letters = account.letters
  WHERE account.account_id = known AND identity.same_person(staff, account) IS NOT NULL
$$;
COMMENT ON FUNCTION identity.staff_of_account IS 'The same from the other side.';

-- who belongs to an organisation was told only of those who may write for it
SELECT set_config('app.kind', 'service', true);
INSERT INTO identity.outbox (type, key, payload, occurred_at)
SELECT 'organisation.member-changed', organisation_id,
       jsonb_build_object('organisationId', organisation_id, 'accountId', account_id, 'member', true), now()
FROM identity.organisation_member;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
