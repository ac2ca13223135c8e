/** What the development OpenID provider says about the personas in its tokens. */
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
export const findPersona = (subject: unknown): Persona | undefined => people.find(each => each.subject === subject);

/** The highest level asked for; the lowest one when none is. */
export function requestedLevel(acrValues: unknown): Level {
  const asked = typeof acrValues === 'string' ? acrValues.split(' ') : [];
  return LEVELS.findLast(level => asked.includes(level)) ?? LEVELS[0];
}

/** Staff sign on at their authority: BundID's levels do not apply to them. */
export const levelOf = (persona: Persona, acrValues: unknown): Level | undefined =>
  persona.population === 'staff' ? undefined : requestedLevel(acrValues);

/** @param acr the level reached in this sign-in  @param sid the sign-in at the provider */
export function claimsOf(persona: Persona, acr: string | undefined, sid: string | undefined) {
  return {
    population: persona.population,
    method: persona.population === 'staff' ? 'STAFF_SIGN_ON' : METHODS[(acr as Level | undefined) ?? LEVELS[0]],
    name: persona.name,
    given_name: persona.givenName,
    family_name: persona.familyName,
    ...(persona.birthdate && { birthdate: persona.birthdate }),
    ...(persona.email && { email: persona.email }),
    ...(acr && { acr }),
    ...(sid && { sid }),
  };
}
