/** Migrates the database of DATABASE_URL: `npm run migrate`. */
import { setting } from '../config';
import { startProblem } from '../server/process';
import { migrate } from './migrate';

async function main(): Promise<void> {
  await migrate(setting('DATABASE_URL'), line => process.stdout.write(`${line}\n`));
}

main().catch(error => {
  process.stderr.write(`migrate: ${startProblem(error)}\n`);
  process.exitCode = 1;
});
