/** What the platform reads from the claims of a verified token. */
import { issuers, type Population, setting } from '../../../kernel/config';
import { derivedId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
import { OrganisationRole } from '../accounts/account.entity';
import { birthDate } from '../accounts/birth-date';
import type { KnownPerson } from '../staff/staff.recognition';
import { IdentificationMethod } from './identification.entity';

/** Claims of a token whose signature, issuer, audience and times have been checked. */
export interface Claims {
  readonly iss: string;
  readonly sub: string;
  /** Seconds since 1970. */
  readonly exp: number;
  readonly iat?: number;
  readonly jti?: string;
  readonly sid?: string;
  readonly acr?: string;
  readonly scope?: string;
  readonly client_id?: string;
  /** `machine` for a system without a person; only the provider of staff can say so. */
  readonly population?: string;
  readonly method?: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly birthdate?: string;
  readonly place_of_birth?: { readonly locality?: string };
  readonly email?: string;
  /** Whether the provider vouches for the address; some never say. */
  readonly email_verified?: boolean;
  /** Claims that are proven more or less surely than the sign-in itself: name → level. */
  readonly attribute_levels?: Readonly<Record<string, string>>;
  /** For which organisation the person signs in, and what they may do there. */
  readonly organisation?: { readonly id?: string; readonly name?: string; readonly role?: string };
}

/** Whom the token's issuer vouches for. @returns null for an issuer we do not know: nobody gets in by it. */
export function populationOf({ iss, population }: Claims): Population | 'machine' | null {
  const vouched = issuers().get(iss) ?? null;
  return vouched === 'staff' && population === 'machine' ? 'machine' : vouched;
}

/** BundID's names of the trust levels (STORK QAA). */
const LEVELS: Record<string, TrustLevel> = {
  'STORK-QAA-Level-1': TrustLevel.BASIC,
  'STORK-QAA-Level-2': TrustLevel.LOW,
  'STORK-QAA-Level-3': TrustLevel.SUBSTANTIAL,
  'STORK-QAA-Level-4': TrustLevel.HIGH,
};

/** An unknown level counts as the lowest. */
export const levelOf = (acr: string | undefined): TrustLevel =>
  (acr !== undefined && Object.hasOwn(LEVELS, acr) ? LEVELS[acr] : undefined) ?? TrustLevel.BASIC;

export const acrOf = (level: TrustLevel): string => Object.keys(LEVELS).find(acr => LEVELS[acr] === level)!;

export function methodOf(claims: Claims): IdentificationMethod {
  if (populationOf(claims) === 'staff') return IdentificationMethod.STAFF_SIGN_ON;
  const named = Object.values(IdentificationMethod).find(method => method === claims.method);
  return named && named !== IdentificationMethod.STAFF_SIGN_ON ? named : IdentificationMethod.PASSWORD;
}

/** One sign-in at the provider is one session, for all tokens that come of it; a token without `sid` is its own. */
export const sessionIdOf = (claims: Claims): string =>
  derivedId('session', claims.iss, claims.sub, claims.sid ?? claims.jti ?? String(claims.iat ?? claims.exp));

/**
 * The address that the provider of the staff vouches for. Where it says nothing, only the setting can say that nobody
 * but the directory writes addresses; one that it calls unverified is never believed.
 */
export function vouchedEmail({ email, email_verified }: Claims): string | null {
  const vouched =
    email_verified === true || (email_verified === undefined && setting('STAFF_EMAIL_BY_DIRECTORY') === 'true');
  return vouched && email ? email : null;
}

/** When the token was issued, in whole seconds as tokens have it; an unknown moment counts as the earliest. */
export const issuedAt = (claims: Claims): Date => new Date((claims.iat ?? 0) * 1000);

const LONGEST = 200;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value.trim() !== '' ? value.trim().slice(0, LONGEST) : undefined;

export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly trustLevel: TrustLevel;
}

/**
 * The proven facts of a token, by the names of the graph. An e-mail address is only ever said, not proven. A date of birth
 * that cannot be is left out: nobody is kept from signing in by a register's mistake.
 */
export function factsOf(claims: Claims): Fact[] {
  const levelOfClaim = (claim: string) => {
    const levels = claims.attribute_levels ?? {};
    return levelOf(Object.hasOwn(levels, claim) ? levels[claim] : claims.acr);
  };
  const said: [string, unknown, TrustLevel][] = [
    ['givenName', claims.given_name, levelOfClaim('given_name')],
    ['familyName', claims.family_name, levelOfClaim('family_name')],
    ['fullName', claims.name, levelOfClaim('name')],
    ['dateOfBirth', birthDate(text(claims.birthdate) ?? ''), levelOfClaim('birthdate')],
    ['placeOfBirth', claims.place_of_birth?.locality, levelOfClaim('place_of_birth')],
    ['email', claims.email, TrustLevel.BASIC],
  ];
  return said.flatMap(([name, given, trustLevel]) => {
    const value = text(given);
    return value === undefined ? [] : [{ name, value, trustLevel }];
  });
}

/** What a token says of who somebody is, whatever its members are. */
export const personOfClaims = (claims: Claims): KnownPerson => ({
  givenName: text(claims.given_name),
  familyName: text(claims.family_name),
  fullName: text(claims.name),
  bornOn: text(claims.birthdate),
});

/** @returns null for a person who signs in for themself, or whose provider does not say for whom */
export function organisationOf({ organisation }: Claims) {
  const id = text(organisation?.id);
  const role = Object.values(OrganisationRole).find(one => one === organisation?.role);
  return id && role ? { id, name: text(organisation?.name), role } : null;
}

/** Scopes that a machine may hold; whatever else its token says has no meaning here. */
const MACHINE_SCOPES = ['handover:acknowledge'];

export const machineScopes = ({ scope }: Claims): string[] =>
  (scope ?? '').split(' ').filter(one => MACHINE_SCOPES.includes(one));
