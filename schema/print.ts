/** `npm run schema`: prints each subgraph's SDL, composes the supergraph and the client-facing schema, and lists the asks. */
import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'graphql';
import { SUBGRAPHS } from '../kernel/config';
import { federatedSchema } from '../kernel/server/schema';
import type { Subgraph } from '../kernel/server/subgraph.server';
import { compose } from './compose';

/** File name below schema/ → its text. */
export async function printSchemas(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const subgraphs: { name: string; url: string; sdl: string }[] = [];
  const asks: Record<string, string> = {};
  for (const name of SUBGRAPHS) {
    const { default: subgraph } = require(`../subgraphs/${name}/subgraph`) as { default: Subgraph };
    const { sdl } = await federatedSchema(subgraph);
    files.set(`${name}.graphql`, sdl);
    subgraphs.push({ name, url: `http://${name}/graphql`, sdl });
    for (const [ask, document] of Object.entries(subgraph.asks)) {
      parse(document);
      asks[`${name}.${ask}`] = document.replace(/\s+/g, ' ').trim();
    }
  }
  const { supergraph, api, publicApi } = compose(subgraphs);
  files.set('supergraph.graphql', supergraph.endsWith('\n') ? supergraph : `${supergraph}\n`);
  files.set('api.graphql', api);
  if (publicApi) files.set('public.graphql', publicApi);
  files.set('asks.json', `${JSON.stringify(asks, null, 2)}\n`);
  return files;
}

async function main(): Promise<void> {
  const files = await printSchemas();
  for (const [name, text] of files) {
    const file = path.join(__dirname, name);
    const before = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
    if (before === text) continue;
    fs.writeFileSync(file, text);
    process.stdout.write(`schema/${name} written\n`);
  }
}

if (require.main === module || process.argv[1] === __filename) {
  main().catch(error => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  });
}
