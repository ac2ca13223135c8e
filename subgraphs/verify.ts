/** Checks that nothing was changed afterwards: `npm run verify -- access-log [--key PUBLIC_KEY] [--json]`. Exit code 1 on a break. */
import { setting } from '../kernel/config';
import { Database } from '../kernel/database/database';
import { startProblem } from '../kernel/server/process';
import { verificationKey } from './identity/access-log/access.anchor';
import { type Verification, verifyAccessLog } from './identity/access-log/access.verify';
import { anchorStore } from './identity/access-log/anchors';

const [what, ...flags] = process.argv.slice(2);
const given = flags.includes('--key') ? flags[flags.indexOf('--key') + 1] : undefined;

/** For people: what was checked, and each break with its place. */
function report({ chains, links, anchors, anchoredAt, stamps, unanchored, breaks }: Verification): string {
  return [
    `${chains} chains with ${links} entries recomputed, ${anchors} anchors in ${setting('ACCESS_LOG_ANCHORS')} compared` +
      `${anchoredAt ? `, the newest of ${anchoredAt}` : ''}.`,
    ...(stamps ? [`${stamps.count} anchors have a time stamp, the first of ${stamps.since ?? 'never'}.`] : []),
    `${unanchored} chains have grown since they were last anchored.`,
    ...breaks.map(({ where, why }) => `BROKEN ${where}: ${why}`),
    breaks.length === 0 ? 'The access log is whole.' : 'The access log is NOT whole.',
  ].join('\n');
}

async function main(): Promise<void> {
  const db = await Database.connect('identity', []);
  try {
    const found = await verifyAccessLog(db, anchorStore(), given ?? verificationKey());
    process.stdout.write(`${flags.includes('--json') ? JSON.stringify(found, null, 2) : report(found)}\n`);
    if (found.breaks.length > 0) process.exitCode = 1;
  } finally {
    await db.close();
  }
}

if (what === 'access-log') {
  main().catch(error => {
    process.stderr.write(`verify: ${startProblem(error)}\n`);
    process.exitCode = 2;
  });
} else {
  process.stderr.write('What is to be verified? access-log.\n');
  process.exitCode = 2;
}
