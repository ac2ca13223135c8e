/**
 * `npm run compose -- [--out FILE] SDL=URL …`: composes the five subgraphs as they are printed here with those of partners,
 * refuses a partner that is not admitted, and writes the supergraph. A subgraph is named as its SDL file; its URL is where it
 * answers a gateway that runs with `--plain`.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SUBGRAPHS } from '../kernel/config';
import { reasonsAgainst } from './admission';
import { compose, type SubgraphSdl } from './compose';

const USAGE =
  'Usage: npm run compose -- [--out FILE] SDL=URL … (such as schema/partners/holstein.graphql=http://127.0.0.1:4200/graphql)';

function own(): SubgraphSdl[] {
  return SUBGRAPHS.map(name => ({
    name,
    url: `http://${name}/graphql`,
    sdl: fs.readFileSync(path.join(__dirname, `${name}.graphql`), 'utf8'),
  }));
}

/** @throws Error when it is not written as `FILE=URL`, or takes the name of one of ours */
function other(argument: string): SubgraphSdl {
  const end = argument.indexOf('=');
  const [file, url] = [argument.slice(0, end), argument.slice(end + 1)];
  if (end < 1 || !URL.canParse(url)) throw new Error(USAGE);
  const { name } = path.parse(file);
  if ((SUBGRAPHS as readonly string[]).includes(name)) throw new Error(`${name} is the name of a subgraph of ours.`);
  return { name, url, sdl: fs.readFileSync(file, 'utf8') };
}

/** One after the other, so that no partner changes what another one has added. @throws Error when one is not admitted */
function admitted(partners: readonly SubgraphSdl[]): string {
  const subgraphs = own();
  let { supergraph } = compose(subgraphs);
  for (const partner of partners) {
    subgraphs.push(partner);
    const next = compose(subgraphs).supergraph;
    const reasons = reasonsAgainst(supergraph, next, partner.name);
    if (reasons.length > 0) throw new Error(`${partner.name} is not admitted:\n${reasons.join('\n')}`);
    process.stdout.write(`${partner.name} is admitted\n`);
    supergraph = next;
  }
  return supergraph;
}

try {
  const { values, positionals } = parseArgs({ options: { out: { type: 'string' } }, allowPositionals: true });
  if (positionals.length === 0) throw new Error(USAGE);
  const supergraph = admitted(positionals.map(other));
  if (values.out) {
    fs.writeFileSync(values.out, supergraph);
    process.stdout.write(`${values.out} written\n`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
