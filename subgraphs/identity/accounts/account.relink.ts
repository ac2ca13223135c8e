/** An account found again by what its holder has proven, when a change of our host name has changed the subject. */
import type { Tx } from '../../../kernel/database/database';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';
import { type Claims, factsOf, populationOf } from '../sessions/session.claims';
import { isWhollyKnown } from './birth-date';

/** What is compared, proven on both sides: a name and a birthday alone are shared by too many. Some have one name only. */
const COMPARED = ['givenName', 'familyName', 'dateOfBirth', 'placeOfBirth'];

/**
 * Of accounts that the same provider knew under another host of ours and has not named under this one yet, the only
 * one that holds the same facts and no other ones. `$1` issuer, `$2` sector, `$3` the day of birth, `$4` all facts.
 */
const FORMER = `
  SELECT fact.account_id
  FROM verified_attribute AS birth JOIN verified_attribute AS fact ON fact.account_id = birth.account_id
   AND fact.name IN (${COMPARED.map(name => `'${name}'`).join(', ')}) AND fact.trust_level IN ('SUBSTANTIAL', 'HIGH')
  WHERE birth.name = 'dateOfBirth' AND birth.value = $3 AND birth.trust_level IN ('SUBSTANTIAL', 'HIGH')
    AND EXISTS (SELECT FROM account_identity AS former
                WHERE former.account_id = birth.account_id AND former.issuer = $1 AND former.sector <> $2)
    AND NOT EXISTS (SELECT FROM account_identity AS current
                    WHERE current.account_id = birth.account_id AND current.issuer = $1 AND current.sector = $2)
  GROUP BY fact.account_id HAVING jsonb_object_agg(fact.name, fact.value) = $4::jsonb
  LIMIT 2`;

/**
 * Pairwise subjects (BundID's bPK) are made for a host: under a new name everybody comes as somebody new.
 * @returns null unless everything needed was proven at SUBSTANTIAL or HIGH, then and now, and one account alone fits
 */
export async function formerAccount(tx: Tx, claims: Claims, sector: string): Promise<string | null> {
  if (populationOf(claims) !== 'citizen') return null;
  const proven = factsOf(claims).filter(
    ({ name, trustLevel }) => COMPARED.includes(name) && trustSuffices(trustLevel, TrustLevel.SUBSTANTIAL),
  );
  const { dateOfBirth, placeOfBirth, ...names } = Object.fromEntries(proven.map(({ name, value }) => [name, value]));
  if (!dateOfBirth || !isWhollyKnown(dateOfBirth) || !placeOfBirth || Object.keys(names).length === 0) return null;
  const found: { account_id: string }[] = await tx.query(FORMER, [
    claims.iss,
    sector,
    dateOfBirth,
    JSON.stringify({ ...names, dateOfBirth, placeOfBirth }),
  ]);
  return found.length === 1 ? found[0]!.account_id : null;
}
