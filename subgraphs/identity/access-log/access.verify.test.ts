/** Anchors and the verification: whoever owns the database can change every row, and is found out. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startTimeStampAuthority, type TimeStampAuthority } from '../../../dev/time-stamp/authority';
import { shiftClock } from '../../../kernel/clock';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { person } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';
import { anchorChains, readAnchor, verificationKey } from './access.anchor';
import { FORGOTTEN, forgetReaders } from './access.forgetting';
import { verifyAccessLog } from './access.verify';
import { fileAnchors } from './anchors/file';
import { stampedAnchors } from './anchors/stamped';
import { readRoots } from './anchors/time-stamp';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'access-log-'));
const authorityId = newId();
let identity: TestIdentity;
/** Where the anchors of the running database are, as the command finds them. */
let place: string;
let accountId: string;

beforeEach(async () => {
  identity = await startTestIdentity();
  place = path.join(folder, 'anchors', path.basename(new URL(process.env.DATABASE_URL!).pathname));
  accountId = newId();
});
afterEach(async () => {
  shiftClock(0);
  await identity.stop();
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

const read = (purpose: string, account = accountId) =>
  identity.publish('applications', 'data.accessed', account, {
    accountId: account,
    applicationId: newId(),
    subjectType: 'Application',
    subjectId: newId(),
    action: 'read',
    purpose,
    staffMemberId: newId(),
    authorityId,
    machine: null,
  });
const anchor = () => anchorChains(identity.running.db, fileAnchors(place));
const verify = (key = verificationKey()) => verifyAccessLog(identity.running.db, fileAnchors(place), key);
const breaks = async () => (await verify()).breaks.map(({ where, why }) => `${where}: ${why}`);

/** Three entries in the account's chain, five in the authority's, anchored twice on the way. */
async function anchored(): Promise<void> {
  await read('P-1');
  await read('P-2');
  await anchor();
  await read('P-3');
  await read('other', newId());
  await read('another', newId());
  await anchor();
}

/** As a database owner would: every hash of the chain made anew, the head with them. */
const REHASH = `
  DO $$ DECLARE link record; head text := repeat('0', 64); BEGIN
    FOR link IN SELECT * FROM identity.access_link WHERE chain_id = '{chain}' ORDER BY sequence LOOP
      UPDATE identity.access_link SET previous_hash = head,
        hash = encode(sha256(convert_to(head || canonical, 'UTF8')), 'hex')
      WHERE chain_id = link.chain_id AND sequence = link.sequence RETURNING hash INTO head;
    END LOOP;
    UPDATE identity.access_chain SET head_hash = head,
      length = (SELECT count(*) FROM identity.access_link WHERE chain_id = '{chain}') WHERE id = '{chain}';
  END $$`;
const forgeEverything = async () => {
  await identity.sql(`UPDATE identity.access_record SET purpose = 'X-2' WHERE purpose = 'P-2'`);
  await identity.sql(`UPDATE identity.access_link SET canonical = replace(canonical, 'P-2', 'X-2')`);
  for (const chain of [accountId, authorityId]) await identity.sql(REHASH.replaceAll('{chain}', chain));
};

describe('the verification of the access log', () => {
  test('finds a log whole that only ever grew', async () => {
    await anchored();
    await read('since');
    expect(await verify()).toEqual({
      chains: 4,
      links: 12,
      anchors: 2,
      anchoredAt: expect.stringMatching(/^\d{4}-/),
      stamps: null,
      unanchored: 2,
      breaks: [],
    });
  });

  test('finds an edited entry', async () => {
    await anchored();
    await identity.sql(`UPDATE identity.access_record SET purpose = 'X' WHERE purpose = 'P-2'`);
    expect(await breaks()).toEqual(
      expect.arrayContaining([
        `chain ${accountId} at 2: its record says something else`,
        `chain ${authorityId} at 2: its record says something else`,
      ]),
    );
  });

  test('finds a deleted entry', async () => {
    await anchored();
    await identity.sql(`DELETE FROM identity.access_link WHERE chain_id = $1 AND sequence = 2`, [accountId]);
    expect(await breaks()).toEqual(
      expect.arrayContaining([
        `chain ${accountId} at 2: an entry is missing: 3 follows 1`,
        `chain ${accountId} at 2: anchor 1 has it: the chain was cut off after it was anchored`,
      ]),
    );
  });

  test('finds a chain that was hashed anew as a whole, which nothing in the database shows', async () => {
    await anchored();
    await forgeEverything();
    const found = await breaks();
    expect(found.every(one => one.endsWith('the chain was rewritten after it was anchored'))).toBe(true);
    expect(found.map(one => one.split(':')[0])).toEqual(
      expect.arrayContaining([`chain ${accountId} at 2`, `chain ${accountId} at 3`, `chain ${authorityId} at 2`]),
    );
    fs.rmSync(place, { recursive: true });
    await identity.sql(`DELETE FROM identity.access_anchor`);
    expect(await breaks()).toEqual([]); // this is why anchors are kept elsewhere
  });

  test('finds a chain that was cut off, head and all', async () => {
    await anchored();
    await identity.sql(`DELETE FROM identity.access_link WHERE chain_id = $1 AND sequence = 3`, [accountId]);
    await identity.sql(REHASH.replaceAll('{chain}', accountId));
    expect(await breaks()).toEqual([
      `chain ${accountId} at 3: anchor 2 has it: the chain was cut off after it was anchored`,
    ]);
  });

  test('finds everything taken out', async () => {
    await anchored();
    await identity.sql(`TRUNCATE identity.access_link, identity.access_record, identity.access_chain`);
    expect((await breaks()).length).toBeGreaterThanOrEqual(5);
  });

  test('finds an entry after the last anchor only by the head', async () => {
    await anchored();
    await read('since');
    await identity.sql(`DELETE FROM identity.access_link WHERE chain_id = $1 AND sequence = 4`, [accountId]);
    expect(await breaks()).toEqual([`chain ${accountId} at 4: it should end at 4, but ends at 3`]);
  });
});

describe('the anchors', () => {
  const fileOf = (number: number) => path.join(place, '000000', `${String(number).padStart(10, '0')}.anchor`);
  const rewrite = (number: number, change: (text: string) => string) => {
    const text = fs.readFileSync(fileOf(number), 'utf8');
    fs.rmSync(fileOf(number));
    fs.writeFileSync(fileOf(number), change(text));
  };

  test('hold the heads that have grown, signed, each with the hash of the one before', async () => {
    await anchored();
    expect(await anchor()).toBe(0);
    const second = readAnchor(fs.readFileSync(fileOf(2), 'utf8'), verificationKey())!;
    expect(second.heads.map(({ length }) => length).sort()).toEqual([1, 1, 3, 5]);
    expect(fs.statSync(fileOf(2)).mode & 0o222).toBe(0);
    await read('since');
    expect(await anchor()).toBe(1);
    expect(await breaks()).toEqual([]);
  });

  test('are put again after a crash between the place and the database', async () => {
    await read('P-1');
    const crashing = { ...fileAnchors(place), put: () => Promise.reject(new Error('away')) };
    await expect(anchorChains(identity.running.db, crashing)).rejects.toThrow('away');
    await read('P-2');
    expect(await anchor()).toBe(2);
    await identity.sql(`UPDATE identity.access_anchor SET content = $1, stored_at = NULL WHERE number = 2`, [
      fs.readFileSync(fileOf(2), 'utf8'),
    ]);
    expect(await anchor()).toBe(1);
    expect(await verify()).toMatchObject({ anchors: 2, unanchored: 0, breaks: [] });
  });

  test.each([
    [
      'one that was changed',
      () => rewrite(1, text => text.replace('"length":2', '"length":1')),
      'anchor 1: it is not signed',
    ],
    ['one that was taken away', () => fs.rmSync(fileOf(1)), 'anchor 1: it is gone'],
    ['the last one taken away', () => fs.rmSync(fileOf(2)), 'anchor 2: it is gone'],
    ['all of them', () => fs.rmSync(place, { recursive: true }), 'anchor 2: it is gone'],
  ])('are missed: %s', async (_, tamper, expected) => {
    await anchored();
    tamper();
    expect((await breaks()).some(one => one.startsWith(expected))).toBe(true);
  });

  test('of somebody else’s key are none', async () => {
    await anchored();
    process.env.ACCESS_LOG_KEY = 'another secret that nobody of us has ever had';
    const other = verificationKey();
    delete process.env.ACCESS_LOG_KEY;
    expect((await verify(other)).breaks.map(({ where }) => where)).toEqual(['anchor 1', 'anchor 2']);
  });
});

describe('the anchors with time stamps', () => {
  let authority: TimeStampAuthority;
  beforeEach(async () => {
    authority = await startTimeStampAuthority();
  });
  afterEach(() => authority.stop());
  const stamped = () => stampedAnchors(fileAnchors(place), { url: authority.url, roots: readRoots(authority.root) });
  const anchorStamped = () => anchorChains(identity.running.db, stamped());
  const verified = async () => {
    const { breaks, stamps } = await verifyAccessLog(identity.running.db, stamped(), verificationKey());
    return { breaks: breaks.map(({ where, why }) => `${where}: ${why}`), stamps };
  };

  test('are whole, also with older ones from before there were stamps, and for who does not ask for them', async () => {
    await anchored();
    expect(await verified()).toMatchObject({ breaks: ['anchor 2: no anchor has a valid time stamp'] });
    await read('P-4');
    await anchorStamped();
    expect(await verified()).toEqual({ breaks: [], stamps: { count: 1, since: expect.stringMatching(/^\d{4}-/) } });
    const unasked = stampedAnchors(fileAnchors(place), null);
    expect((await verifyAccessLog(identity.running.db, unasked, verificationKey())).breaks).toEqual([]);
  });

  test('do not let whoever has database, place and key write another past: it is stamped when it is written', async () => {
    await read('P-1');
    shiftClock(-3 * 86_400_000);
    await anchorStamped();
    shiftClock(0);
    expect((await verified()).breaks).toEqual([
      expect.stringMatching(/^anchor 1: it says that it was made at .*, but was stamped at /),
    ]);
  });

  test('are missed where later ones have none, and found where the stamp is another’s', async () => {
    await read('P-1');
    await anchorStamped();
    await read('P-2');
    await anchor();
    expect((await verified()).breaks).toEqual(['anchor 2: it has no time stamp, though earlier ones have']);
    authority.lies = { otherRoot: true };
    await read('P-3');
    await expect(anchorStamped()).rejects.toThrow('its signer is not trusted');
    authority.lies = {};
    expect(await anchorStamped()).toBe(1);
    expect((await verified()).stamps).toMatchObject({ count: 2 });
  });

  test('the command checks them by the roots of the settings', async () => {
    await read('P-1');
    await anchorStamped();
    const roots = path.join(folder, 'roots.pem');
    const run = (settings: Record<string, string> = { ACCESS_LOG_TIMESTAMP_ROOTS: roots }) =>
      spawnSync(process.execPath, ['kernel/run.js', 'subgraphs/verify.ts', 'access-log'], {
        cwd: path.join(__dirname, '../../..'),
        env: { ...process.env, DATA_DIR: folder, ...settings },
        encoding: 'utf8',
      });
    fs.writeFileSync(roots, authority.root);
    expect(run()).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 anchors have a time stamp, the first'),
    });
    const other = await startTimeStampAuthority();
    await other.stop();
    fs.writeFileSync(roots, other.root);
    expect(run()).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('its time stamp proves nothing: its signer is not trusted'),
    });
    fs.writeFileSync(roots, 'no certificate');
    expect(run()).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no certificate in') });
    expect(run({ ACCESS_LOG_TIMESTAMP_URL: authority.url })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('needs ACCESS_LOG_TIMESTAMP_ROOTS'),
    });
  });
});

