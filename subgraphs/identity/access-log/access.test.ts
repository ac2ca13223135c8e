/** The access log: what readers say becomes one entry an hour in a chain that anybody can recompute. */
import { createHash } from 'node:crypto';
import { newId } from '../../../kernel/ids';
import type { Person, Staff } from '../../../kernel/principal';
import { person, staff } from '../../../tests/setup/subgraph';
import { startTestIdentity, type TestIdentity } from '../testing/identity';

let identity: TestIdentity;
const authorityId = newId();
let max: Staff;
beforeAll(async () => {
  identity = await startTestIdentity();
  max = await identity.employ('max', ['CASEWORKER'], { authorityId });
});
afterAll(() => identity.stop());

const LOG = `query ($applicationId: ID, $first: Int, $after: String) { accessLog(applicationId: $applicationId, first: $first, after: $after) {
  nodes { sequence occurredAt actorName authority { id } action purpose subjectType subjectId application { id } canonical previousHash hash }
  pageInfo { hasNextPage endCursor } chain { valid length headHash brokenAt } } }`;
const AUDIT = `query ($id: ID!, $staffMemberId: ID, $applicationId: ID) {
  authorityAccessLog(authorityId: $id, staffMemberId: $staffMemberId, applicationId: $applicationId) {
    nodes { sequence actorName actor { id } canonical previousHash hash } chain { valid length } } }`;

const auditor = () => ({ ...max, scopes: ['staff:read', 'audit:read'] });

interface Entry {
  sequence: number;
  canonical: string;
  previousHash: string;
  hash: string;
}

/** As the citizen would, with nothing of ours. */
function recompute(newestFirst: Entry[]): string {
  return [...newestFirst].reverse().reduce((head, entry, i) => {
    expect(entry.sequence).toBe(i + 1);
    expect(entry.previousHash).toBe(head);
    expect(entry.hash).toBe(
      createHash('sha256')
        .update(head + entry.canonical)
        .digest('hex'),
    );
    return entry.hash;
  }, '0'.repeat(64));
}

const read = (account: Person, given: Record<string, unknown> = {}) =>
  identity.publish('applications', 'data.accessed', account.accountId, {
    accountId: account.accountId,
    applicationId: newId(),
    subjectType: 'Application',
    subjectId: newId(),
    action: 'read',
    purpose: 'GA-1',
    staffMemberId: max.staffMemberId,
    authorityId,
    machine: null,
    ...given,
  });
const accessed = (accountId: string, subjectId: string) => ({
  type: 'data.accessed',
  key: accountId,
  payload: {
    ...{ accountId, applicationId: subjectId, subjectType: 'Application', subjectId, action: 'read', purpose: 'GA-1' },
    ...{ staffMemberId: max.staffMemberId, authorityId, machine: null },
  },
});
const log = async (who: Person, variables = {}) => (await identity.as(who).query(LOG, variables)).data.accessLog;

