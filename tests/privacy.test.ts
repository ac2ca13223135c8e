/** A copy of one's data and their deletion, through the gateway: all parts of the platform answer, and one person is gone. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { type Data, eventually } from '../dev/demo/player';
import { type Stack, startStack } from '../dev/stack';
import { tablesWith } from './hostile/canaries';
import { type Asker, enter } from './hostile/client';
import { accountOf } from './hostile/stock';
import { ANSWERS, key, World } from './hostile/world';

jest.setTimeout(120_000);

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'privacy-'));
let stack: Stack;
let world: World;
let database: pg.Client;

beforeAll(async () => {
  stack = await startStack({ dataDir, durable: false });
  world = await World.open(stack);
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** What becomes of a request. */
async function completed(who: Asker, id: string): Promise<Data> {
  const query = '{ privacyRequests { nodes { id state downloadUrl retained { legalBasis until } } } }';
  const { body } = await eventually(
    () => who.ask(query),
    answer => answer.body.data?.privacyRequests?.nodes.find((one: Data) => one.id === id)?.state === 'COMPLETED',
    'every part has answered',
  );
  return body.data.privacyRequests.nodes.find((one: Data) => one.id === id);
}

test('a copy holds what every part has about its owner, and is nobody else’s', async () => {
  const { klara, jonas } = world;
  const { id } = await world.received();
  await eventually(
    () => klara.ask('{ mailbox { threads { nodes { application { id } } } } }'),
    ({ body }) => body.data?.mailbox.threads.nodes.some((one: Data) => one.application?.id === id),
    'the receipt is in her mailbox',
  );
  const { privacyRequest } = await klara.done('requestDataExport', { idempotencyKey: key() }, 'privacyRequest { id }');
  const { downloadUrl } = await completed(klara, privacyRequest.id);
  const copy = (await (await fetch(downloadUrl)).json()) as { parts: Record<string, unknown> };
  expect(Object.keys(copy.parts).sort()).toEqual(['applications', 'identity', 'messaging', 'payment']);
  for (const name of ['applications', 'messaging', 'payment']) {
    expect([name, JSON.stringify(copy.parts[name]).includes(id)]).toEqual([name, true]);
  }
  const text = JSON.stringify(copy);
  for (const said of [ANSWERS.trade, ANSWERS.street, ANSWERS.email, 'Klara', '1989-04-12'])
    expect(text).toContain(said);

  const others = await jonas.ask('{ privacyRequests { nodes { id } } }');
  expect(others.body.data.privacyRequests.nodes).toEqual([]);
  const forged = new URL(downloadUrl);
  forged.pathname = `${forged.pathname.slice(0, -3)}xxx`;
  expect((await fetch(forged)).status).toBe(404);
});

test('a deletion leaves no word of the person anywhere, and the next sign-in finds somebody new', async () => {
  const { jonas } = world;
  const street = 'Nachtigallenstieg 7';
  await world.draft({ ...ANSWERS, street }, jonas);
  const account = await accountOf(jonas);
  expect(await tablesWith(database, street)).not.toEqual([]);
  const wrong = await jonas.write(
    'requestErasure',
    { confirmation: 'Jonas', idempotencyKey: key() },
    'privacyRequest { id }',
  );
  expect(wrong.refusal.code).toBe('VALIDATION_FAILED');
  const { privacyRequest } = await jonas.done(
    'requestErasure',
    { confirmation: 'Jonas Beispiel', idempotencyKey: key() },
    'privacyRequest { id }',
  );
  const { retained } = await completed(jonas, privacyRequest.id);
  expect(retained).toEqual(expect.arrayContaining([expect.objectContaining({ legalBasis: expect.any(String) })]));
  for (const said of [street, 'Jonas', '1975-11-02', 'jonas.beispiel@post.example']) {
    expect([said, await tablesWith(database, said)]).toEqual([said, []]);
  }
  expect(await accountOf(await enter(stack, 'jonas'))).not.toBe(account);
});