test('the command says so and ends with 1 on a break', async () => {
  await anchored();
  const run = () =>
    spawnSync(process.execPath, ['kernel/run.js', 'subgraphs/verify.ts', 'access-log'], {
      cwd: path.join(__dirname, '../../..'),
      env: { ...process.env, DATA_DIR: folder },
      encoding: 'utf8',
    });
  expect(run()).toMatchObject({ status: 0, stdout: expect.stringContaining('The access log is whole.') });
  await forgeEverything();
  expect(run()).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(`BROKEN chain ${accountId} at 2: anchor 1`),
  });
});

test('readers leave at the end of the following year (§ 76 Abs. 4 BDSG): no name is left, and every chain stays whole', async () => {
  await anchored();
  const forget = () => identity.running.db.tx(serviceOf('identity'), forgetReaders);
  const year = new Date().getFullYear();
  const goTo = (day: string) => shiftClock(Date.parse(`${day}T12:00:00Z`) - Date.now());
  const named = () =>
    identity.sql(`SELECT FROM identity.access_record
      WHERE salt IS NOT NULL OR staff_member_id IS NOT NULL OR reader LIKE 'staff:%' OR actor_name <> '${FORGOTTEN}'`);
  goTo(`${year + 1}-12-31`);
  expect(await forget()).toBe(0);
  expect(await named()).toHaveLength(5);
  goTo(`${year + 2}-01-01`);
  expect(await forget()).toBe(5);
  expect(await forget()).toBe(0);
  expect(await named()).toEqual([]);
  expect(await breaks()).toEqual([]);
  const { data } = await identity
    .as(person({ accountId }))
    .query('{ accessLog { nodes { actorName } chain { valid length } } }');
  expect(data.accessLog).toMatchObject({
    nodes: Array(3).fill({ actorName: FORGOTTEN }),
    chain: { valid: true, length: 3 },
  });

  // what was said of the rest can still not be changed unseen
  await identity.sql(`UPDATE identity.access_record SET purpose = 'other' WHERE purpose = 'P-2'`);
  expect(await breaks()).toContain(`chain ${accountId} at 2: its record says something else`);
  await identity.sql(
    `UPDATE identity.access_record SET purpose = 'P-2' WHERE account_id = '${accountId}' AND purpose = 'other'`,
  );
  // and nobody can take a reader out before the time
  shiftClock(0);
  expect(await breaks()).toContain(`chain ${accountId} at 1: its record says something else`);
});