describe('the access log of an account', () => {
  test('holds what was read at one moment in its order, each once, and the authority’s chain holds it all', async () => {
    const [ann, ben] = [await identity.citizen('ann'), await identity.citizen('ben')];
    const cases = Array.from({ length: 30 }, () => newId());
    const length = async () =>
      (await identity.as(auditor()).query(AUDIT, { id: authorityId })).data.authorityAccessLog.chain;
    const before = (await length()).length;
    const reads = cases.flatMap(id => [
      accessed(ann.accountId, id),
      accessed(ben.accountId, id),
      accessed(ann.accountId, id),
    ]);
    await identity.publishAll('applications', reads);
    for (const who of [ann, ben]) {
      const { nodes, chain } = await log(who, { first: 100 });
      expect(nodes.map(({ subjectId }: { subjectId: string }) => subjectId)).toEqual([...cases].reverse());
      expect(chain).toMatchObject({ valid: true, length: 30, headHash: recompute(nodes) });
    }
    expect(await length()).toEqual({ valid: true, length: before + 60 });
  });

  test('names the reader, the authority and the purpose, and can be recomputed', async () => {
    const klara = await identity.citizen('klara');
    expect(await log(klara)).toMatchObject({ nodes: [], chain: { valid: true, length: 0, headHash: '0'.repeat(64) } });
    const applicationId = newId();
    await read(klara, { applicationId, subjectId: applicationId });
    await read(klara, { applicationId, subjectId: applicationId, action: 'decide' });
    await read(klara, { applicationId, staffMemberId: null, authorityId: null, machine: 'gewerberegister' });
    const { nodes, chain } = await log(klara);
    expect(nodes.map((node: { actorName: string; action: string }) => [node.actorName, node.action])).toEqual([
      ['gewerberegister', 'read'],
      ['Staff max', 'decide'],
      ['Staff max', 'read'],
    ]);
    expect(nodes[2]).toMatchObject({
      sequence: 1,
      authority: { id: authorityId },
      application: { id: applicationId },
      purpose: 'GA-1',
      subjectType: 'Application',
      subjectId: applicationId,
    });
    expect(chain).toEqual({ valid: true, length: 3, headHash: recompute(nodes), brokenAt: null });
    const said = JSON.parse(nodes[2].canonical);
    expect(said).toMatchObject({ sequence: 1, action: 'read', purpose: 'GA-1', subjectId: applicationId, authorityId });
    expect(nodes[2].canonical).not.toContain('Staff max');
    expect(nodes[2].canonical).not.toContain(max.staffMemberId);
  });

  test('has one entry for a reader, case, object, action, purpose and hour, however often it was read', async () => {
    const account = await identity.citizen('often');
    const same = { applicationId: newId(), subjectId: newId() };
    for (let i = 0; i < 3; i++) await read(account, same);
    expect((await log(account)).nodes).toHaveLength(1);
    await read(account, { ...same, purpose: 'GA-2' });
    await read(account, { ...same, subjectId: newId() });
    await read(account, { ...same, subjectType: 'Thread' });
    await read(account, { ...same, applicationId: newId() });
    await read(account, { ...same, applicationId: null });
    await read(account, { ...same, applicationId: null });
    const other = await identity.employ('other', ['CASEWORKER'], { authorityId });
    await read(account, { ...same, staffMemberId: other.staffMemberId });
    await identity.sql(
      `WITH moved AS (UPDATE events.head SET position = position + 1 RETURNING position)
       INSERT INTO events.event SELECT moved.position, event.source, event.type, event.key, event.payload, event.occurred_at + interval '1 hour'
       FROM moved, events.event WHERE event.key = $1 AND event.payload->>'purpose' = 'GA-2'`,
      [account.accountId],
    );
    await read(account, same);
    const { nodes, chain } = await log(account);
    expect(nodes).toHaveLength(8);
    expect(chain).toMatchObject({ valid: true, headHash: recompute(nodes) });
  });

  test('shows one case with the proof of the whole chain, in pages', async () => {
    const account = await identity.citizen('pages');
    const [one, two] = [newId(), newId()];
    for (let i = 0; i < 5; i++) await read(account, { applicationId: i % 2 ? two : one, purpose: `P-${i}` });
    const filtered = await log(account, { applicationId: one });
    expect(filtered.nodes.map(({ sequence }: Entry) => sequence)).toEqual([5, 3, 1]);
    expect(filtered.chain).toMatchObject({ valid: true, length: 5 });
    const first = await log(account, { first: 2 });
    const second = await log(account, { first: 3, after: first.pageInfo.endCursor });
    expect(first.pageInfo.hasNextPage).toBe(true);
    expect(second.pageInfo.hasNextPage).toBe(false);
    expect(recompute([...first.nodes, ...second.nodes])).toBe(filtered.chain.headHash);
    const few = await identity.as(account).query(LOG, { first: 2 });
    const many = await identity.as(account).query(LOG, { first: 5 });
    expect(many.statements).toBe(few.statements);
  });

  test('is only for its owner, and for members of an organisation that act for it', async () => {
    const owner = await identity.citizen('owner');
    const agent = await identity.citizen('agent', { sid: 'agent' });
    await read(owner);
    expect((await log(agent)).nodes).toEqual([]);
    const grant = `mutation { grantMandate(input: { agentAccountId: "${agent.accountId}", idempotencyKey: "g" }) { refusal { code } } }`;
    await identity.as(owner).query(grant);
    await identity
      .as(agent)
      .query(`mutation { actFor(input: { accountId: "${owner.accountId}" }) { refusal { code } } }`);
    const acting = await identity.citizen('agent', { sid: 'agent' });
    expect(acting.actingFor).toBe(owner.accountId);
    for (const who of [acting, max]) {
      const { data, errors } = await identity.as(who).query(LOG);
      expect(data.accessLog).toBeNull();
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    }
    const company = await identity.organisation('firma');
    await read(company);
    const member = { ...agent, actingFor: company.accountId };
    expect((await identity.as(member).query(LOG)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    await identity.sql(`INSERT INTO identity.organisation_member VALUES ($1, $2, 'READER', now())`, [
      company.accountId,
      agent.accountId,
    ]);
    expect((await log(member)).nodes).toHaveLength(1);
    const actor = await identity.as(owner).query('{ accessLog { nodes { actor { id } } } }');
    expect(actor.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test.each([
    [
      'a changed text',
      `UPDATE identity.access_link SET canonical = replace(canonical, 'P-1', 'P-9') WHERE chain_id = $1 AND sequence = 2`,
      2,
    ],
    [
      'a text that was changed and hashed anew',
      `UPDATE identity.access_link SET canonical = replace(canonical, 'P-1', 'P-9'),
         hash = encode(sha256(convert_to(previous_hash || replace(canonical, 'P-1', 'P-9'), 'UTF8')), 'hex')
       WHERE chain_id = $1 AND sequence = 2`,
      2,
    ],
    [
      'a record that no longer says what was hashed',
      `UPDATE identity.access_record SET purpose = 'P-9' WHERE account_id = $1 AND purpose = 'P-1'`,
      2,
    ],
    [
      'another name in a record',
      `UPDATE identity.access_record SET actor_name = 'X' WHERE account_id = $1 AND purpose = 'P-2'`,
      3,
    ],
    ['an entry taken out', `DELETE FROM identity.access_link WHERE chain_id = $1 AND sequence = 2`, 2],
    ['the last entry taken out', `DELETE FROM identity.access_link WHERE chain_id = $1 AND sequence = 3`, 3],
    ['everything taken out', `DELETE FROM identity.access_link WHERE chain_id = $1`, 1],
  ])('shows %s', async (_, tamper, brokenAt) => {
    const account = await identity.citizen(newId());
    for (let i = 0; i < 3; i++) await read(account, { purpose: `P-${i}` });
    expect((await log(account)).chain).toMatchObject({ valid: true, length: 3 });
    await identity.sql(tamper, [account.accountId]);
    expect((await log(account)).chain).toMatchObject({ valid: false, brokenAt });
  });

  test('can only be added to, and only by what happened', async () => {
    const account = await identity.citizen('append');
    await read(account);
    const { db } = identity.running;
    for (const sql of [
      'UPDATE access_record SET purpose = purpose',
      'DELETE FROM access_record',
      'UPDATE access_link SET hash = hash',
      'DELETE FROM access_link',
    ]) {
      await expect(db.tx(account, tx => tx.query(sql))).rejects.toMatchObject({ driverError: { code: '42501' } });
    }
    const forge = `INSERT INTO access_link SELECT chain_id, 99, record_id, canonical, previous_hash, hash FROM access_link`;
    await expect(db.tx(account, tx => tx.query(forge))).rejects.toMatchObject({ driverError: { code: '42501' } });
    for (const who of [person(), staff()]) {
      const seen = await db.tx(who, tx =>
        tx.query('SELECT (SELECT count(*) FROM access_link) + (SELECT count(*) FROM access_record) AS n'),
      );
      expect(seen).toEqual([{ n: '0' }]);
    }
  });
});

describe('the access log of an authority', () => {
  test('shows its auditors who read what, in a chain of its own, and nobody else', async () => {
    const here = newId();
    const auditor = await identity.employ('auditor', ['AUDITOR'], { authorityId: here });
    const reader = await identity.employ('reader', ['CASEWORKER'], { authorityId: here });
    const colleague = await identity.employ('colleague', ['CASEWORKER'], { authorityId: here });
    const [one, two] = [await identity.citizen('one'), await identity.citizen('two')];
    const applicationId = newId();
    await read(one, { applicationId, staffMemberId: reader.staffMemberId, authorityId: here });
    await read(two, { staffMemberId: reader.staffMemberId, authorityId: here });
    await read(two, { staffMemberId: colleague.staffMemberId, authorityId: here });
    const audit = async (variables = {}) =>
      (await identity.as(auditor).query(AUDIT, { id: here, ...variables })).data.authorityAccessLog;
    const all = await audit();
    expect(all.nodes.map((node: { actor: { id: string } }) => node.actor.id)).toEqual([
      colleague.staffMemberId,
      reader.staffMemberId,
      reader.staffMemberId,
    ]);
    recompute(all.nodes);
    expect(all.chain).toEqual({ valid: true, length: 3 });
    expect((await audit({ staffMemberId: reader.staffMemberId })).nodes).toHaveLength(2);
    expect((await audit({ applicationId })).nodes).toHaveLength(1);
    const code = async (who: Person | Staff, id: string) =>
      (await identity.as(who).query(AUDIT, { id })).errors?.[0]?.extensions.code;
    expect(await code(auditor, authorityId)).toBe('NOT_FOUND');
    expect(await code(reader, here)).toBe('FORBIDDEN');
    expect(await code(one, here)).toBe('FORBIDDEN');
  });
});
