/** The people and places of the story: facts we wrote down, used by demo data, the OpenID provider, the demo and tests. */
import type { Population } from '../../kernel/config';
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
  readonly placeOfBirth?: string;
  /** The best means the person has to prove who they are; without it the identity card (EID). */
  readonly means?: 'PASSWORD' | 'ELSTER_CERTIFICATE';
  /** People of organisations: for which, and what they may do there. */
  readonly organisation?: { readonly id: string; readonly name: string; readonly role: string };
  readonly email?: string;
  /** Staff only. */
  readonly roles?: readonly string[];
  /** Staff only: `story` is the authority of the story, `neighbour` another Amt, `operator` ITV.SH. */
  readonly authority?: 'story' | 'neighbour' | 'operator';
  readonly department?: string;
}

const RADWELT = { id: 'DE-HRB-4711', name: 'Radwelt GmbH' };

export const PERSONAS = [
  {
    subject: 'klara',
    name: 'Klara Muster',
    givenName: 'Klara',
    familyName: 'Muster',
    population: 'citizen',
    about: 'citizen, opens a bicycle shop',
    birthdate: '1989-04-12',
    placeOfBirth: 'Flensburg',
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
    placeOfBirth: 'Husum',
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
  {
    subject: 'bente',
    name: 'Bente Basis',
    givenName: 'Bente',
    familyName: 'Basis',
    population: 'citizen',
    about: 'citizen with nothing but a user name and a password (BASIC)',
    means: 'PASSWORD',
    email: 'bente.basis@post.example',
  },
  {
    subject: 'levi',
    name: 'Levi Elster',
    givenName: 'Levi',
    familyName: 'Elster',
    population: 'citizen',
    about: 'citizen with an ELSTER certificate (SUBSTANTIAL, never HIGH)',
    means: 'ELSTER_CERTIFICATE',
    birthdate: '1998-01-30',
    placeOfBirth: 'Heide',
    email: 'levi.elster@post.example',
  },
  {
    subject: 'ada.radwelt',
    name: 'Ada Wind',
    givenName: 'Ada',
    familyName: 'Wind',
    population: 'organisation',
    about: 'runs the Radwelt GmbH, administers its members',
    organisation: { ...RADWELT, role: 'ADMINISTRATOR' },
    email: 'ada.wind@radwelt.example',
  },
  {
    subject: 'ben.radwelt',
    name: 'Ben Speiche',
    givenName: 'Ben',
    familyName: 'Speiche',
    population: 'organisation',
    about: 'applies and reads the mailbox for the Radwelt GmbH',
    organisation: { ...RADWELT, role: 'REPRESENTATIVE' },
    email: 'ben.speiche@radwelt.example',
  },
  {
    subject: 'rita.radwelt',
    name: 'Rita Rahmen',
    givenName: 'Rita',
    familyName: 'Rahmen',
    population: 'organisation',
    about: 'may read what concerns the Radwelt GmbH, nothing more',
    organisation: { ...RADWELT, role: 'READER' },
    email: 'rita.rahmen@radwelt.example',
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
