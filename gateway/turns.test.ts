/** Bursts of operations that nobody has asked before: others come in between, however they are sent. */
import { once } from 'node:events';
import net from 'node:net';
import WebSocket from 'ws';
import { startWorld, type World } from './testing/world';

const BURST = 60;
/** No subgraph is asked, so that nothing else lets the event loop go round. */
const operations = Array.from({ length: BURST }, (_, nth) => `{ a${nth}: __typename }`);

let world: World;
beforeAll(async () => {
  world = await startWorld({ plain: true });
});
afterAll(() => world?.stop());

/** How often the event loop goes round until the work is done. */
async function roundsOf(work: Promise<unknown>): Promise<number> {
  let rounds = 0;
  let isOver = false;
  const count = () => {
    rounds += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  await work;
  isOver = true;
  return rounds;
}

it('on one socket', async () => {
  const socket = new WebSocket(`${world.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init' }));
  await once(socket, 'message');
  const answered = new Promise<void>(resolve => {
    let complete = 0;
    socket.on('message', data => {
      if (String(data).includes('"complete"')) complete += 1;
      if (complete === BURST) resolve();
    });
  });
  for (const [id, query] of operations.entries())
    socket.send(JSON.stringify({ id: String(id), type: 'subscribe', payload: { query } }));
  expect(await roundsOf(answered)).toBeGreaterThanOrEqual(BURST);
  socket.terminate();
});

it.each(['/graphql', '/public/graphql'])('on one connection, at %s', async address => {
  const socket = net.connect(world.gateway.port, '127.0.0.1');
  await once(socket, 'connect');
  const answered = new Promise<void>(resolve => {
    let heard = '';
    socket.on('data', chunk => {
      heard += String(chunk);
      if (heard.split('HTTP/1.1 200').length > BURST) resolve();
    });
  });
  const requests = operations.map(query => {
    const body = JSON.stringify({ query });
    return `POST ${address} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
  socket.write(requests.join(''));
  expect(await roundsOf(answered)).toBeGreaterThanOrEqual(BURST);
  socket.destroy();
});
