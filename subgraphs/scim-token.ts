/** Makes a token for the directory of an authority: `npm run scim-token -- AUTHORITY_ID [--revoke]`. It is shown once. */

import { Database } from '../kernel/database/database';
import { isId } from '../kernel/ids';
import { serviceOf } from '../kernel/principal';
import { startProblem } from '../kernel/server/process';
import { issueToken, revokeTokens } from './identity/scim/scim.token';

async function main(authorityId: string, revoke: boolean): Promise<void> {
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
