/** `npm run docs`: prints what the code knows better than prose: the lifecycles, the rights and the settings. */
import fs from 'node:fs';
import path from 'node:path';
import { knownSettings, SUBGRAPHS } from '../kernel/config';
import { LIFECYCLES } from '../kernel/lifecycle';
import { drawLifecycles } from './picture';
import { printRights } from './rights';

/** File below docs/ → its text. */
export async function printDocs(): Promise<Map<string, string>> {
  for (const name of SUBGRAPHS) require(`../subgraphs/${name}/subgraph`);
  const lifecycles = [...LIFECYCLES].sort((a, b) => a.name.localeCompare(b.name));
  const states = [
    '# Lifecycles',
    '',
    'Printed from the state tables by `npm run docs`; a test compares. An arrow is named after the mutation, or the clock or system event, that causes it.',
    ...lifecycles.flatMap(one => ['', `## ${one.name} (${one.title.de})`, '', '```mermaid', one.mermaid(), '```']),
    '',
  ];
  const settings = [
    '# Settings',
    '',
    'Printed from `kernel/settings.ts` by `npm run docs`. Nothing but `kernel/config.ts` reads the environment.',
    '',
    '| name | meaning | when not set |',
    '| --- | --- | --- |',
    ...[...knownSettings()].map(
      ([name, { what, fallback }]) => `| \`${name}\` | ${what} | ${fallback ? `\`${fallback}\`` : ''} |`,
    ),
    '',
  ];
  return new Map([
    ['states.md', states.join('\n')],
    ['settings.md', settings.join('\n')],
    ['rights.md', printRights()],
    ...[...(await drawLifecycles(lifecycles))].map(([name, svg]): [string, string] => [`lifecycles/${name}`, svg]),
  ]);
}

async function main(): Promise<void> {
  for (const [name, text] of await printDocs()) {
    const file = path.join(__dirname, name);
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) continue;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    process.stdout.write(`docs/${name} written\n`);
  }
}

if (require.main === module || process.argv[1] === __filename) void main();
