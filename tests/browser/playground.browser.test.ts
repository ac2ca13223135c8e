/** The playground as a developer uses it: Chromium on the whole stack; queries, errors, sign-in, mutations, live events. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { authorityIdOf, MUSTERSTADT, PERSONAS } from '../../dev/demo/facts';
import { operationNames } from '../../dev/demo/operations';
import { Story } from '../../dev/demo/story';
import { type Stack, startStack } from '../../dev/stack';

jest.setTimeout(120_000);

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const SCREENSHOT = path.join(__dirname, '..', '..', 'docs', 'playground.png');
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
const [KLARA, , MAX] = PERSONAS;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'playground-'));

let stack: Stack;
let browser: BrowserContext;
let page: Page;
/** Every host that was asked, and what the browser itself complained about. */
const hosts = new Set<string>();
const complaints: string[] = [];

beforeAll(async () => {
  if (!fs.existsSync(CHROMIUM))
    throw new Error(`There is no Chromium at ${CHROMIUM}: install it, or set CHROMIUM to its path.`);
  stack = await startStack({ dataDir: path.join(folder, 'data'), durable: false });
  browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: CHROMIUM,
    args: FLAGS,
    ignoreDefaultArgs: ['--hide-scrollbars'],
    viewport: { width: 1400, height: 860 },
  });
  browser.setDefaultTimeout(20_000);
  browser.on('request', request => ask(request.url()));
  browser.on('weberror', error => complaints.push(String(error.error())));
  browser.on('console', message => {
    // a refused request is one of the things tried here; GraphiQL shows it
    const refused = /^Failed to load resource: .* status of 400/.test(message.text());
    if (message.type() === 'error' && !refused) complaints.push(message.text());
  });
  page = await browser.newPage();
  page.on('websocket', socket => ask(socket.url()));
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

function ask(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (/^(http|ws)s?:$/.test(protocol)) hosts.add(hostname);
}

const editor = (label: 'Operation Editor' | 'Variables' | 'Headers') =>
  page.getByLabel(label).locator('.monaco-editor:visible');
const answerLine = (text: string) => page.locator('.result-window .view-line', { hasText: text }).first();
const see = (text: string) => answerLine(text).waitFor();
const run = () => page.getByRole('button', { name: 'Execute query' }).click();

/**
 * GraphiQL takes over a text some 100 ms after it has changed, and stores it then: until then it would run the one before.
 * @param part of the text, or all of it; white space does not count, since the editor indents
 */
const takenOver = (key: 'query' | 'variables', part: string, whole = false) =>
  page.waitForFunction(
    ([name, expected, exactly]) => {
      const text = localStorage.getItem(`graphiql:${name}`)?.replace(/\s/g, '');
      return exactly ? text === expected : text?.includes(expected);
    },
    [key, part.replace(/\s/g, ''), whole] as const,
  );

async function openTab(name: string): Promise<void> {
  await page.getByRole('tab', { name }).click();
  await takenOver('query', name);
}

async function write(key: 'query' | 'variables', text: string): Promise<void> {
  await editor(key === 'query' ? 'Operation Editor' : 'Variables').click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(text);
  // what the editor has closed by itself, behind the text
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('Delete');
  await takenOver(key, text, true);
}

const signedInAs = (text: string) => page.locator('#who', { hasText: text }).waitFor();

test('opens with the stories as tabs, each named after its operation', async () => {
  await page.goto(stack.graphUrl);
  await page.getByRole('button', { name: 'Execute query' }).waitFor();
  const names = await page
    .getByRole('tab')
    .getByRole('button', { name: /^Story/ })
    .allInnerTexts();
  expect(names).toEqual(operationNames());
  await signedInAs('Not signed in');
});

test('runs a story with its example values', async () => {
  await openTab('Story04Place');
  await run();
  await see(`"ars": "${MUSTERSTADT.municipalityArs}"`);
});

test('runs what was typed into a new tab, and shows what is wrong with it', async () => {
  await page.getByRole('button', { name: 'New tab' }).click();
  await write('query', 'query Topics { lifeTopics { code name } }');
  await run();
  await see('"code": "MOBILITY_TRAVEL"');
  await write('query', 'query Malformed { area(ars: "0109") { name } }');
  await run();
  await see('"code": "BAD_INPUT"');
});

