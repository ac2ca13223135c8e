/** Who may see what: the applicant's side, and staff of the authority in charge. Everything else asks here. */

import type { Tx } from '../../kernel/database/database';
import { provenPerson, provenStaff } from '../../kernel/membership';
import type { Person, Principal } from '../../kernel/principal';
import { hasScopes } from '../../kernel/principal';
import { TrustLevel, trustSuffices } from '../../kernel/trust';

export type Side = 'APPLICANT' | 'AUTHORITY';

/** The two sides of a case, as every row about one repeats or leads to them. */
export interface Parties {
  readonly accountId: string;
  /** The authority in charge; null until submission. */
  readonly authorityId: string | null;
  readonly leikaKey: string;
}

/** On which side the asker stands at all; each case then decides whether it is theirs. */
export function sideOf(asker: Principal): Side | null {
  if (asker.kind === 'person') return 'APPLICANT';
  return asker.kind === 'staff' && asker.scopes.includes('staff:read') ? 'AUTHORITY' : null;
}

/** The asker's side in this case; null for everybody else. An agent whose mandate is limited has a side only in its services. */
export function sideIn(parties: Parties, asker: Principal): Side | null {
  if (asker.kind === 'person') {
    const within = asker.services === null || asker.services.includes(parties.leikaKey);
    return parties.accountId === asker.actingFor && within ? 'APPLICANT' : null;
  }
  if (asker.kind === 'staff') return parties.authorityId === asker.authorityId ? sideOf(asker) : null;
  return null;
}

/** May the asker write or mark as read in this case, as far as the principal says? The commit proves it again. */
export function mayWrite(parties: Parties, asker: Principal): boolean {
  const side = sideIn(parties, asker);
  if (side === null) return false;
  return asker.kind === 'person' ? !asker.readOnly : hasScopes(asker, [['staff:work']]);
}

/**
 * Proves inside the transaction that the asker may write on their side of the case.
 * @throws FORBIDDEN
 */
export async function provenWriter(tx: Tx, parties: Parties, who: Principal): Promise<void> {
  if (who.kind === 'person') await provenPerson(tx, who, parties.leikaKey);
  else await provenStaff(tx, who, 'staff:work');
}

/** No mandate is limited to this service, so only those who may act in everything pass. */
const EVERY_SERVICE = '';

/**
 * Proves that the asker may decide for the whole account, which an agent for some services may not.
 * @throws FORBIDDEN
 */
export async function provenHolder(tx: Tx, who: Principal): Promise<Person> {
  return provenPerson(tx, who, EVERY_SERVICE);
}

/** The trust levels whose content the asker may read; staff read all. */
export function readableLevels(asker: Principal): TrustLevel[] {
  const levels = Object.values(TrustLevel);
  return asker.kind === 'person' ? levels.filter(level => trustSuffices(asker.trustLevel, level)) : levels;
}
