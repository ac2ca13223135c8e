/** The playground as a developer uses it, in headless Chromium, on the whole stack: query, sign-in, mutation, live stream, error. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { MUSTERSTADT, PERSONAS, type Persona, TRADE_REGISTRATION } from '../../dev/demo/facts';
import { Player } from '../../dev/demo/player';
import { type Stack, startStack } from '../../dev/stack';
import { today } from '../../kernel/clock';
import { newId } from '../../kernel/ids';

jest.setTimeout(120_000);

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'playground-'));

let stack: Stack;
let browser: BrowserContext;
let page: Page;
const elsewhere: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  if (!fs.existsSync(CHROMIUM)) throw new Error(`There is no Chromium at ${CHROMIUM}; install it or set CHROMIUM.`);
  stack = await startStack({ dataDir: path.join(folder, 'data'), durable: false });
  browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: CHROMIUM,
    args: FLAGS,
    viewport: { width: 1400, height: 860 },
  });
  page = await browser.newPage();
  browser.on('request', request => {
    const { hostname, protocol } = new URL(request.url());
    if (/^(https?|wss?):$/.test(protocol) && hostname !== 'localhost') elsewhere.push(request.url());
  });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('console', message => {
    if (/Content Security Policy|Refused to/.test(message.text())) complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Types an operation into the open tab. */
async function write(query: string): Promise<void> {
  await page.locator('.graphiql-execute-button').waitFor({ timeout: 30_000 });
  await page.locator('.graphiql-query-editor .monaco-editor').first().click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(query);
  // the editor closes brackets by itself: what it has put behind the text goes
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('Delete');
  const word = /\w+/.exec(query.replace(/^\s*(query|mutation|subscription)/, ''))![0];
  await page.locator('.graphiql-query-editor .view-lines', { hasText: word }).waitFor();
}

const start = () => page.locator('.graphiql-execute-button').click();

/** Runs an operation until its answer shows a text; the page takes what was typed a moment later, so it may need two. */
async function runAndSee(query: string, text: string): Promise<void> {
  await write(query);
  for (let tries = 1; ; tries++) {
    await start();
    const seen = await shows(text, 5_000).catch(error => error as Error);
    if (!(seen instanceof Error)) return;
    if (tries === 3) throw seen;
  }
}

const shows = (text: string, timeout = 15_000) =>
  page.locator('.result-window', { hasText: text }).first().waitFor({ timeout });

async function signInAs({ subject, name }: Persona): Promise<void> {
  await page.getByLabel('Sign in as').selectOption(subject);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator(`button[value="${subject}"]`).click();
  await page.locator('#who', { hasText: name }).waitFor({ timeout: 15_000 });
}

const [KLARA, , MAX, ERIKA] = PERSONAS;

test('opens with the stories as tabs and runs a query', async () => {
  await page.goto(stack.graphUrl);
  await page.locator('.graphiql-execute-button').waitFor({ timeout: 30_000 });
  // the editor is ready when it shows the first story
  await page.locator('.graphiql-query-editor .view-lines', { hasText: 'Story00Desk' }).waitFor({ timeout: 30_000 });
  const tabs = await page.locator('[role="tab"]').allInnerTexts();
  expect(tabs.filter(text => /^Story\d\d/.test(text.trim())).length).toBeGreaterThanOrEqual(30);
  expect(await page.locator('html').getAttribute('lang')).toBeTruthy();
  await runAndSee('{ lifeTopics { code name } }', 'MOBILITY_TRAVEL');
});

test('shows what is wrong with a malformed key', async () => {
  await runAndSee('{ area(ars: "0109") { name } }', 'BAD_INPUT');
});

test('signs in by its menu, runs queries and mutations as that person, and signs out', async () => {
  await signInAs(KLARA);
  await runAndSee('{ session { account { displayName } trustLevel } }', 'SUBSTANTIAL');
  await runAndSee(
    `mutation { createDraft(input: { leikaKey: "${TRADE_REGISTRATION}", ars: "${MUSTERSTADT.municipalityArs}", idempotencyKey: "${newId()}" }) { application { publicStatus version } refusal { code } } }`,
    'INITIATED',
  );
  await page.locator('#sign-out').click();
  await page.locator('#who', { hasText: 'Not signed in' }).waitFor();
});

test('shows live events as they happen', async () => {
  await signInAs(MAX);
  await write('subscription { catalogueChanged { kind entry { __typename state } } }');
  await start();
  const erika = await Player.signIn(stack, ERIKA, { method: 'STAFF_SIGN_ON', returnUrl: stack.graphUrl });
  const { session } = await erika.do('Story00Desk');
  const publish = async () => {
    const { entry } = await erika.write('Story01DraftResponsibility', {
      leikaKey: TRADE_REGISTRATION,
      ars: MUSTERSTADT.associationArs,
      authorityId: session.staffMember.authority.id,
      channel: 'CASE_CLOUD',
      validFrom: today(),
      expectedVersion: 0,
      idempotencyKey: newId(),
    });
    await erika.write('Story02Publish', { entryId: entry.id, expectedVersion: entry.version });
  };
  const seen = shows('PUBLISHED').then(() => true);
  // the stream begins when it is ready: publish until it says so
  for (let tries = 0; tries < 20; tries++) {
    await publish();
    if (await Promise.race([seen, new Promise<boolean>(resolve => setTimeout(() => resolve(false), 500))])) break;
  }
  expect(await seen).toBe(true);
  if (process.env.UPDATE_SCREENSHOT)
    await page.screenshot({ path: path.join(__dirname, '..', '..', 'docs', 'playground.png') });
});

test('asks nobody but this machine, and breaks no rule of its own page', () => {
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});
