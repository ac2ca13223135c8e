/** The sign-in page of the development OpenID provider: one button per persona, no password. */
import { PERSONAS, type Persona } from '../demo/facts';
import { bilingual, escaped, page } from '../page';
import { LEVELS, type Level } from './claims';

const LEVEL_NAMES: Record<Level, readonly [german: string, english: string]> = {
  'STORK-QAA-Level-1': ['Basisregistrierung', 'basic'],
  'STORK-QAA-Level-2': ['niedrig', 'low'],
  'STORK-QAA-Level-3': ['substanziell', 'substantial'],
  'STORK-QAA-Level-4': ['hoch', 'high'],
};

/** @param action where the form is posted  @param hint the subject to show first */
export function loginPage(action: string, level: Level, hint: string | undefined): string {
  const [german, english] = LEVEL_NAMES[level];
  const people: readonly Persona[] = [...PERSONAS].sort(
    (a, b) => Number(b.subject === hint) - Number(a.subject === hint),
  );
  const citizens = people.filter(each => each.population !== 'staff');
  const staff = people.filter(each => each.population === 'staff');
  const hintedIsStaff = staff.some(each => each.subject === hint);
  const groups = [
    group('Bürgerinnen und Bürger', 'citizens', citizens, hint),
    group('Verwaltung', 'staff', staff, hint),
  ];
  if (hintedIsStaff) groups.reverse();
  return page(
    'Anmelden · Sign in',
    `<h1>${bilingual('Als wer möchten Sie sich anmelden?', 'Who do you want to sign in as?')}</h1>
<p class="quiet">${bilingual(
      'Nur für die Entwicklung: erfundene Personen, keine Passwörter.',
      'Development only: invented people, no passwords.',
    )}</p>
<p class="note">${bilingual(
      `Verlangtes Vertrauensniveau: ${german} (Stufe ${LEVELS.indexOf(level) + 1} von 4)`,
      `Trust level asked for: ${english}`,
    )}</p>
<form method="post" action="${escaped(action)}">
${groups.join('\n')}
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
