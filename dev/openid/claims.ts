/** What the development OpenID providers say about the personas in their tokens. */
import { createHash } from 'node:crypto';
import type { Population } from '../../kernel/config';
import { PERSONAS, type Persona } from '../demo/facts';

/** BundID's names of the trust levels, lowest first. */
export const LEVELS = ['STORK-QAA-Level-1', 'STORK-QAA-Level-2', 'STORK-QAA-Level-3', 'STORK-QAA-Level-4'] as const;
export type Level = (typeof LEVELS)[number];

/** How a citizen proves each level; the names are those of the graph's IdentificationMethod. */
const METHODS: Record<Level, string> = {
  'STORK-QAA-Level-1': 'PASSWORD',
  'STORK-QAA-Level-2': 'ELSTER_CERTIFICATE',
  'STORK-QAA-Level-3': 'EID',
  'STORK-QAA-Level-4': 'EID',
};

const people: readonly Persona[] = PERSONAS;
export const personasOf = (population: Population): Persona[] => people.filter(each => each.population === population);

/** Citizens are known to each host by another subject, as at BundID: it changes when the host's name does. */
export const subjectOf = (persona: Persona, host: string): string =>
  persona.population === 'citizen'
    ? createHash('sha256').update(`${host} ${persona.subject}`).digest('base64url')
    : persona.subject;

/** The highest level asked for; the lowest one when none is. */
export function requestedLevel(acrValues: unknown): Level {
  const asked = typeof acrValues === 'string' ? acrValues.split(' ') : [];
  return LEVELS.findLast(level => asked.includes(level)) ?? LEVELS[0];
}

/** Staff sign on at their authority: BundID's levels do not apply to them. Others reach what their means allow. */
export function levelOf({ population, means }: Persona, acrValues: unknown): Level | undefined {
  if (population === 'staff') return undefined;
  const highest = means === 'PASSWORD' ? 0 : means === 'ELSTER_CERTIFICATE' || population === 'organisation' ? 2 : 3;
  return LEVELS[Math.min(highest, LEVELS.indexOf(requestedLevel(acrValues)))];
}

function methodOf({ population, means }: Persona, level: Level): string {
  if (population === 'staff') return 'STAFF_SIGN_ON';
  if (level === LEVELS[0]) return METHODS[level];
  return means ?? (population === 'organisation' ? 'ELSTER_CERTIFICATE' : METHODS[level]);
}

/** @param acr the level reached in this sign-in  @param sid the sign-in at the provider */
export function claimsOf(persona: Persona, acr: string | undefined, sid: string | undefined) {
  const { name, givenName, familyName, birthdate, placeOfBirth, email, organisation } = persona;
  return {
    method: methodOf(persona, (acr as Level | undefined) ?? LEVELS[0]),
    name,
    given_name: givenName,
    family_name: familyName,
    ...(birthdate && { birthdate }),
    ...(placeOfBirth && { place_of_birth: { locality: placeOfBirth } }),
    // a citizen only says their e-mail address; everything else is proven by the means of this sign-in
    ...(email && { email, ...(acr && { attribute_levels: { email: LEVELS[0] } }) }),
    // an authority's directory gives its people theirs
    ...(email && persona.population === 'staff' && { email_verified: true }),
    ...(organisation && { organisation }),
    ...(acr && { acr }),
    ...(sid && { sid }),
  };
}
