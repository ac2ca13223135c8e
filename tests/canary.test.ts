/**
 * Words that stand for people: in every field that holds something personal, sent through a platform on which everything
 * fails once. They may be where the data are, and in no log, trace, number, error or remainder of a failure.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { TRADE_REGISTRATION } from '../dev/demo/facts';
import { eventually } from '../dev/demo/player';
import { type Stack, startStack } from '../dev/stack';
import { SUBGRAPHS } from '../kernel/config';
import { newId } from '../kernel/ids';
import { startCollector } from '../kernel/testing/collector';
import { diagnosticsOf, found, logsOf, tablesWith } from './hostile/canaries';
import type { Answer, Asker } from './hostile/client';
import { stock } from './hostile/stock';
import { ANSWERS, key, MARKER, rentalContract, World } from './hostile/world';

jest.setTimeout(150_000);

/** One for each personal field. */
const CANARY = {
  street: 'Kanarienweg',
  town: 'Zeisigstadt',
  email: 'stieglitz@post.example',
  trade: `Girlitzzucht ${MARKER}`,
  filename: 'Buchfinkvertrag.pdf',
  title: 'Dompfaffbetreff',
  body: 'Bergfinkgeschichte',
  note: 'Kernbeissernotiz',
  notified: 'gimpel@post.example',
  staffName: 'Wendehals',
  staffEmail: 'pirol@amt.example',
  staffBirthday: '1971-09-23',
} as const;
/** And what the provider of identities says of Klara. */
const WORDS = [MARKER, ...Object.values(CANARY), 'Klara', 'Flensburg', '1989-04-12'];

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'canary-'));
let collector: Awaited<ReturnType<typeof startCollector>>;
let stack: Stack;
let world: World;
let database: pg.Client;
/** What clients were told of what went wrong. */
const told: string[] = [];

