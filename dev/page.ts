/** The look of the pages that development services show in a browser: self-contained, German first, English beside it. */

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
export const escaped = (text: unknown): string => String(text).replace(/[&<>"']/g, char => ENTITIES[char] ?? char);

/** A text in German with its English translation, marked as such for screen readers. */
export const bilingual = (german: string, english: string): string =>
  `${escaped(german)} <span class="en" lang="en">${escaped(english)}</span>`;

/** @param body HTML, already escaped */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>
:root { color-scheme: light dark; --line: #c9d1da; --soft: #f3f6f9; --text: #16212c; --quiet: #52606d; --accent: #00507d; --page: #fff; }
@media (prefers-color-scheme: dark) { :root { --line: #3b4956; --soft: #1c2731; --text: #eef3f7; --quiet: #a9b7c4; --accent: #7cc4f2; --page: #121a21; } }
* { box-sizing: border-box; }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); }
main { max-width: 40rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
.en, .quiet { color: var(--quiet); }
.en { font-size: .875em; }
.note { border-left: .25rem solid var(--accent); background: var(--soft); padding: .5rem .75rem; }
ul.choices { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem; }
button { font: inherit; color: inherit; width: 100%; text-align: left; padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--soft); cursor: pointer; }
button:hover, button:focus-visible { border-color: var(--accent); }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
button strong { display: block; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .375rem .75rem .375rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td { overflow-wrap: anywhere; }
</style>
</head>
<body><main>
${body}
</main></body>
</html>
`;
