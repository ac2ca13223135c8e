/** The status page as people see it: Chromium, both languages, light and dark, with and without a failing subgraph. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { startWorld, type World } from '../../gateway/testing/world';

jest.setTimeout(120_000);

const CHROMIUM = process.env.CHROMIUM || '/usr/bin/chromium';
const SCREENSHOT = path.join(__dirname, '..', '..', 'docs', 'status.png');
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
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'status-'));
const hosts = new Set<string>();
const complaints: string[] = [];
let world: World;
let browser: BrowserContext;
let page: Page;

beforeAll(async () => {
  world = await startWorld();
  browser = await chromium.launchPersistentContext(folder, {
    executablePath: CHROMIUM,
    args: FLAGS,
    locale: 'de-DE',
    viewport: { width: 1100, height: 900 },
  });
  page = await browser.newPage();
  page.on('request', request => hosts.add(new URL(request.url()).hostname));
  page.on('console', message => message.type() === 'error' && complaints.push(message.text()));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

test('shows in German what is available, and the pictures of the lifecycles', async () => {
  await page.goto(world.url);
  await page.getByText('Alles ist verfügbar.').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('de');
  const pictures = page.getByRole('img', { name: 'Zustandsdiagramm' });
  expect(await pictures.count()).toBeGreaterThan(5);
  for (const picture of await pictures.all()) {
    await picture.scrollIntoViewIfNeeded();
    await picture.evaluate((image: unknown) => (image as { decode(): Promise<void> }).decode());
  }
  await page.evaluate('scrollTo(0, 0)');
  if (process.env.UPDATE_SCREENSHOT === '1') await page.screenshot({ path: SCREENSHOT, fullPage: true });
});

test('changes its language by a link, and is reached by the keyboard', async () => {
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('English');
  await page.keyboard.press('Enter');
  await page.getByText('Everything is available.').waitFor();
});

test('says in words, not only by colour, that a subgraph does not answer', async () => {
  await world.kill('catalogue');
  await page.getByRole('link', { name: 'reload' }).click();
  await page.getByText('A part is not available at the moment.').waitFor();
  expect(await page.getByRole('listitem').filter({ hasText: 'catalogue' }).first().innerText()).toContain(
    'not available',
  );
});

test('leads to the playground', async () => {
  await page.getByRole('link', { name: 'Playground' }).click();
  await page.getByRole('button', { name: 'Execute query' }).waitFor();
});

test('fits a telephone', async () => {
  await page.setViewportSize({ width: 360, height: 640 });
  await page.goto(world.url);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBe(0);
});

test('asked no other machine, and broke no rule of its page', () => {
  expect([...hosts]).toEqual(['127.0.0.1']);
  expect(complaints).toEqual([]);
});
