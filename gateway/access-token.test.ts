/** Tokens at the door: the wrong ones open nothing on any way in, nothing else says who asks, and keys change in passing. */
import { shiftClock } from '../kernel/clock';
import { startWorld, type World } from './testing/world';
import { WRONG_TOKENS } from './testing/wrong-tokens';

let world: World;
beforeEach(async () => {
  world = await startWorld();
});
afterEach(async () => {
  shiftClock(0);
  await world?.stop();
});

async function whoAmI(token?: string, headers: Record<string, string> = {}) {
  const answer = await world.ask('{ whoAmI }', { ...(token && { token }), headers });
  const { status, data, errors } = answer;
  return {
    status,
    code: errors?.[0]?.extensions.code,
    principal: data?.whoAmI ? JSON.parse(String(data.whoAmI)) : undefined,
  };
}

/** How a socket with this token closes, or what it answers. */
const overSocket = (token: string, connectionParams: Record<string, unknown> = {}, extensions = {}) =>
  new Promise<unknown>(resolve => {
    const client = world.socket(null, {}, { authorization: `Bearer ${token}`, ...connectionParams });
    client.on('closed', event => resolve((event as { code: number }).code));
    client.subscribe(
      { query: '{ whoAmI }', extensions },
      { next: answer => resolve(answer), error: () => {}, complete: () => {} },
    );
  });

const good = () => world.token('max');

test('wrong tokens are refused over HTTP, in the cookie and over graphql-ws, never taken for anonymous', async () => {
  const letIn: string[] = [];
  for (const [what, make] of WRONG_TOKENS) {
    const token = await make(world.issuer);
    const { status, code, principal } = await whoAmI(token);
    if (status !== 401 || code !== 'UNAUTHENTICATED' || principal) letIn.push(`${what} over HTTP`);
    if ((await whoAmI(undefined, { cookie: `session=${token}` })).status !== 401) letIn.push(`${what} in the cookie`);
    if ((await overSocket(token)) !== 4403) letIn.push(`${what} over graphql-ws`);
  }
  expect(letIn).toEqual([]);
  expect(WRONG_TOKENS.length).toBeGreaterThan(30);
  expect((await whoAmI(await good())).principal).toMatchObject({ kind: 'staff' });
  expect(await overSocket(await good())).toMatchObject({ data: { whoAmI: expect.stringContaining('"staff"') } });
});

const PRETENDED = {
  'x-user': 'max',
  'x-user-id': 'max',
  'x-authority': 'a1',
  'x-principal': '{"kind":"staff"}',
  'x-roles': 'ADMINISTRATOR',
  'x-scopes': 'staff:admin',
  forwarded: 'for=127.0.0.1;host=identity;proto=https',
  'x-forwarded-for': '127.0.0.1',
  'x-forwarded-host': 'identity',
  'x-forwarded-user': 'max',
  'x-original-url': '/internal/principal',
  'x-http-method-override': 'GET',
};

test('no header, connection parameter or extension says who asks, and none reaches a subgraph', async () => {
  const extensions = { principal: { kind: 'staff' }, ...PRETENDED };
  const klara = await world.token('klara');
  const plain = (await whoAmI(klara)).principal;
  expect((await whoAmI(klara, PRETENDED)).principal).toEqual(plain);
  expect((await whoAmI(undefined, PRETENDED)).principal).toEqual({ kind: 'anonymous' });
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${klara}`, ...PRETENDED },
    body: JSON.stringify({ query: '{ whoAmI }', extensions, principal: extensions.principal }),
  });
  const { data } = (await response.json()) as { data: { whoAmI: string } };
  expect(JSON.parse(data.whoAmI)).toEqual(plain);
  const live = (await overSocket(
    klara,
    { ...PRETENDED, principal: extensions.principal },
    extensions,
  )) as typeof response & {
    data: { whoAmI: string };
  };
  expect(JSON.parse(live.data.whoAmI)).toEqual(plain);
  const asked = Object.values(world.subgraphs).flatMap(({ requests }) => requests);
  expect(asked.length).toBeGreaterThan(3);
  for (const { headers, body } of asked) {
    expect(Object.keys(headers).filter(name => name in PRETENDED)).toEqual([]);
    expect(body).not.toContain('x-authority');
    expect(headers.authorization).not.toContain(klara);
  }
});

describe('clocks', () => {
  const now = () => Math.floor(Date.now() / 1000);

  test('may be a minute apart and no more', async () => {
    expect((await whoAmI(await world.token('max', { exp: now() - 50 }))).status).toBe(200);
    expect((await whoAmI(await world.token('max', { exp: now() - 61 }))).status).toBe(401);
    expect((await whoAmI(await world.token('max', { nbf: now() + 50, iat: now() + 50 }))).status).toBe(200);
    expect((await whoAmI(await world.token('max', { nbf: now() + 70 }))).status).toBe(401);
    expect((await whoAmI(await world.token('max', { iat: now() + 70 }))).status).toBe(401);
  });
});

describe('the provider’s keys', () => {
  test('change under running requests, and nobody is refused', async () => {
    const refused: number[] = [];
    let asked = 0;
    const ask = async () => {
      const { status } = await whoAmI(await world.token('max', { jti: String(asked++) }));
      if (status !== 200) refused.push(status);
    };
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 10 }, ask));
      const old = await world.token('max', { jti: `old-${round}` });
      const withdraw = await world.issuer.rotate();
      shiftClock((round + 1) * 11_000);
      await Promise.all([
        ...Array.from({ length: 10 }, ask),
        whoAmI(old).then(({ status }) => status !== 200 && refused.push(status)),
      ]);
      withdraw();
      await Promise.all(Array.from({ length: 10 }, ask));
    }
    expect(refused).toEqual([]);
    expect(asked).toBe(90);
    expect(world.issuer.keysAsked).toBe(4);
  });

  test('that were withdrawn end their tokens within ten minutes, known ones too', async () => {
    const token = await world.token('max', { exp: Math.floor(Date.now() / 1000) + 3_600 });
    expect((await whoAmI(token)).status).toBe(200);
    (await world.issuer.rotate())();
    shiftClock(601_000);
    expect((await whoAmI(token)).status).toBe(401);
  });

  test('are not asked for by everybody who invents a key id', async () => {
    await whoAmI(await good());
    const invented = await Promise.all(
      Array.from({ length: 50 }, (_, i) => world.issuer.token({}, { kid: `invented-${i}` })),
    );
    await Promise.all(invented.map(token => whoAmI(token)));
    for (const token of invented.slice(0, 10)) await whoAmI(token);
    expect(world.issuer.keysAsked).toBeLessThanOrEqual(2);
    shiftClock(11_000);
    await Promise.all(invented.map(token => whoAmI(token)));
    expect(world.issuer.keysAsked).toBeLessThanOrEqual(3);
  });

  test('last while the provider is away, and without any the client is told to come again', async () => {
    world.issuer.away(true);
    expect(await whoAmI(await good())).toMatchObject({ status: 503, code: 'SUBGRAPH_UNAVAILABLE' });
    world.issuer.away(false);
    shiftClock(11_000);
    expect((await whoAmI(await good())).status).toBe(200);
    world.issuer.away(true);
    shiftClock(660_000);
    const later = { exp: Math.floor(Date.now() / 1000) + 3_600 };
    expect((await whoAmI(await world.token('max', later))).status).toBe(200);
  });
});
