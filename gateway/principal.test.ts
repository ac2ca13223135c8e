/** Who is asking: which tokens are good, how long a principal is kept, and what ends it. */
import { shiftClock } from '../kernel/clock';
import { type Faults, startWorld, type World } from './testing/world';

let world: World;
let identityFails = false;
beforeAll(async () => {
  const failing: Faults['identity'] = request => {
    if (identityFails && request.url === '/internal/principal') request.socket.destroy();
    return identityFails && request.url === '/internal/principal';
  };
  world = await startWorld({}, { identity: failing });
});
afterAll(() => world?.stop());
beforeEach(() => {
  identityFails = false;
});
afterEach(() => shiftClock(0));

const whoAmI = async (token?: string, headers: Record<string, string> = {}) => {
  const {
    status,
    data,
    errors,
    headers: answered,
  } = await world.ask('{ whoAmI }', { ...(token && { token }), headers });
  const code = errors?.[0]?.extensions.code;
  return { status, code, principal: data?.whoAmI ? JSON.parse(String(data.whoAmI)) : undefined, headers: answered };
};

describe('a good token', () => {
  it('is answered as the principal that identity gives, whatever headers pretend', async () => {
    const { principal } = await whoAmI(await world.token('klara'), {
      'x-user': 'max',
      'x-principal': '{"kind":"staff"}',
    });
    expect(principal).toMatchObject({ kind: 'person', accountId: 'klara', sessionId: 's-klara' });
  });

  it('counts in the cookie that sign-in has set as well', async () => {
    const { principal } = await whoAmI(undefined, { cookie: `theme=dark; session=${await world.token('max')}` });
    expect(principal).toMatchObject({ kind: 'staff', staffMemberId: 'max' });
  });

  it('without any token, one is anonymous', async () => {
    expect((await whoAmI()).principal).toEqual({ kind: 'anonymous' });
  });
});

describe('a token that is wrong', () => {
  it('is refused when it is no bearer token at all', async () => {
    expect(await whoAmI(undefined, { authorization: 'Basic bWF4Om1heA==' })).toMatchObject({
      status: 401,
      code: 'UNAUTHENTICATED',
    });
  });

  it('takes the cookie away that carried it, so that the browser is anonymous again', async () => {
    const { status, headers } = await whoAmI(undefined, { cookie: 'session=worn-out' });
    expect(status).toBe(401);
    expect(headers.get('set-cookie')).toMatch(/^session=; .*Max-Age=0/);
  });
});

describe('a principal', () => {
  it('is kept for 30 seconds and asked for again after', async () => {
    const token = await world.token('max', { jti: 'kept' });
    await whoAmI(token);
    const { asked } = world.people;
    await whoAmI(token);
    expect(world.people.asked).toBe(asked);
    shiftClock(31_000);
    await whoAmI(token);
    expect(world.people.asked).toBe(asked + 1);
  });

  it('is kept no longer than until its rights change by the clock alone', async () => {
    const token = await world.token('max', { jti: 'until' });
    world.people.changesInMs.set('max', 5_000);
    await whoAmI(token);
    const { asked } = world.people;
    shiftClock(4_000);
    await whoAmI(token);
    expect(world.people.asked).toBe(asked);
    shiftClock(5_100);
    await whoAmI(token);
    expect(world.people.asked).toBe(asked + 1);
    world.people.changesInMs.clear();
  });

  it('is asked for once when many requests come at once', async () => {
    const token = await world.token('max', { jti: 'at-once' });
    const { asked } = world.people;
    await Promise.all(Array.from({ length: 10 }, () => whoAmI(token)));
    expect(world.people.asked).toBe(asked + 1);
  });

  it('ends with its token even while it is kept', async () => {
    const token = await world.token('max', { exp: Math.floor(Date.now() / 1000) + 20 });
    expect((await whoAmI(token)).status).toBe(200);
    shiftClock(81_000); // 60 of them are the clocks'
    expect((await whoAmI(token)).status).toBe(401);
  });

  it('ends at once when identity ends the session', async () => {
    const token = await world.token('klara', { jti: 'ends' });
    expect((await whoAmI(token)).status).toBe(200);
    const klara = world.people.principals.get('klara')!;
    const told = new Promise<void>(resolve => {
      const stop = world.gateway.principals!.onRevoked(() => {
        stop();
        resolve();
      });
    });
    world.people.principals.delete('klara');
    world.people.revoke({ sessionId: 's-klara' });
    await told;
    expect(await whoAmI(token)).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    world.people.principals.set('klara', klara);
  });

  it('is not asked for anew because somebody else’s session ended', async () => {
    const token = await world.token('max', { jti: 'others' });
    await whoAmI(token);
    const { asked } = world.people;
    const told = new Promise<void>(resolve => void world.gateway.principals!.onRevoked(() => resolve()));
    world.people.revoke({ sessionId: 's-somebody' });
    await told;
    await whoAmI(token);
    expect(world.people.asked).toBe(asked);
  });
});

describe('while identity does not answer', () => {
  it('known principals last, unknown ones are told to come back, and public reads go on', async () => {
    const token = await world.token('max', { jti: 'known' });
    await whoAmI(token);
    identityFails = true;
    expect((await world.ask('{ services { title } }', { token })).errors).toBeUndefined();
    expect((await world.ask('{ services { title } }')).errors).toBeUndefined();
    const unknown = await whoAmI(await world.token('klara', { jti: 'unknown' }));
    expect(unknown).toMatchObject({ status: 503, code: 'SUBGRAPH_UNAVAILABLE' });
    shiftClock(31_000);
    expect(await whoAmI(token)).toMatchObject({ status: 503, code: 'SUBGRAPH_UNAVAILABLE' });
  });

  it('a principal lasts 5 seconds without the stream of revocations, and the stream comes back by itself', async () => {
    const { principals } = world.gateway;
    const token = await world.token('max', { jti: 'stream' });
    await whoAmI(token);
    await world.kill('identity');
    await until(() => !principals!.warned);
    expect((await world.ask('{ services { title } }', { token })).errors).toBeUndefined();
    shiftClock(6_000);
    expect((await world.ask('{ services { title } }', { token })).errors?.[0]?.extensions.code).toBe(
      'SUBGRAPH_UNAVAILABLE',
    );
    shiftClock(0);
    await world.revive('identity');
    await world.people.heard();
    await until(() => principals!.warned);
    expect((await whoAmI(token)).status).toBe(200);
  });
});

/** Waits for a condition that no event announces. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
}
