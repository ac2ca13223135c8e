/** Handovers to a line-of-business system: frozen, sent over real HTTP, fetched, acknowledged by it alone. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkChain, type Link } from '../../../kernel/chain';
import { newId } from '../../../kernel/ids';
import type { Machine } from '../../../kernel/principal';
import { claimed, doing, reading } from '../casework/desk.testing';
import { LEIKA_KEY, NEIGHBOUR, type Stage, stage } from '../testing';

const register: Machine = { kind: 'machine', name: 'gewerberegister', scopes: ['handover:acknowledge'] };
const other: Machine = { kind: 'machine', name: 'bauregister', scopes: ['handover:acknowledge'] };

/** The system outside: what it was told, and how it answers. */
let told: { handoverId: string; system: string; contentHash: string }[] = [];
let status = 202;
const outside = http.createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  told.push(JSON.parse(Buffer.concat(chunks).toString()));
  response.statusCode = status;
  response.end('{}');
});

let set: Stage;
beforeAll(async () => {
  await new Promise<void>(resolve => outside.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(outside.address() as AddressInfo).port}/handovers`;
  process.env.HANDOVER_SYSTEMS = JSON.stringify([
    { name: register.name, url, leikaKeys: [LEIKA_KEY] },
    { name: other.name, url, leikaKeys: ['99012001001000'] },
  ]);
  set = await stage();
});
afterAll(async () => {
  delete process.env.HANDOVER_SYSTEMS;
  await set.stop();
  outside.closeAllConnections();
  await new Promise(resolve => outside.close(resolve));
});
beforeEach(() => {
  told = [];
  status = 202;
});

const starting = (applicationId: string, expectedVersion: number, given: Record<string, unknown> = {}, who = set.max) =>
  doing(set, who, 'startHandover', {
    applicationId,
    system: register.name,
    expectedVersion,
    idempotencyKey: newId(),
    ...given,
  });
const FETCH =
  'query ($id: ID!) { handover(id: $id) { id version state system contentHash downloadUrl possibleActions application { id } } }';
const fetching = (id: string, who: Parameters<typeof reading>[1] = register) =>
  set.subgraph.as(who).query(FETCH, { id });
const acknowledging = (handoverId: string, given: Record<string, unknown>, who = register) =>
  doing(set, who as never, 'acknowledgeHandover', { handoverId, accepted: true, ...given });
const download = (url: string) => fetch(set.subgraph.url + new URL(url).pathname);

/** Waits until the handover has reached a state. */
async function until(id: string, state: string) {
  for (let tries = 0; tries < 400; tries++) {
    const { data } = await fetching(id);
    if (data.handover?.state === state) return data.handover;
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error(`The handover did not become ${state}.`);
}
async function sent() {
  const { id, version } = await claimed(set);
  const { handover } = await starting(id, version);
  return { id, version: version + 1, handover: await until(handover.id, 'SENT') };
}

describe('startHandover', () => {
  test('counts the version of the case, tells the system, and is SENT when that has taken it', async () => {
    const { id, version } = await claimed(set);
    expect(await reading(set, set.max, id, 'handoverSystems')).toEqual({ handoverSystems: [register.name] });
    const { handover, refusal } = await starting(id, version);
    expect(refusal).toBeNull();
    expect(handover).toMatchObject({ system: register.name, application: { id, version: version + 1 } });
    expect(handover.contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(await until(handover.id, 'SENT')).toMatchObject({ version: 2 });
    expect(told).toEqual([{ handoverId: handover.id, system: register.name, contentHash: handover.contentHash }]);
    const desk = await reading(set, set.max, id, 'version handovers { id state sentAt externalReference }');
    expect(desk).toMatchObject({ version: version + 1, handovers: [{ id: handover.id, state: 'SENT' }] });
    const states = (await set.subgraph.published('application.handover-changed'))
      .filter(({ key }) => key === id)
      .map(({ payload }) => [payload.handoverState, payload.state, payload.version]);
    expect(states).toEqual([
      ['SENDING', 'IN_REVIEW', version + 1],
      ['SENT', 'IN_REVIEW', version + 1],
    ]);
  });

  test('with the same key is the same handover, also when both arrive at once', async () => {
    const { id, version } = await claimed(set);
    const idempotencyKey = newId();
    const both = await Promise.all([1, 2].map(() => starting(id, version, { idempotencyKey })));
    const again = await starting(id, version, { idempotencyKey });
    expect(new Set([...both, again].map(({ handover }) => handover.id)).size).toBe(1);
    expect((await reading(set, set.max, id, 'handovers { id }')).handovers).toHaveLength(1);
    const second = await starting(id, version + 1);
    expect(second.refusal.code).toBe('HANDOVER_PENDING');
  });

  test('refuses a system that is not for the service, a stale version, and others than the desk', async () => {
    const { id, version } = await claimed(set);
    expect((await starting(id, version, { system: other.name })).refusal.code).toBe('UNKNOWN_SYSTEM');
    expect(await starting(id, version - 1)).toMatchObject({ handover: null, refusal: { code: 'VERSION_CONFLICT' } });
    await expect(starting(id, version, {}, set.nora)).rejects.toThrow('NOT_FOUND');
    await expect(starting(id, version, {}, set.klara as never)).rejects.toThrow('FORBIDDEN');
    const { id: fresh, version: one } = await set.received();
    expect((await starting(fresh, one)).refusal.code).toBe('INVALID_TRANSITION');
  });

  test('goes on trying while the system does not take it', async () => {
    status = 503;
    const { id, version } = await claimed(set);
    const { handover } = await starting(id, version);
    for (let tries = 0; told.length < 2 && tries < 400; tries++) await new Promise(resolve => setTimeout(resolve, 25));
    expect((await reading(set, set.max, id, 'handovers { state }')).handovers).toEqual([{ state: 'SENDING' }]);
    status = 202;
    await until(handover.id, 'SENT');
    expect(new Set(told.map(({ handoverId }) => handoverId))).toEqual(new Set([handover.id]));
  });

  test('a pending handover keeps the case where it is', async () => {
    const { id, version } = await sent();
    const { refusal } = await doing(set, set.max, 'forwardApplication', {
      applicationId: id,
      authorityId: NEIGHBOUR,
      reason: 'zuständig',
      expectedVersion: version,
    });
    expect(refusal.code).toBe('HANDOVER_PENDING');
  });
});

describe('the package', () => {
  test('holds answers, documents and history; its bytes have the announced hash and stay the same', async () => {
    const { id, version } = await claimed(set);
    const { handover } = await starting(id, version);
    await doing(set, set.max, 'addNote', { applicationId: id, text: 'danach', idempotencyKey: newId() });
    const { data } = await fetching(handover.id);
    const response = await download(data.handover.downloadUrl);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(response.headers.get('content-disposition')).toContain('attachment');
    expect(response.headers.get('cache-control')).toContain('no-store');
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(handover.contentHash);
    const parcel = JSON.parse(bytes.toString());
    expect(parcel).toMatchObject({
      format: 'case-handover',
      handoverId: handover.id,
      application: { leikaKey: LEIKA_KEY, applicantName: 'Klara Muster' },
      answers: { familyName: 'Muster', trade: 'Fahrradladen' },
      documents: [],
    });
    expect(checkChain(parcel.history as Link[])).toMatchObject({ valid: true });
    expect(bytes.toString()).not.toContain('danach');
  });

  test('is given out to the machine with a note in the access log of the applicant', async () => {
    const { id, handover } = await sent();
    const { data } = await fetching(handover.id);
    await (await download(data.handover.downloadUrl)).arrayBuffer();
    const notes = (await set.subgraph.published('data.accessed')).filter(
      ({ payload }) => payload.applicationId === id && payload.machine === register.name,
    );
    expect(notes[0]!.payload).toMatchObject({ accountId: set.klara.accountId, subjectId: handover.id, action: 'read' });
    expect(notes.map(({ payload }) => payload.action)).toEqual(['read', 'download']);
  });

  test('needs a ticket that is ours and still good', async () => {
    expect((await download('http://x/files/handovers/forged')).status).toBe(404);
    const { handover } = await sent();
    const url = handover.downloadUrl as string;
    expect((await download(url)).status).toBe(200);
    expect((await download(url.slice(0, -3))).status).toBe(404);
  });
});

describe('acknowledgeHandover', () => {
  test('by the system itself with the right hash takes the case over and counts its version', async () => {
    const { id, version, handover } = await sent();
    const answer = await acknowledging(handover.id, {
      externalReference: 'GR-2027-17',
      contentHash: handover.contentHash,
      expectedVersion: 2,
    });
    expect(answer).toMatchObject({
      handover: { version: 3, state: 'ACKNOWLEDGED', externalReference: 'GR-2027-17', application: null },
      refusal: null,
    });
    expect(await reading(set, set.max, id, 'version state handovers { state externalReference }')).toEqual({
      version: version + 1,
      state: 'IN_REVIEW',
      handovers: [{ state: 'ACKNOWLEDGED', externalReference: 'GR-2027-17' }],
    });
    const again = await acknowledging(handover.id, { contentHash: handover.contentHash, expectedVersion: 2 });
    expect(again).toMatchObject({ handover: { version: 3 }, refusal: { code: 'VERSION_CONFLICT' } });
    const third = await acknowledging(handover.id, { contentHash: handover.contentHash, expectedVersion: 3 });
    expect(third.refusal.code).toBe('INVALID_TRANSITION');
    expect((await starting(id, version + 1)).refusal.code).toBe('HANDED_OVER');
    const seen = await reading(set, set.klara, id, 'history(first: 100) { nodes { summary actorName } }');
    expect(JSON.stringify(seen)).not.toMatch(/achverfahren|gewerberegister/);
  });

  test('with another hash is refused and changes nothing', async () => {
    const { id, version, handover } = await sent();
    const { refusal } = await acknowledging(handover.id, { contentHash: 'f'.repeat(64), expectedVersion: 2 });
    expect(refusal.code).toBe('HASH_MISMATCH');
    expect(await reading(set, set.max, id, 'version handovers { state }')).toEqual({
      version,
      handovers: [{ state: 'SENT' }],
    });
  });

  test('may say no with a reason; then the desk can hand over again', async () => {
    const { id, version, handover } = await sent();
    const no = { accepted: false, contentHash: handover.contentHash, expectedVersion: 2 };
    await expect(acknowledging(handover.id, no)).rejects.toThrow('BAD_INPUT');
    const answer = await acknowledging(handover.id, { ...no, rejectionReason: 'Falsches Register' });
    expect(answer.handover).toMatchObject({ state: 'REJECTED', rejectionReason: 'Falsches Register' });
    expect((await starting(id, version + 1)).refusal).toBeNull();
  });

  test('is nobody else’s: to another system, desk and applicant the handover does not exist or is closed', async () => {
    const { handover } = await sent();
    const input = { contentHash: handover.contentHash, expectedVersion: 2 };
    await expect(acknowledging(handover.id, input, other)).rejects.toThrow('NOT_FOUND');
    await expect(acknowledging(handover.id, input, set.max as never)).rejects.toThrow('FORBIDDEN');
    expect((await fetching(handover.id, other)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await fetching(handover.id, set.nora)).errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect((await fetching(handover.id, set.klara)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    expect((await fetching(handover.id, set.max)).data.handover.application).not.toBeNull();
    const { data } = await set.subgraph
      .as(set.klara)
      .query(
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Handover { contentHash downloadUrl } } }',
        {
          r: [{ __typename: 'Handover', id: handover.id }],
        },
      );
    expect(data._entities).toEqual([null]);
    const machine = await set.subgraph
      .as(register)
      .query('query ($id: ID!) { application(id: $id) { id } }', { id: handover.id });
    expect(machine.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });
});
