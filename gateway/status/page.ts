/** The status page as HTML: for people, in German or English, with nothing from elsewhere and no script. */
import { type Language, say } from '../../kernel/language';
import { caseForm } from '../case/case.page';
import { TEXTS } from './texts';

export interface Status {
  /** Of the composed schema; changes whenever it does. */
  readonly version: string;
  readonly at: Date;
  /** Subgraph → does it answer? */
  readonly subgraphs: ReadonlyMap<string, boolean>;
  /** Events that were given up. */
  readonly deadLetters: number;
  readonly playground: boolean;
  /** Is there a page of cases? */
  readonly cases: boolean;
  /** Addresses of documents and pictures, with their names. */
  readonly documents: ReadonlyMap<string, string>;
  readonly pictures: ReadonlyMap<string, string>;
}

export function statusPage(status: Status, language: Language, style: string, nonce: string): string {
  const text = (name: keyof typeof TEXTS) => escaped(say(TEXTS[name], language, {}));
  const isUp = [...status.subgraphs.values()].every(Boolean);
  const other = language === 'de' ? 'en' : 'de';
  return frame(
    { title: 'Amtsgraph', language, style, nonce },
    `<header><h1>Amtsgraph</h1><a href="/?lang=${other}" hreflang="${other}" lang="${other}">${text('otherLanguage')}</a></header>
<p class="quiet">${text('about')}</p>
<p class="state ${isUp ? 'up' : 'down'}" role="status"><b>${isUp ? '✓' : '✗'}</b> ${text(isUp ? 'allUp' : 'someDown')}</p>
${status.deadLetters > 0 ? `<p class="state down" role="status"><b>!</b> ${status.deadLetters} ${text('deadLetters')} <a href="/docs/how-to/replay-dead-letters.md" lang="en">${text('deadLettersHow')}</a></p>` : ''}
<p class="quiet">${text('schema')} <code>${escaped(status.version)}</code> · ${text('asOf')} ${timeOf(status.at, language)} · <a href="/?lang=${language}">${text('reload')}</a></p>
${section(text('parts'), '', [...status.subgraphs].map(subgraph))}
${status.playground ? section(text('start'), '', [`<h3><a href="/graphql">${text('playground')}</a></h3><p class="quiet">${text('playgroundAbout')}</p>`]) : ''}
${status.cases ? `<section><h2>${text('cases')}</h2><p class="quiet">${text('casesAbout')}</p>${caseForm(language)}</section>` : ''}
${section(
  text('docs'),
  'documents',
  [...status.documents].map(([address, name]) => `<a href="${address}" lang="en">${escaped(name)}</a>`),
)}
${section(text('lifecycles'), '', [...status.pictures].map(picture), text('lifecyclesAbout'))}
`,
  );

  function subgraph([name, up]: readonly [string, boolean]): string {
    const about = name in TEXTS ? `<p class="quiet">${text(name as keyof typeof TEXTS)}</p>` : '';
    const state = `<b><span aria-hidden="true">${up ? '●' : '○'}</span> ${text(up ? 'up' : 'down')}</b>`;
    return `<div class="${up ? 'up' : 'down'}"><h3>${escaped(name)}</h3>${state}${about}</div>`;
  }

  function picture([address, name]: readonly [string, string]): string {
    const alt = `${text('pictureOf')}: ${escaped(name)}`;
    return `<h3><a href="${address}">${escaped(name)}</a></h3><figure><img src="${address}" alt="${alt}" loading="lazy"></figure>`;
  }
}

export interface Frame {
  readonly title: string;
  readonly language: Language;
  readonly style: string;
  readonly nonce: string;
}

/** What every page begins and ends with. */
export const frame = ({ title, language, style, nonce }: Frame, body: string): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="/status/favicon.svg">
<style nonce="${nonce}">${style}</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;

function section(title: string, kind: string, items: readonly string[], about?: string): string {
  if (items.length === 0) return '';
  const list = items.map(item => `<li>${item}</li>`).join('\n');
  return `<section><h2>${title}</h2>${about ? `<p class="quiet">${about}</p>` : ''}<ul class="${kind}">\n${list}\n</ul></section>`;
}

function timeOf(at: Date, language: Language): string {
  const shown = at.toLocaleString(language === 'de' ? 'de-DE' : 'en-GB', { timeZone: 'Europe/Berlin' });
  return `<time datetime="${at.toISOString()}">${shown}</time>`;
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
export const escaped = (text: string): string => text.replace(/[&<>"]/g, char => ENTITIES[char]!);
