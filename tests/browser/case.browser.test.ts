/** An office opens a case as the mail of its shared mailbox says: Chromium on the whole stack, signed in, the number typed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { type Stack, startStack } from '../../dev/stack';
import { World } from '../hostile/world';

jest.setTimeout(180_000);

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const SCREENSHOT = path.join(__dirname, '..', '..', 'docs', 'case.png');
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
];
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'case-'));
const complaints: string[] = [];
let stack: Stack;
let reference: string;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  stack = await startStack({ dataDir: path.join(folder, 'data'), durable: false });
  const world = await World.open(stack);
  const { id } = await world.received();
  const { body } = await world.max.ask('query ($id: ID!) { application(id: $id) { reference } }', { id });
  reference = body.data.application.reference;
  browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: CHROMIUM,
    args: FLAGS,
    locale: 'de-DE',
    viewport: { width: 1000, height: 900 },
  });
  page = await browser.newPage();
  page.on('console', message => {
    // 400, 401 and 404 are among what is tried
    if (message.type() === 'error' && !/status of 40[014]/.test(message.text())) complaints.push(message.text());
  });
});
afterAll(async () => {
  await browser?.close();
  await stack?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

const type = async (text: string) => {
  await page.getByLabel('Aktenzeichen').fill(text);
  await page.keyboard.press('Enter');
};

test('from the start page of older mails to the field, through sign-in, to the case', async () => {
  await page.goto(stack.gatewayUrl);
  await type(reference);
  await page.getByRole('link', { name: 'Als Beschäftigte:r anmelden' }).click();
  await page.getByRole('button', { name: /Max Schröder/ }).click();
  await page.waitForURL(`${stack.gatewayUrl}/case`);
  await type('12345');
  await page.getByText('Das ist kein Aktenzeichen.').waitFor();
  await type('2026-ZZZZZ-99999');
  await page.getByText('Unter diesem Aktenzeichen gibt es hier keinen Vorgang für Sie.').waitFor();
  await type(reference.toLowerCase());
  await page.getByRole('heading', { name: 'Angaben' }).waitFor();
  await page.getByText('Klara Muster', { exact: true }).waitFor();
  if (process.env.UPDATE_SCREENSHOT === '1') await page.screenshot({ path: SCREENSHOT, fullPage: true });
});

test('a file of the case comes to the desk', async () => {
  await page.reload();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: /^Quittung-/ }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^Quittung-.+\.pdf$/);
});

test('fits a telephone, and the browser complained about nothing', async () => {
  await page.setViewportSize({ width: 360, height: 640 });
  await page.reload();
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  expect(complaints).toEqual([]);
});
