/** What the platform reads from the claims of a verified token. */
import { derivedId } from '../../../kernel/ids';
import { TrustLevel } from '../../../kernel/trust';
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
  readonly population?: string;
  readonly method?: string;
  readonly name?: string;
  readonly given_name?: string;
  readonly family_name?: string;
  readonly birthdate?: string;
  readonly email?: string;
}

const POPULATIONS = ['citizen', 'organisation', 'staff', 'machine'] as const;
export type Population = (typeof POPULATIONS)[number];

/** @returns null for a population we do not know: nobody gets in by it. */
export const populationOf = ({ population }: Claims): Population | null =>
  POPULATIONS.find(one => one === population) ?? null;

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
  if (claims.population === 'staff') return IdentificationMethod.STAFF_SIGN_ON;
  const named = Object.values(IdentificationMethod).find(method => method === claims.method);
  return named && named !== IdentificationMethod.STAFF_SIGN_ON ? named : IdentificationMethod.PASSWORD;
}

/** One sign-in at the provider is one session, for all tokens that come of it; a token without `sid` is its own. */
export const sessionIdOf = (claims: Claims): string =>
  derivedId('session', claims.iss, claims.sub, claims.sid ?? claims.jti ?? String(claims.iat ?? claims.exp));

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

/** The proven facts of a token, by the names of the graph. An e-mail address is only ever said, not proven. */
export function factsOf(claims: Claims): Fact[] {
  const level = levelOf(claims.acr);
  const said: [string, unknown, TrustLevel][] = [
    ['givenName', claims.given_name, level],
    ['familyName', claims.family_name, level],
    ['fullName', claims.name, level],
    ['dateOfBirth', claims.birthdate, level],
    ['email', claims.email, TrustLevel.BASIC],
  ];
  return said.flatMap(([name, given, trustLevel]) => {
    const value = text(given);
    return value === undefined ? [] : [{ name, value, trustLevel }];
  });
}

/** Scopes that a machine may hold; whatever else its token says has no meaning here. */
const MACHINE_SCOPES = ['handover:acknowledge'];

export const machineScopes = ({ scope }: Claims): string[] =>
  (scope ?? '').split(' ').filter(one => MACHINE_SCOPES.includes(one));
