/** Clients that keep a connection and do nothing with it. */
import { once } from 'node:events';
import net from 'node:net';
import { type Faults, startWorld, type World } from './testing/world';

let world: World;
afterEach(async () => {
  jest.restoreAllMocks();
  await world?.stop();
});

it('a client that asks and takes no answer is cut off: what waits for it fills the memory', async () => {
  process.env.CLIENT_IDLE_MS = '300';
  const answer = JSON.stringify({ data: { services: [{ title: 'x'.repeat(6_000_000) }] } });
  const catalogue: Faults['catalogue'] = (request, response) => {
    if (request.url !== '/graphql') return false;
    response.setHeader('content-type', 'application/json').end(answer);
    return true;
  };
  world = await startWorld({}, { catalogue });
  delete process.env.CLIENT_IDLE_MS;
  const client = net.connect(world.gateway.port, '127.0.0.1');
  await once(client, 'connect');
  const { destroy } = net.Socket.prototype;
  const cutOff = new Promise<void>(resolve => {
    jest.spyOn(net.Socket.prototype, 'destroy').mockImplementation(function (this: net.Socket, error?: Error) {
      if (this.remotePort === client.localPort) resolve();
      return destroy.call(this, error);
    });
  });
  const body = JSON.stringify({ query: '{ services { title } }' });
  const request = `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  client.pause().write(request.repeat(8)); // more than the buffers of the network hold
  await cutOff;
  client.destroy();
});
