/** The page of a case, reached as an office reaches it: from the mail of a shared mailbox, signed in, with the number typed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { eventually } from '../dev/demo/player';
import { type Stack, startStack } from '../dev/stack';
import type { Asker } from './hostile/client';
import { MARKER, World } from './hostile/world';

jest.setTimeout(180_000);

const MAILBOX = 'ordnungsamt@amt.example';
const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'case-page-'));
let stack: Stack;
let world: World;
/** What the office gets. */
let mail: { text: string; subject: string };
let address: string;
let reference: string;

beforeAll(async () => {
  stack = await startStack({ dataDir, durable: false });
  world = await World.open(stack);
  const database = new pg.Client({ connectionString: stack.databaseUrl });
  await database.connect();
  await database.query(`UPDATE catalogue.responsibility SET channel = 'SHARED_MAILBOX', channel_address = $1`, [
    MAILBOX,
  ]);
  await database.end();
  await world.received();
  const mails = (await eventually(
    async () => (await fetch(`${stack.mailUrl}/mails?to=${MAILBOX}`)).json(),
    found => (found as unknown[]).length > 0,
    'the office gets its mail',
  )) as (typeof mail)[];
  mail = mails[0]!;
  address = /https?:\/\/\S+/.exec(mail.text)![0];
  reference = /Aktenzeichen: (\S+)/.exec(mail.text)![1]!;
});
afterAll(async () => {
  await stack?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

async function open(url: string, by?: Asker, language = 'de') {
  const cookie = by ? { cookie: `session=${by.token}` } : {};
  const response = await fetch(url, { headers: { 'accept-language': language, ...cookie }, redirect: 'manual' });
  return { response, status: response.status, html: await response.text() };
}
const typed = (text: string, by?: Asker) => open(`${address}?reference=${encodeURIComponent(text)}`, by);

test('the mail leads to a page with a field for the number, and the page from older mails has it too', async () => {
  expect(address).toBe(`${stack.gatewayUrl}/case`);
  for (const url of [address, `${stack.gatewayUrl}/`]) {
    const { status, html } = await open(url);
    expect(status).toBe(200);
    expect(html).toMatch(/<form action="\/case" method="get"/);
    expect(html).toMatch(/<label for="reference">Aktenzeichen<\/label>\s*<input id="reference" name="reference"/);
  }
});

test('who is responsible sees the case, however the number is typed, as often as wanted', async () => {
  for (const text of [
    reference,
    reference.toLowerCase(),
    `  ${reference} `,
    reference.replaceAll('-', ' – '),
    reference,
  ]) {
    const { status, html, response } = await typed(text, world.max);
    expect([text, status]).toEqual([text, 200]);
    expect(html).toContain(reference);
    expect(html).toContain(MARKER);
    expect(html).toContain('Klara Muster');
    expect(html).toContain('<dt>Geburtsdatum</dt><dd>1989-04-12</dd>');
    expect(html).toMatch(/href="[^"]+\/files\/documents\/[^"]+">Quittung-[^<]+\.pdf</);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(html).not.toContain('<script');
  }
});

test('that somebody of the office looked stands in the access log of the applicant', async () => {
  const query = '{ accessLog(first: 50) { nodes { subjectType purpose } } }';
  const { body } = await eventually(
    () => world.klara.ask(query),
    ({ text }) => text.includes(reference),
    'the reading is logged',
  );
  expect(JSON.stringify(body.data)).toContain(reference);
});

test('others see what those see who typed a number that is not there', async () => {
  const none = await typed('2026-ZZZZZ-99999', world.nora);
  const foreign = await typed(reference, world.nora);
  expect([none.status, foreign.status]).toEqual([404, 404]);
  const plain = (html: string) => html.replace(/nonce="[^"]+"/g, '').replaceAll(reference, '2026-ZZZZZ-99999');
  expect(plain(foreign.html)).toBe(plain(none.html));
});

test('nobody signed in, or no longer, is led to sign in and learns nothing', async () => {
  for (const by of [undefined, { token: 'a.b.c' } as Asker]) {
    const { status, html } = await typed(reference, by);
    expect(status).toBe(401);
    expect(html).toContain('href="/case/sign-in"');
    expect(html).not.toContain(MARKER);
  }
  const { status, response } = await open(`${address}/sign-in`, world.max);
  expect(status).toBe(303);
  expect(response.headers.get('location')).toContain('/sign-in/start?ticket=');
});

test('what is no number is said to be none, and is never a part of the page', async () => {
  for (const text of [
    '12345',
    '<script>alert(1)</script>',
    '"><img src=x>',
    '2026-K3M7Q',
    "' OR 1=1 --",
    '🚀',
    'x'.repeat(5_000),
  ]) {
    const { status, html } = await typed(text, world.max);
    expect([text, status]).toEqual([text, 400]);
    expect(html).toContain('Das ist kein Aktenzeichen.');
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<img src=x');
  }
  expect((await open(`${address}?reference=a&reference=b`, world.max)).status).toBe(200);
  expect((await open(`${address}?reference=${reference}`, world.max, 'en')).html).toContain('File number');
});
