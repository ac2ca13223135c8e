/** The policies that `@policy` may name, each with who meets it. One that is not in this list is met by nobody. */
import type { Principal } from '../kernel/principal';
import { TrustLevel, trustSuffices } from '../kernel/trust';

const POLICIES: Readonly<Record<string, (principal: Principal) => boolean>> = {
  person: ({ kind }) => kind === 'person',
  staff: ({ kind }) => kind === 'staff',
  machine: ({ kind }) => kind === 'machine',
  /** Not for an account that has given a mandate. */
  'for-oneself': one => one.kind === 'person' && one.actingFor === one.accountId,
  'trust:substantial': one => one.kind === 'person' && trustSuffices(one.trustLevel, TrustLevel.SUBSTANTIAL),
  'trust:high': one => one.kind === 'person' && trustSuffices(one.trustLevel, TrustLevel.HIGH),
};

/** @param alternatives as in `@policy`: any of the inner lists, all of its members. */
export const meetsPolicies = (principal: Principal, alternatives: readonly (readonly string[])[]): boolean =>
  alternatives.some(all => all.every(name => Object.hasOwn(POLICIES, name) && POLICIES[name]!(principal)));
