/**
 * Makes a token for the directory of an authority that the catalogue knows, so while the platform runs:
 * `npm run scim-token -- AUTHORITY_ID [--revoke]`. It is shown once, on standard output; whose it is on standard error.
 */
import { Database } from '../kernel/database/database';
import { isId, newId } from '../kernel/ids';
import { ANONYMOUS, serviceOf } from '../kernel/principal';
import { startProblem } from '../kernel/server/process';
import { askAuthority } from './identity/asks';
import { issueToken, revokeTokens } from './identity/scim/scim.token';

/** @throws Error unless it is an authority as a whole, known to the catalogue */
async function demandAuthority(id: string): Promise<void> {
  const authority = await askAuthority(id, { principal: ANONYMOUS, requestId: newId(), language: 'de' }).catch(() => {
    throw new Error('The catalogue does not answer: is the platform running?');
  });
  if (!authority) throw new Error(`There is no authority ${id}.`);
  if (authority.kind === 'DEPARTMENT')
    throw new Error(`${authority.name} is a department; its authority has the directory.`);
  process.stderr.write(`The token of ${authority.name}:\n`);
}

async function main(authorityId: string, revoke: boolean): Promise<void> {
  if (!revoke) await demandAuthority(authorityId);
  const db = await Database.connect('identity', []);
  try {
    const said = await db.tx(serviceOf('identity'), async tx =>
      revoke ? `${await revokeTokens(tx, authorityId)} tokens have ended.` : issueToken(tx, authorityId),
    );
    process.stdout.write(`${said}\n`);
  } finally {
    await db.close();
  }
}

const [authorityId = '', ...flags] = process.argv.slice(2);
if (isId(authorityId)) {
  main(authorityId, flags.includes('--revoke')).catch(error => {
    process.stderr.write(`scim-token: ${startProblem(error)}\n`);
    process.exitCode = 2;
  });
} else {
  process.stderr.write('Whose directory? npm run scim-token -- AUTHORITY_ID [--revoke]\n');
  process.exitCode = 2;
}
