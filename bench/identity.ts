/** What identity costs: the access log and names on an inbox, the check of who asks, the end of rights, look-ups in a crowd. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startStack } from '../dev/stack';
import { World } from '../tests/hostile/world';
import { measureInbox } from './identity/inbox';
import { measureLookups } from './identity/lookups';
import { measureNames } from './identity/names';
import { measurePrincipal } from './identity/principal';
import { measureRightsEnd } from './identity/rights-end';
import type { Row } from './main';

/** So that each row has each column. */
const EMPTY: Row = { name: '', ours: '', peer: '', ratio: '' };

/** `peer` is what the row's name compares with, or says how PostgreSQL finds what is looked for. */
export async function measureIdentity(): Promise<Row[]> {
  const rows = await measurePrincipal();
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-identity-'));
  // counted, and never reached
  const env = { RATE_PER_ACCOUNT: '1000000000', RATE_PER_ADDRESS: '1000000000' };
  const stack = await startStack({ dataDir, env });
  try {
    const owner = new pg.Client({ connectionString: stack.databaseUrl });
    await owner.connect();
    const world = await World.open(stack);
    const { id } = await world.claimed();
    console.error('The inbox …');
    rows.push(...(await measureInbox(world, owner)), ...(await measureNames(world, owner)));
    console.error('The end of rights …');
    rows.push(...(await measureRightsEnd(world, id)));
    console.error('A million accounts …');
    rows.push(...(await measureLookups(owner)));
    await owner.end();
  } finally {
    await stack.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
  return rows.map(row => ({ ...EMPTY, ...row }));
}
