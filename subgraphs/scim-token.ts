/**
 * Makes a token for the directory of an authority that the catalogue knows, so while the platform runs:
 * `npm run scim-token -- AUTHORITY_ID --domains DOMAIN[,DOMAIN]`. It is shown once, on standard output; whose it is on
 * standard error. `AUTHORITY_ID --revoke` ends all of them.
 */
import { parseArgs } from 'node:util';
import { Database } from '../kernel/database/database';
import { isId, newId } from '../kernel/ids';
import { ANONYMOUS, serviceOf } from '../kernel/principal';
import { startProblem } from '../kernel/server/process';
import { askAuthority } from './identity/asks';
import { issueToken, mailDomainsOf, revokeTokens } from './identity/scim/scim.token';

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

const USAGE =
  'Whose directory, for which mail domains? npm run scim-token -- AUTHORITY_ID --domains a.example,b.example | --revoke';

/** @param mailDomains null ends the tokens of the authority */
async function main(authorityId: string, mailDomains: readonly string[] | null): Promise<void> {
  if (mailDomains) await demandAuthority(authorityId);
  const db = await Database.connect('identity', []);
  try {
    const said = await db.tx(serviceOf('identity'), async tx =>
      mailDomains
        ? issueToken(tx, { authorityId, mailDomains })
        : `${await revokeTokens(tx, authorityId)} tokens have ended.`,
    );
    process.stdout.write(`${said}\n`);
  } finally {
    await db.close();
  }
}

/** @throws Error that says what is missing */
function asked(): Parameters<typeof main> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { domains: { type: 'string' }, revoke: { type: 'boolean', default: false } },
  });
  const [authorityId = ''] = positionals;
  if (!isId(authorityId) || (values.domains === undefined) !== values.revoke) throw new Error(USAGE);
  return [authorityId, values.domains === undefined ? null : mailDomainsOf(values.domains)];
}

Promise.resolve()
  .then(() => main(...asked()))
  .catch(error => {
    process.stderr.write(`scim-token: ${startProblem(error)}\n`);
    process.exitCode = 2;
  });
