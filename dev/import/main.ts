/**
 * `npm run import -- --from DIR [areas|postcodes|services|holidays …] [--verbose] [--end-missing]`: reads real data as they are.
 * Areas that are no longer in the files end; when implausibly many are missing, only with --end-missing.
 * Without DATABASE_URL into an embedded database of its own, which `DATA_DIR=data/import npm start` then serves.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { optionalSetting, setting } from '../../kernel/config';
import { migrate } from '../../kernel/database/migrate';
import { startProblem } from '../../kernel/server/process';
import { startPostgres } from '../postgres';
import { importParts, isPart, PARTS } from './import';
import { Report } from './report';

const USAGE = `npm run import -- --from DIR [${Object.keys(PARTS).join('|')} …] [--verbose] [--end-missing]`;

async function main(): Promise<boolean> {
  const { values, positionals } = parseArgs({
    options: {
      from: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      'end-missing': { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const unknown = positionals.filter(name => !isPart(name));
  if (!values.from || unknown.length > 0) {
    throw new Error(`${unknown.length > 0 ? `There is no part ${unknown.join(', ')}. ` : ''}Usage: ${USAGE}`);
  }
  const parts = positionals.length > 0 ? positionals.filter(isPart) : (Object.keys(PARTS) as (keyof typeof PARTS)[]);
  const report = new Report({
    write: text => void process.stdout.write(text),
    terminal: process.stdout.isTTY === true,
    verbose: values.verbose,
  });
  const began = performance.now();
  const given = optionalSetting('DATABASE_URL');
  const dataDir = path.join(setting('DATA_DIR'), 'import');
  const postgres = given ? undefined : await startPostgres(path.join(dataDir, 'postgres'));
  try {
    process.env.DATABASE_URL = given ?? postgres!.url;
    await migrate(process.env.DATABASE_URL);
    const complete = await importParts(path.resolve(values.from), parts, report, { endMissing: values['end-missing'] });
    report.summary();
    report.line();
    report.line(
      `${complete ? 'Imported' : 'Imported in part'} in ${((performance.now() - began) / 1000).toFixed(1)} s.` +
        (given ? '' : ` \`DATA_DIR=${dataDir} npm start\` serves it.`),
    );
    return complete;
  } finally {
    await postgres?.stop();
  }
}

// as a part of a stack it dies with it, and says when it is done
const isChild = process.env.STOP_WITH_PARENT === 'true';
if (isChild) process.stdin.on('end', () => process.exit(1)).resume();

main().then(
  complete => {
    if (isChild && complete) process.stdout.write('{"ready":true}\n');
    process.exit(complete ? 0 : 1);
  },
  error => {
    process.stderr.write(`import: ${startProblem(error)}\n`);
    process.exit(1);
  },
);
