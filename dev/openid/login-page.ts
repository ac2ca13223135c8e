/** The sign-in page of the development OpenID provider: one button per persona, no password. */
import type { Population } from '../../kernel/config';
import type { Persona } from '../demo/facts';
import { bilingual, escaped, page } from '../page';
import { LEVELS, type Level, personasOf } from './claims';

const LEVEL_NAMES: Record<Level, readonly [german: string, english: string]> = {
  'STORK-QAA-Level-1': ['Basisregistrierung', 'basic'],
  'STORK-QAA-Level-2': ['niedrig', 'low'],
  'STORK-QAA-Level-3': ['substanziell', 'substantial'],
  'STORK-QAA-Level-4': ['hoch', 'high'],
};

const TITLES: Record<Population, readonly [german: string, english: string]> = {
  citizen: ['Bürgerinnen und Bürger', 'citizens'],
  organisation: ['Unternehmen und Organisationen', 'organisations'],
  staff: ['Verwaltung', 'staff'],
};

/** @param action where the form is posted  @param hint the persona to show first */
export function loginPage(population: Population, action: string, level: Level, hint: string | undefined): string {
  const [german, english] = LEVEL_NAMES[level];
  const people = personasOf(population).sort((a, b) => Number(b.subject === hint) - Number(a.subject === hint));
  return page(
    'Anmelden · Sign in',
    `<h1>${bilingual('Als wer möchten Sie sich anmelden?', 'Who do you want to sign in as?')}</h1>
<p class="quiet">${bilingual(
      'Nur für die Entwicklung: erfundene Personen, keine Passwörter.',
      'Development only: invented people, no passwords.',
    )}</p>
${
  population === 'staff'
    ? ''
    : `<p class="note">${bilingual(
        `Verlangtes Vertrauensniveau: ${german} (Stufe ${LEVELS.indexOf(level) + 1} von 4)`,
        `Trust level asked for: ${english}`,
      )}</p>`
}
<form method="post" action="${escaped(action)}">
${group(...TITLES[population], people, hint)}
</form>`,
  );
}

const group = (german: string, english: string, people: readonly Persona[], hint: string | undefined): string => `
<h2>${bilingual(german, english)}</h2>
<ul class="choices">
${people.map(person => choice(person, person.subject === hint)).join('\n')}
</ul>`;

const choice = (person: Persona, focus: boolean): string =>
  `<li><button type="submit" name="persona" value="${escaped(person.subject)}"${focus ? ' autofocus' : ''}>` +
  `<strong>${escaped(person.name)}</strong><span class="en" lang="en">${escaped(person.about)}</span></button></li>`;

export const expiredPage = (): string =>
  page(
    'Anmeldung abgelaufen · Sign-in expired',
    `<h1>${bilingual('Diese Anmeldung ist abgelaufen oder schon beendet.', 'This sign-in has expired or is already done.')}</h1>
<p>${bilingual('Bitte beginnen Sie im Portal noch einmal.', 'Please start again at the portal.')}</p>`,
  );

export const errorPage = (code: string, description: string): string =>
  page(
    'Anmeldung nicht möglich · Cannot sign in',
    `<h1>${bilingual('Die Anmeldung ist nicht möglich.', 'Signing in is not possible.')}</h1>
<p lang="en"><code>${escaped(code)}</code> ${escaped(description)}</p>`,
  );

/** @param frames addresses of the clients that are told through the browser */
export const signedOutPage = (frames: readonly string[]): string =>
  page(
    'Abgemeldet · Signed out',
    `<h1>${bilingual('Sie sind abgemeldet.', 'You are signed out.')}</h1>
${frames.map(frame => `<iframe hidden src="${escaped(frame)}" title="Abmeldung"></iframe>`).join('\n')}`,
  );

/** @param form of the provider, which this page's button sends */
export const signOutPage = (form: string): string =>
  page(
    'Abmelden · Sign out',
    `<h1>${bilingual('Möchten Sie sich abmelden?', 'Do you want to sign out?')}</h1>
${form.replace('</form>', `<button type="submit" name="logout" value="yes">${bilingual('Abmelden', 'Sign out')}</button></form>`)}`,
  );
