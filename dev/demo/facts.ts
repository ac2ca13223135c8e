/** The people and places of the story: facts we wrote down, used by demo data, the OpenID provider, the demo and tests. */
import { derivedId } from '../../kernel/ids';

/** Where the story plays: an association of municipalities (Amt) with one municipality in it. */
export interface Place {
  readonly associationArs: string;
  readonly associationName: string;
  readonly municipalityArs: string;
  readonly municipalityName: string;
  readonly portalHost: string;
}

/** Musterstadt, its keys and its postcode are fictional. */
export const MUSTERSTADT: Place = {
  associationArs: '010995999',
  associationName: 'Amt Musterstadt',
  municipalityArs: '010995999001',
  municipalityName: 'Musterstadt',
  portalHost: 'portal.musterstadt.example',
};

/** A real one, for `npm run demo -- --from DIR`, which imports it. */
export const BURG: Place = {
  associationArs: '010515163',
  associationName: 'Amt Burg-St. Michaelisdonn',
  municipalityArs: '010515163016',
  municipalityName: 'Burg (Dithmarschen)',
  portalHost: 'portal.burg.example',
};

/** Authorities are named after the area they run, both in demo data and by the import. */
export const authorityIdOf = (ars: string): string => derivedId('authority', ars);
/** A department of an authority, by a short word such as `ordnungsamt`. */
export const departmentIdOf = (ars: string, word: string): string => derivedId('department', ars, word);
export const staffMemberIdOf = (subject: string): string => derivedId('staff-member', subject);

/** "Gewerbeanmeldung" */
export const TRADE_REGISTRATION = '99050012104000';

export type Population = 'citizen' | 'organisation' | 'staff';

export interface Persona {
  /** The subject at the OpenID provider, and what is picked on its sign-in page. */
  readonly subject: string;
  readonly name: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly population: Population;
  /** What the menu of the playground says about the person. */
  readonly about: string;
  /** Citizens: proven facts. */
  readonly birthdate?: string;
  readonly email?: string;
  /** Staff only. */
  readonly roles?: readonly string[];
  /** Staff only: `story` is the authority of the story, `neighbour` another Amt, `operator` ITV.SH. */
  readonly authority?: 'story' | 'neighbour' | 'operator';
  readonly department?: string;
}

export const PERSONAS = [
  {
    subject: 'klara',
    name: 'Klara Muster',
    givenName: 'Klara',
    familyName: 'Muster',
    population: 'citizen',
    about: 'citizen, opens a bicycle shop',
    birthdate: '1989-04-12',
    email: 'klara.muster@post.example',
  },
  {
    subject: 'jonas',
    name: 'Jonas Beispiel',
    givenName: 'Jonas',
    familyName: 'Beispiel',
    population: 'citizen',
    about: 'another citizen, who must see nothing of Klara’s',
    birthdate: '1975-11-02',
    email: 'jonas.beispiel@post.example',
  },
  {
    subject: 'max.schroeder',
    name: 'Max Schröder',
    givenName: 'Max',
    familyName: 'Schröder',
    population: 'staff',
    about: 'caseworker in the Ordnungsamt',
    email: 'max.schroeder@amt.example',
    roles: ['CASEWORKER'],
    authority: 'story',
    department: 'ordnungsamt',
  },
  {
    subject: 'erika.redaktion',
    name: 'Erika Redlich',
    givenName: 'Erika',
    familyName: 'Redlich',
    population: 'staff',
    about: 'edits and publishes the catalogue',
    email: 'erika.redlich@amt.example',
    roles: ['CATALOGUE_EDITOR'],
    authority: 'story',
  },
  {
    subject: 'thea.leitung',
    name: 'Thea Lead',
    givenName: 'Thea',
    familyName: 'Lead',
    population: 'staff',
    about: 'leads the Ordnungsamt, administers the staff',
    email: 'thea.lead@amt.example',
    roles: ['CASEWORKER', 'TEAM_LEAD', 'ADMINISTRATOR', 'CASHIER', 'AUDITOR'],
    authority: 'story',
  },
  {
    subject: 'nora.nachbar',
    name: 'Nora Nachbar',
    givenName: 'Nora',
    familyName: 'Nachbar',
    population: 'staff',
    about: 'caseworker of the neighbouring authority, who must see nothing of this one',
    email: 'nora.nachbar@nachbar.example',
    roles: ['CASEWORKER'],
    authority: 'neighbour',
  },
  {
    subject: 'olaf.operator',
    name: 'Olaf Betrieb',
    givenName: 'Olaf',
    familyName: 'Betrieb',
    population: 'staff',
    about: 'operator at ITV.SH',
    email: 'olaf.betrieb@itvsh.example',
    roles: ['OPERATOR'],
    authority: 'operator',
  },
] as const satisfies readonly Persona[];

/** The neighbouring authority of the demo data, fictional as well. */
export const NEIGHBOUR = {
  associationArs: '010995998',
  associationName: 'Amt Beispielsee',
  municipalityArs: '010995998001',
  municipalityName: 'Beispielsee',
} as const;

/** ITV.SH works for the whole state. */
export const OPERATOR_AUTHORITY_ID = derivedId('authority', 'itvsh');

/** Line-of-business systems of development: client id at the OpenID provider and its secret. */
export const MACHINES = [
  { clientId: 'gewerberegister', secret: 'development-only-gewerberegister', scope: 'handover:acknowledge' },
] as const;
