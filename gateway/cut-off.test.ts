/** A client that is cut off by a limit of time: the log says which. */
import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';
import { tellCutOff } from './cut-off';

async function cutOff(limits: Partial<http.Server>, sent: string) {
  const limited: (string | undefined)[] = [];
  const log = {
    debug() {},
    warn() {},
    error() {},
    info: (_: string, fields = {}) => void limited.push((fields as { limit?: string }).limit),
  };
  const server = Object.assign(
    http.createServer({ connectionsCheckingInterval: 20 }, () => {}),
    limits,
  );
  tellCutOff(server, log);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  client.write(sent);
  let heard = '';
  client.on('data', part => {
    heard += part;
  });
  await once(client, 'close');
  server.close();
  return { limited, heard: heard.split('\r\n')[0] };
}

test.each<[string, Partial<http.Server>, string, (string | undefined)[], string]>([
  ['takes nothing', { timeout: 100 }, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', ['CLIENT_IDLE_MS=100'], ''],
  [
    'never ends its headers',
    { headersTimeout: 100, requestTimeout: 200 },
    'GET / HTTP/1.1\r\nHost:',
    ['headersTimeout=100 or requestTimeout=200'],
    'HTTP/1.1 408 Request Timeout',
  ],
  ['speaks no HTTP', {}, 'nonsense\r\n\r\n', [], 'HTTP/1.1 400 Bad Request'],
])('one that %s', async (_, limits, sent, limited, heard) => {
  expect(await cutOff(limits, sent)).toEqual({ limited, heard });
});
