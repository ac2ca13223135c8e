/** Migrates the database of DATABASE_URL: `npm run migrate`. */
import { setting } from '../config';
import { startProblem } from '../server/process';
import { migrate } from './migrate';

migrate(setting('DATABASE_URL'), line => process.stdout.write(`${line}\n`)).catch(error => {
  process.stderr.write(`migrate: ${startProblem(error)}\n`);
  process.exitCode = 1;
});
