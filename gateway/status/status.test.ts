/** The status page as it is served; a browser looks at it in tests/browser. */
import { type Faults, startWorld, type World } from '../testing/world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const open = (path: string, language = 'de') =>
  fetch(`${world.url}${path}`, { headers: { 'accept-language': language } });
const text = async (path: string, language?: string) => (await open(path, language)).text();

it('says in the reader’s language which subgraphs answer, and which do not', async () => {
  expect(await text('/')).toContain('Alles ist verfügbar.');
  await world.kill('catalogue');
  const german = await text('/');
  expect(german).toContain('Ein Teil ist zurzeit nicht verfügbar.');
  expect(german).toMatch(/class="down"><h3>catalogue/);
  expect(german).toMatch(/class="up"><h3>identity/);
  await world.revive('catalogue');
  expect(await text('/', 'en')).toContain('Everything is available.');
  expect(await text('/?lang=en', 'de')).toContain('<html lang="en">');
});

it('loads nothing from elsewhere, runs no script, and leads only to what is there', async () => {
  const response = await open('/');
  const policy = response.headers.get('content-security-policy')!;
  const html = await response.text();
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(html).not.toContain('<script');
  const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
  expect(addresses).toEqual(
    expect.arrayContaining(['/graphql', '/docs/glossary.md', '/docs/lifecycles/application.svg']),
  );
  for (const address of addresses) {
    expect(address).toMatch(/^\//);
    const found = await fetch(`${world.url}${address}`, { headers: { accept: 'text/html,*/*' } });
    expect([address, found.status]).toEqual([address, 200]);
  }
});

it('serves the listed documents and nothing around them', async () => {
  for (const path of ['/docs/../package.json', '/docs/%2e%2e/package.json', '/docs/print.ts', '/docs/lifecycles/'])
    expect((await open(path)).status).toBe(404);
});

it('says that events were given up, on the page and as a number, and nothing when there are none', async () => {
  expect(await text('/')).not.toContain('warten auf den Betrieb');
  const left =
    (deadLetters: unknown): Faults['catalogue'] =>
    (request, response) => {
      if (request.url !== '/health/ready') return false;
      response.end(JSON.stringify({ ready: true, deadLetters, waiting: 7 }));
      return true;
    };
  const behind = await startWorld({}, { catalogue: left(2), applications: left('<script>') });
  const [page, numbers] = await Promise.all(
    ['/', '/metrics'].map(async path => (await fetch(`${behind.url}${path}`)).text()),
  );
  expect(page).toMatch(/2 Ereignisse ließen sich nicht verarbeiten .*href="\/docs\/how-to\/replay-dead-letters\.md"/);
  expect(page).not.toContain('<script');
  expect(numbers).toContain('events_dead_letters{subgraph="catalogue"} 2');
  expect(numbers).toContain('events_waiting{subgraph="catalogue"} 7');
  expect(numbers).not.toContain('events_waiting{subgraph="applications"}');
  await behind.stop();
});

it('asks the subgraphs once, however many look at once', async () => {
  let asked = 0;
  const counted = await startWorld(
    {},
    {
      catalogue: (request, response) => {
        if (request.url !== '/health/ready') return false;
        asked += 1;
        setImmediate(() => response.end('{}'));
        return true;
      },
    },
  );
  await Promise.all(Array.from({ length: 20 }, () => fetch(counted.url)));
  expect(asked).toBeLessThan(20);
  await counted.stop();
});
