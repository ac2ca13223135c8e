/** The page of a case as HTML: the field for its file number, and what the one who asks may see of it. */
import { type Language, say } from '../../kernel/language';
import { escaped, frame } from '../status/page';
import { TEXTS } from './texts';

export interface Found {
  readonly reference: string;
  readonly publicStatus: string;
  readonly submittedAt: string | null;
  readonly receivedAt: string | null;
  readonly formData: unknown;
  readonly service: { title: string } | null;
  readonly area: { name: string } | null;
  readonly authority: { name: string } | null;
  readonly applicant: { displayName: string | null } | null;
  readonly onlineServiceVersion: { form: { schema: unknown } | null } | null;
  readonly documents: readonly { filename: string; byteSize: number; downloadUrl: string | null }[] | null;
}

export type Shown =
  | { readonly kind: 'empty' }
  | { readonly kind: 'signedOut'; readonly given: string; readonly failed: boolean }
  | { readonly kind: 'malformed' | 'unknown' | 'away'; readonly given: string }
  | { readonly kind: 'found'; readonly given: string; readonly found: Found };

const MOST_ANSWERS = 500;

export function casePage(shown: Shown, language: Language, style: string, nonce: string): string {
  const text = (name: keyof typeof TEXTS) => escaped(say(TEXTS[name], language, {}));
  const given = 'given' in shown ? shown.given : '';
  return frame(
    { title: text('title'), language, style, nonce },
    `<header><h1>${text('title')}</h1><a href="/">Amtsgraph</a></header>
${shown.kind === 'signedOut' ? signIn(shown.failed) : ''}
${caseForm(language, given)}
${shown.kind === 'found' ? of(shown.found) : message(shown.kind)}`,
  );

  function signIn(failed: boolean): string {
    const said = failed ? `<p class="state down" role="alert"><b>✗</b> ${text('signInFailed')}</p>` : '';
    return `${said}<p>${text('signInFirst')} <a href="/case/sign-in">${text('signIn')}</a></p>`;
  }

  function message(kind: Exclude<Shown['kind'], 'found'>): string {
    if (kind === 'empty' || kind === 'signedOut') return '';
    return `<p class="state down" role="alert"><b>✗</b> ${text(kind)}</p>`;
  }

  function of(found: Found): string {
    const status = `status_${found.publicStatus}` as keyof typeof TEXTS;
    const facts: [keyof typeof TEXTS, string | null | undefined][] = [
      ['reference', found.reference],
      ['service', found.service?.title],
      ['area', found.area?.name],
      ['authority', found.authority?.name],
      ['applicant', found.applicant?.displayName],
      ['status', status in TEXTS ? say(TEXTS[status], language, {}) : found.publicStatus],
      ['submitted', timeOf(found.submittedAt)],
      ['received', timeOf(found.receivedAt)],
    ];
    const schema = found.onlineServiceVersion?.form?.schema;
    const answers = [...answersIn(found.formData, schema, '')].slice(0, MOST_ANSWERS);
    const files = (found.documents ?? []).map(({ filename, downloadUrl }) =>
      downloadUrl ? `<a href="${escaped(downloadUrl)}">${escaped(filename)}</a>` : escaped(filename),
    );
    return `<section><h2>${text('case')}</h2>${list(facts.map(([name, value]) => [text(name), value ?? '–']))}</section>
${answers.length > 0 ? `<section><h2>${text('answers')}</h2>${list(answers.map(([name, value]) => [escaped(name), value]))}</section>` : ''}
${files.length > 0 ? `<section><h2>${text('documents')}</h2><p class="quiet">${text('documentsAbout')}</p><ul>${files.map(one => `<li>${one}</li>`).join('')}</ul></section>` : ''}`;
  }

  function timeOf(at: string | null): string | null {
    const shownAs = language === 'de' ? 'de-DE' : 'en-GB';
    return at && new Date(at).toLocaleString(shownAs, { timeZone: 'Europe/Berlin' });
  }
}

/** The field; the status page has it too, because older mails lead there. */
export function caseForm(language: Language, given = ''): string {
  const text = (name: keyof typeof TEXTS) => escaped(say(TEXTS[name], language, {}));
  return `<form action="/case" method="get" role="search"><p><label for="reference">${text('reference')}</label>
<input id="reference" name="reference" value="${escaped(given)}" required maxlength="40" autocomplete="off" spellcheck="false" placeholder="2026-K3M7Q-00012">
<button>${text('show')}</button></p></form>`;
}

const list = (facts: readonly (readonly [string, string])[]): string =>
  `<dl>${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('\n')}</dl>`;

/** Every answer in the order and under the titles of the form. */
function* answersIn(value: unknown, schema: unknown, name: string): Generator<[string, string]> {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') return yield [name, String(value)];
  const properties =
    (schema as { properties?: Record<string, { title?: unknown }> } | null | undefined)?.properties ?? {};
  const place = (key: string) => Object.keys(properties).indexOf(key) + 1 || Number.MAX_SAFE_INTEGER;
  for (const [key, member] of Object.entries(value).sort(([a], [b]) => place(a) - place(b))) {
    const inner = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const title = typeof inner?.title === 'string' ? inner.title : key;
    yield* answersIn(member, inner, name ? `${name} › ${title}` : title);
  }
}
