import type { MigrationInterface, QueryRunner } from 'typeorm';
import { foldFunction } from '../../kernel/fold';

const TITLES = 'dr prof professor doktor dipl ing med phil jur rer nat habil mag univ geb geborene';
const list = (words: string): string =>
  words
    .split(' ')
    .map(word => `'${word}'`)
    .join(', ');
const SEPARATOR = `'[\\u0001-\\u002f\\u003a-\\u0060\\u007b-\\u00bf]+'`;

/** "Ó Briain" and "O'Briain", "Maria-Elena" and "Mariaelena": joined, the parts of a name have other letters than alone. */
export class NamesInParts1764057213841 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
${foldFunction('identity')}
CREATE OR REPLACE FUNCTION identity.name_parts(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT coalesce(array_agg(part) FILTER (WHERE length(part) > 1 AND part <> ALL (ARRAY[${list(TITLES)}])), array_agg(part))
   FROM (SELECT part FROM regexp_split_to_table(identity.fold($1), ${SEPARATOR}) AS part
         WHERE part <> '' LIMIT 24) AS parts);

CREATE FUNCTION identity.name_joined(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN
  (SELECT string_agg(letter, '' ORDER BY letter COLLATE "C")
   FROM string_to_table($1, '|') AS side,
     identity.fold((SELECT string_agg(part, '' ORDER BY place)
       FROM regexp_split_to_table(identity.fold(side), ${SEPARATOR}) WITH ORDINALITY AS split (part, place)
       WHERE part <> ALL (ARRAY[${list(TITLES)}]) AND place <= 24)) AS whole,
     regexp_split_to_table(whole, '') AS letter);
COMMENT ON FUNCTION identity.name_joined IS 'As name_letters, with given name and family name each written as one word, initials too.';

ALTER TABLE identity.staff_person ADD COLUMN joined text;
ALTER TABLE identity.account_person ADD COLUMN joined text;
CREATE INDEX staff_person_joined ON identity.staff_person (joined);
CREATE INDEX account_person_joined ON identity.account_person (joined);

CREATE OR REPLACE FUNCTION identity.work_out_name() RETURNS trigger LANGUAGE plpgsql SET search_path = identity, public AS $$
BEGIN
  NEW.words := name_words(replace(NEW.name_key, '|', ' '));
  NEW.letters := name_letters(replace(NEW.name_key, '|', ' '));
  NEW.joined := name_joined(NEW.name_key);
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION identity.same_person(staff identity.staff_person, account identity.account_person) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN left(one, 4) <> left(other, 4) AND '0000' NOT IN (left(one, 4), left(other, 4))
      OR substr(one, 6, 2) <> substr(other, 6, 2) AND '00' NOT IN (substr(one, 6, 2), substr(other, 6, 2))
      OR right(one, 2) <> right(other, 2) AND '00' NOT IN (right(one, 2), right(other, 2)) THEN NULL
    WHEN staff.letters = account.letters OR staff.joined = account.joined THEN coalesce(staff.born_on = account.born_on, false)
    WHEN staff.born_on = account.born_on AND staff.words && account.words
      OR staff.words <@ account.words OR account.words <@ staff.words
      OR cardinality(ARRAY(SELECT unnest(staff.words) INTERSECT SELECT unnest(account.words))) > 1 THEN false END
  FROM (SELECT coalesce(to_char(staff.born_on, 'YYYY-MM-DD'), staff.born_part) AS one,
               coalesce(to_char(account.born_on, 'YYYY-MM-DD'), account.born_part) AS other) AS born
$$;

CREATE OR REPLACE FUNCTION identity.accounts_of_staff(member uuid) RETURNS TABLE (staff_member_id uuid, account_id uuid, certain boolean)
LANGUAGE sql STABLE AS $$
  WITH staff AS (SELECT * FROM identity.staff_person WHERE staff_person.staff_member_id = member),
  -- rows and not ids: whatever is expected of them, they are not looked for twice
  near AS (
    SELECT account FROM staff JOIN identity.account_person AS account
      ON account.born_on = staff.born_on AND account.words && staff.words
    UNION SELECT account FROM staff JOIN identity.account_person AS account ON account.letters = staff.letters
      AND (staff.born_on = account.born_on) IS NOT FALSE
    UNION SELECT account FROM staff JOIN identity.account_person AS account ON account.joined = staff.joined
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

CREATE OR REPLACE FUNCTION identity.staff_of_account(known uuid) RETURNS TABLE (staff_member_id uuid, account_id uuid, certain boolean)
LANGUAGE sql STABLE AS $$
  SELECT staff.staff_member_id, account.account_id, identity.same_person(staff, account)
  FROM identity.account_person AS account
  JOIN identity.staff_person AS staff
    ON staff.words && account.words OR staff.letters = account.letters OR staff.joined = account.joined
  WHERE account.account_id = known AND identity.same_person(staff, account) IS NOT NULL
$$;
`);
  }

  async down(): Promise<void> {
    throw new Error('Migrations go forward only.');
  }
}