beforeAll(async () => {
  collector = await startCollector();
  stack = await startStack({
    dataDir,
    durable: false,
    env: { LOG_LEVEL: 'debug', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
  });
  database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  world = await World.open(stack);
  const { street, town, email, trade } = CANARY;
  world.answers = { ...ANSWERS, street, town, email, trade };
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
  await collector?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

/** Keeps what an answer says of what went wrong. */
function note({ body, text }: Answer): Answer {
  if (body?.errors) told.push(JSON.stringify(body.errors));
  for (const payload of Object.values<{ refusal?: unknown } | null>(body?.data ?? {}))
    if (payload?.refusal) told.push(JSON.stringify(payload.refusal));
  if (!body) told.push(text);
  return { body, text } as Answer;
}
const tries = async (who: Asker, query: string, variables: object = {}) => note(await who.ask(query, variables));
const write = (who: Asker, name: string, input: object, thing: string) =>
  tries(
    who,
    `mutation Try($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { refusal { code message problems { path message } } ${thing} } }`,
    { input },
  );

async function directorySends(): Promise<void> {
  const domain = CANARY.staffEmail.split('@')[1]!;
  const tokenOf = (authorityId: string) =>
    spawnSync(process.execPath, ['kernel/run.js', 'subgraphs/scim-token.ts', authorityId, '--domains', domain], {
      cwd: path.join(__dirname, '..'),
      env: { ...process.env, ...stack.env },
      encoding: 'utf8',
    });
  const unknown = tokenOf(newId());
  expect([unknown.status, unknown.stdout]).toEqual([2, '']);
  expect(unknown.stderr).toMatch(/^scim-token: There is no authority/);
  const { stdout } = tokenOf(world.authorityId);
  const send = (birthday: string) =>
    fetch(`${stack.env.IDENTITY_PUBLIC_URL}/scim/v2/Users`, {
      method: 'POST',
      headers: { authorization: `Bearer ${stdout.trim()}`, 'content-type': 'application/scim+json' },
      body: JSON.stringify({
        schemas: [
          'urn:ietf:params:scim:schemas:core:2.0:User',
          'urn:ietf:params:scim:schemas:extension:amtsgraph:2.0:User',
        ],
        userName: CANARY.staffEmail,
        displayName: CANARY.staffName,
        name: { givenName: 'W', familyName: CANARY.staffName },
        emails: [{ value: CANARY.staffEmail, type: 'work', primary: true }],
        active: true,
        'urn:ietf:params:scim:schemas:extension:amtsgraph:2.0:User': { dateOfBirth: birthday },
      }),
    });
  expect((await send(CANARY.staffBirthday)).status).toBe(201);
  const again = await send(CANARY.staffBirthday);
  expect(again.status).toBe(409);
}

/** Everything is written once, and goes well. */
async function everythingIsThere() {
  const { klara, max } = world;
  const known = await stock(world);
  const applicationId = known.application;
  const draft = await world.draft();
  await world.upload({ applicationId: draft.id }, { ...rentalContract(), filename: CANARY.filename });
  const message = { applicationId, title: CANARY.title, body: CANARY.body, idempotencyKey: key() };
  await klara.done('sendMessage', message, 'message { id }');
  await max.done('addNote', { applicationId, text: CANARY.note, idempotencyKey: key() }, 'note { id }');
  const { body } = await klara.ask('{ mailbox { notificationPreferences { version } } }');
  await klara.done(
    'changeNotificationPreferences',
    {
      email: CANARY.notified,
      emailFor: ['NOTICE'],
      expectedVersion: body.data.mailbox.notificationPreferences.version,
    },
    'notificationPreferences { version }',
  );
  await directorySends();
  return applicationId;
}

/** A row that may not be written: PostgreSQL's own words quote all of it. */
async function theDatabaseRefuses(applicationId: string): Promise<void> {
  await database.query('ALTER TABLE applications.note ADD CONSTRAINT broken CHECK (false) NOT VALID');
  await database.query('ALTER TABLE messaging.message ADD CONSTRAINT broken CHECK (false) NOT VALID');
  const { klara, max } = world;
  await write(max, 'addNote', { applicationId, text: CANARY.note, idempotencyKey: key() }, 'note { id }');
  const message = { applicationId, title: CANARY.title, body: CANARY.body, idempotencyKey: key() };
  await write(klara, 'sendMessage', message, 'message { id }');
  expect(told.filter(text => text.includes('"INTERNAL"'))).toHaveLength(2);
  await database.query('ALTER TABLE applications.note DROP CONSTRAINT broken');
  await database.query('ALTER TABLE messaging.message DROP CONSTRAINT broken');
}

/** The client's own mistakes, with somebody's data in them. */
async function clientsErr(): Promise<void> {
  const { klara } = world;
  const draft = await world.draft();
  const start = { leikaKey: TRADE_REGISTRATION, ars: CANARY.town, formData: world.answers, idempotencyKey: key() };
  await write(klara, 'createDraft', start, 'application { id }');
  await write(
    klara,
    'saveDraft',
    { applicationId: draft.id, expectedVersion: CANARY.trade, formData: {} },
    'application { id }',
  );
  await write(klara, 'saveDraft', { [CANARY.street]: CANARY.body }, 'application { id }');
  await write(
    klara,
    'submitApplication',
    { ...draft, applicationId: draft.id, expectedVersion: 99, idempotencyKey: key() },
    'application { id }',
  );
  const upload = await world.announce(
    { applicationId: draft.id },
    { ...rentalContract(), filename: `${CANARY.filename}.exe` },
  );
  told.push(JSON.stringify(upload.refusal));
}

/** What lies outside goes away: payment provider, mail server, line-of-business system, OpenID provider. */
async function theOutsideIsAway(): Promise<void> {
  const { klara, max } = world;
  const draft = await world.draft();
  const expectedAmount = await world.amountDue(draft.id);
  const received = await world.claimed();
  await stack.child('services').kill();
  const pay = { applicationId: draft.id, expectedAmount, returnUrl: world.paidUrl, idempotencyKey: key() };
  await write(klara, 'startPayment', pay, 'payment { id }');
  const handover = { applicationId: received.id, system: 'gewerberegister', expectedVersion: received.version };
  await write(max, 'startHandover', { ...handover, idempotencyKey: key() }, 'handover { id }');
  const { body } = await klara.ask('{ mailbox { notificationPreferences { version } } }');
  const change = {
    email: `neu-${CANARY.notified}`,
    expectedVersion: body.data.mailbox.notificationPreferences.version,
  };
  await write(klara, 'changeNotificationPreferences', change, 'notificationPreferences { version }');
}

/** An event that no reaction can digest, until it is given up. */
async function reactionsGiveUp(): Promise<void> {
  const payload = { applicationId: CANARY.trade, applicantAccountId: CANARY.street, applicantName: CANARY.staffName };
  await database.query(
    `WITH moved AS (UPDATE events.head SET position = position + 1 RETURNING position)
     INSERT INTO events.event SELECT position, 'applications', 'application.submitted', $1, $2, now() FROM moved`,
    [newId(), JSON.stringify(payload)],
  );
  await database.query(`SELECT pg_notify('events', '')`);
  await eventually(
    async () => (await database.query('SELECT FROM messaging.dead_letter')).rowCount,
    count => count === 1,
    'the event is given up',
  );
}

async function aSubgraphIsAway(applicationId: string): Promise<void> {
  await stack.child('applications').kill();
  const { klara, max } = world;
  await tries(max, 'query ($id: ID!) { application(id: $id) { id formData } }', { id: applicationId });
  await write(
    klara,
    'createDraft',
    { leikaKey: TRADE_REGISTRATION, ars: '010995999001', formData: world.answers, idempotencyKey: key() },
    'application { id }',
  );
  const message = { applicationId, title: CANARY.title, body: CANARY.body, idempotencyKey: key() };
  await write(klara, 'sendMessage', message, 'message { id thread { application { id } } }');
}

test('nothing that is personal comes to rest where it does not belong, whatever fails', async () => {
  const applicationId = await everythingIsThere();
  await theDatabaseRefuses(applicationId);
  await clientsErr();
  await theOutsideIsAway();
  await reactionsGiveUp();
  await aSubgraphIsAway(applicationId);

  // the words have come in, or finding none would mean nothing
  for (const word of Object.values(CANARY)) expect([word, await tablesWith(database, word)]).not.toEqual([word, []]);
  expect(told.length).toBeGreaterThan(9);
  const kept = await diagnosticsOf(database);
  expect(kept.filter(({ text }) => text !== '').length).toBeGreaterThan(3);
  const numbers = await (await fetch(`${stack.gatewayUrl}/metrics`)).text();
  expect(numbers).toContain('operation="Try"');
  await Promise.all(SUBGRAPHS.map(name => stack.child(name).stop()));
  await stack.child('gateway').stop();
  const logs = await logsOf(dataDir, database);
  for (const words of [
    '"fault"',
    'a reaction failed',
    'a subgraph did not answer',
    'a handover could not be sent',
    '"operation":"Try"',
  ])
    expect([words, logs.some(({ text }) => text.includes(words))]).toEqual([words, true]);
  expect(collector.spans.length).toBeGreaterThan(100);

  expect([
    ...found(WORDS, 'errors', told.join('\n')),
    ...kept.flatMap(({ name, text }) => found(WORDS, name, text)),
    ...found(WORDS, 'numbers', numbers),
    ...logs.flatMap(({ name, text }) => found(WORDS, name, text)),
    ...found(WORDS, 'traces', collector.text()),
  ]).toEqual([]);
});
