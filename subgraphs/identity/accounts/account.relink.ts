/** An account found again by what its holder has proven, when a change of our host name has changed the subject. */
import type { Tx } from '../../../kernel/database/database';
import { TrustLevel, trustSuffices } from '../../../kernel/trust';
import { type Claims, factsOf, populationOf } from '../sessions/session.claims';

/** What must be proven, all of it and on both sides: a name and a birthday alone are shared by too many. */
const NEEDED = ['givenName', 'familyName', 'dateOfBirth', 'placeOfBirth'];

/**
 * Of accounts that the same provider knew under another host of ours and has not named under this one yet, the only
 * one that holds the same facts. `$1` issuer, `$2` sector, `$3` to `$6` the facts in the order of NEEDED.
 */
const FORMER = `
  SELECT family.account_id
  FROM verified_attribute AS family
  JOIN verified_attribute AS birth ON birth.account_id = family.account_id AND birth.name = 'dateOfBirth'
   AND birth.value = $5 AND birth.trust_level IN ('SUBSTANTIAL', 'HIGH')
  JOIN verified_attribute AS given ON given.account_id = family.account_id AND given.name = 'givenName'
   AND given.value = $3 AND given.trust_level IN ('SUBSTANTIAL', 'HIGH')
  JOIN verified_attribute AS place ON place.account_id = family.account_id AND place.name = 'placeOfBirth'
   AND place.value = $6 AND place.trust_level IN ('SUBSTANTIAL', 'HIGH')
  WHERE family.name = 'familyName' AND family.value = $4 AND family.trust_level IN ('SUBSTANTIAL', 'HIGH')
    AND EXISTS (SELECT FROM account_identity AS former
                WHERE former.account_id = family.account_id AND former.issuer = $1 AND former.sector <> $2)
    AND NOT EXISTS (SELECT FROM account_identity AS current
                    WHERE current.account_id = family.account_id AND current.issuer = $1 AND current.sector = $2)
  LIMIT 2`;

/**
 * Pairwise subjects (BundID's bPK) are made for a host: under a new name everybody comes as somebody new.
 * @returns null unless everything needed was proven at SUBSTANTIAL or HIGH, then and now, and one account alone fits
 */
export async function formerAccount(tx: Tx, claims: Claims, sector: string): Promise<string | null> {
  if (populationOf(claims) !== 'citizen') return null;
  const proven = new Map(
    factsOf(claims)
      .filter(({ trustLevel }) => trustSuffices(trustLevel, TrustLevel.SUBSTANTIAL))
      .map(({ name, value }) => [name, value]),
  );
  const facts = NEEDED.map(name => proven.get(name));
  if (facts.includes(undefined)) return null;
  const found: { account_id: string }[] = await tx.query(FORMER, [claims.iss, sector, ...facts]);
  return found.length === 1 ? found[0]!.account_id : null;
}