test('sends the headers that were typed beside the operation', async () => {
  await see('The value of ars is malformed.');
  await page.getByRole('button', { name: 'Headers', exact: true }).click();
  await editor('Headers').click();
  await page.keyboard.insertText('{ "accept-language": "de" }');
  await page.keyboard.press('ControlOrMeta+Shift+End');
  await page.keyboard.press('Delete');
  await run();
  await see('Die Angabe ars ist fehlerhaft.');
});

test('remembers what was run, and brings it back', async () => {
  await page.getByRole('button', { name: 'Show History' }).click();
  await page.locator('.graphiql-history-item-label', { hasText: 'Topics' }).first().click();
  await takenOver('query', 'query Topics');
  await run();
  await see('"code": "MOBILITY_TRAVEL"');
  await page.getByRole('button', { name: 'Hide History' }).click();
});

test('tells in its documents what things are called in German', async () => {
  await page.getByRole('button', { name: 'Show Documentation Explorer' }).click();
  await page.locator('.graphiql-doc-explorer-search input').fill('LifeTopic');
  await page.getByRole('option', { name: 'LifeTopic', exact: true }).click();
  await page.locator('.graphiql-doc-explorer', { hasText: 'Themenfeld' }).waitFor();
  await page.getByRole('button', { name: 'Hide Documentation Explorer' }).click();
});

test('signs in by its menu and the provider’s page, asks and writes as that person, and signs out', async () => {
  await page.getByLabel('Sign in as').selectOption({ label: `${KLARA.name}: ${KLARA.about}` });
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('button', { name: KLARA.name }).click();
  await signedInAs(`${KLARA.name} (SUBSTANTIAL)`);
  expect(page.url()).toBe(stack.graphUrl);

  await openTab('Story07Session');
  await run();
  await see(`"displayName": "${KLARA.name}"`);

  await openTab('Story08Draft');
  await run();
  await see('"publicStatus": "INITIATED"');

  await page.getByRole('button', { name: 'Sign out' }).click();
  await signedInAs('Not signed in');
  await openTab('Story07Session');
  await run();
  await see('"session": null');
});

test('signs in with the keyboard alone', async () => {
  await page.getByLabel('Sign in as').focus();
  await page.keyboard.type(MAX.name);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator(`button[value="${MAX.subject}"]:focus`).waitFor();
  await page.keyboard.press('Enter');
  await signedInAs(MAX.name);
});

test('shows Max the case of Klara live, from its receipt to its end, without a reload', async () => {
  await openTab('Story00Desk');
  await run();
  const authorityId = authorityIdOf(MUSTERSTADT.associationArs);
  await see(`"id": "${authorityId}"`);

  await openTab('Story13Inbox');
  await page.getByRole('button', { name: 'Variables' }).click();
  await write('variables', JSON.stringify({ authorityId, after: null }, null, 2));
  await run();
  const opened = await page.evaluate(() => performance.timeOrigin);
  const kinds: Record<string, string> = { Story13: 'RECEIVED', Story18: 'DOCUMENTS_REQUESTED', Story28: 'CLOSED' };
  await new Story(stack, MUSTERSTADT, async ({ name }) => {
    if (!kinds[name]) return;
    await see(`"kind": "${kinds[name]}"`);
    if (name === 'Story13' && process.env.UPDATE_SCREENSHOT === '1') await page.screenshot({ path: SCREENSHOT });
  }).play();
  expect(await page.evaluate(() => performance.timeOrigin)).toBe(opened);
  await page.getByRole('button', { name: 'Stop query' }).click();
});

test('fits the window, tells its language, and names everything that can be used', async () => {
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.evaluate('document.documentElement.scrollHeight - innerHeight')).toBe(0);
  const nameless = `[...document.querySelectorAll('button, select, input, a[href]')]
    .filter(one => !one.innerText.trim() && !one.ariaLabel && !one.title && !one.labels?.length)
    .map(one => one.outerHTML)`;
  expect(await page.evaluate(nameless)).toEqual([]);
  expect(await page.getByLabel('Sign in as').locator('option').count()).toBe(PERSONAS.length + 1);
});

test('asked no other machine, and broke no rule of its page', () => {
  expect([...hosts]).toEqual(['localhost']);
  expect(complaints).toEqual([]);
});
