/** Sockets whose client is gone without a word, and sessions that end before their socket is open. */
import { once } from 'node:events';
import net from 'node:net';
import WebSocket from 'ws';
import { shiftClock } from '../../kernel/clock';
import { holdTimers } from '../testing/clocks';
import { until } from '../testing/listening';
import { type Faults, startWorld, type World } from '../testing/world';

/** As in sockets.ts. */
const PING_MS = 12_000;

let world: World;
/** Lets identity answer who is asking, when it is held. */
let hold: { asked(): void; readonly released: Promise<void> } | null;

beforeEach(async () => {
  hold = null;
  const identity: Faults['identity'] = async (request, response, body) => {
    if (request.url !== '/internal/principal' || !hold) return false;
    const { sub } = (JSON.parse(body) as { claims: { sub: string } }).claims;
    const principal = world.people.principals.get(sub);
    const { asked, released } = hold;
    hold = null;
    asked();
    await released;
    response.end(JSON.stringify({ principal }));
    return true;
  };
  world = await startWorld({}, { identity });
});
afterEach(async () => {
  jest.useRealTimers();
  shiftClock(0);
  await world?.stop();
});

describe('a client that speaks TCP and nothing else any more', () => {
  it('is dropped at the ping after the one it did not answer, and its stream with it', async () => {
    holdTimers('setInterval', 'clearInterval');
    const client = await rawClient(await world.token('max'));
    client.say({ id: 'a', type: 'subscribe', payload: { query: 'subscription { inboxChanged { kind } }' } });
    await world.log.read();
    expect(world.gateway.streams.size).toEqual({ clients: 1, upstreams: 1 });
    jest.advanceTimersByTime(PING_MS);
    await client.heard(PING);
    client.answerPing();
    await until(() => client.answered());
    jest.advanceTimersByTime(PING_MS);
    await client.heard(PING);
    expect(world.gateway.streams.size).toEqual({ clients: 1, upstreams: 1 });
    const closed = once(client.socket, 'close');
    jest.advanceTimersByTime(PING_MS);
    await closed;
    await until(() => world.gateway.streams.size.upstreams === 0);
    await until(() => world.subgraphs.applications.openSockets() === 0);
  });
});

describe('a session that ends while its socket is being opened', () => {
  it.each([
    ['because identity says so', endSession],
    ['because its token expires', async () => shiftClock(400_000)],
  ])('%s, opens nothing', async (_, end) => {
    const { asked, release } = holdIdentity();
    const socket = new WebSocket(`${world.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const messages: string[] = [];
    socket.on('message', data => void messages.push(String(data)));
    await once(socket, 'open');
    const payload = { authorization: `Bearer ${await world.token('klara')}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    await asked;
    const closed = once(socket, 'close');
    await end();
    release();
    const [code] = (await closed) as [number];
    expect(code).toBe(4403);
    expect(messages).toEqual([]);
  });

  it('is not answered over HTTP either, from what identity knew before', async () => {
    const { asked, release } = holdIdentity();
    const answer = world.ask('{ whoAmI }', { token: await world.token('klara') });
    await asked;
    await endSession();
    release();
    expect(await answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });
});

it('a stream over HTTP whose token expires while it is opened is refused as any other', async () => {
  const { asked, release } = holdIdentity();
  const answer = world.ask('subscription { inboxChanged { kind } }', {
    token: await world.token('klara'),
    headers: { accept: 'text/event-stream' },
  });
  await asked;
  shiftClock(400_000);
  release();
  expect(await answer).toMatchObject({
    status: 401,
    errors: [{ extensions: { code: 'UNAUTHENTICATED', expired: true } }],
  });
});

/** Klara signs out: the gateway has heard of it when this resolves. */
async function endSession(): Promise<void> {
  const heard = new Promise<void>(resolve => void world.gateway.principals!.onRevoked(() => resolve()));
  world.people.principals.delete('klara');
  world.people.revoke({ sessionId: 's-klara' });
  await heard;
}

function holdIdentity(): { readonly asked: Promise<void>; release(): void } {
  let release = () => {};
  const released = new Promise<void>(resolve => (release = resolve));
  const asked = new Promise<void>(resolve => {
    hold = { asked: resolve, released };
  });
  return { asked, release };
}

const TEXT = 0x81;
const PING = 0x89;
const PONG = 0x8a;

/** A WebSocket written by hand, so that it answers pings only when told to; acknowledged when it resolves. */
async function rawClient(token: string) {
  const socket = net.connect(world.gateway.port, '127.0.0.1');
  let received = Buffer.alloc(0);
  let arrived = () => {};
  socket.on('data', data => {
    received = Buffer.concat([received, data]);
    arrived();
  });
  const frame = (kind: number, text: string) => {
    const payload = Buffer.from(text);
    const length =
      payload.length < 126 ? [payload.length | 0x80] : [126 | 0x80, payload.length >> 8, payload.length & 0xff];
    return Buffer.from([kind, ...length, 0, 0, 0, 0, ...payload]); // a mask of zeros changes nothing
  };
  /** Resolves when such bytes have come, and drops everything up to them. */
  const heard = async (what: number | string): Promise<void> => {
    const wanted = typeof what === 'string' ? what : Buffer.from([what, 0]);
    while (!received.includes(wanted)) await new Promise<void>(resolve => (arrived = resolve));
    received = received.subarray(received.indexOf(wanted) + wanted.length);
  };
  const say = (message: object) => void socket.write(frame(TEXT, JSON.stringify(message)));
  let answered = false;
  const lines = ['GET /graphql HTTP/1.1', 'Host: gateway', 'Connection: Upgrade', 'Upgrade: websocket'];
  lines.push('Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');
  socket.write(`${[...lines, 'Sec-WebSocket-Protocol: graphql-transport-ws'].join('\r\n')}\r\n\r\n`);
  await heard('\r\n\r\n');
  say({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  await heard('connection_ack');
  return {
    socket,
    heard,
    say,
    answerPing() {
      socket.write(frame(PONG, ''));
      say({ type: 'ping' });
      void heard('"pong"').then(() => (answered = true)); // so the gateway has read what came before as well
    },
    answered: () => answered,
  };
}
