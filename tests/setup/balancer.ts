/** Stands before the processes of one kind, as a load balancer does: what one of them does not begin goes to the next. */
import http, { type IncomingMessage } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { Replicas } from '../../kernel/replicas';
import { NOT_DONE } from '../../kernel/server/drain';

export interface Balancer {
  readonly url: string;
  /** The addresses behind it. */
  stand(before: readonly string[]): void;
  close(): Promise<void>;
}

const ROUNDS = 50;
const ROUND_MS = 100;
/** Headers of one connection, not of the answer. */
const HOP = ['connection', 'keep-alive', 'transfer-encoding'];

export async function startBalancer(): Promise<Balancer> {
  let processes = new Replicas<string>([]);
  /** The first that begins; null when none does for seconds. */
  const first = async <T>(begin: (address: string) => Promise<T | null>): Promise<T | null> => {
    for (let round = 0; round < ROUNDS; round++) {
      for (const address of processes.inTurn()) {
        const begun = await begin(address);
        if (begun !== null) return begun;
        processes.avoid(address);
      }
      await wait(ROUND_MS);
    }
    return null;
  };

  const server = http.createServer(async (request, response) => {
    try {
      const body = await buffer(request);
      const answer = await first(address => forward(address, request, body));
      if (!answer) return void response.writeHead(502).end();
      for (const name of HOP) delete answer.headers[name];
      answer.pipe(response.writeHead(answer.statusCode!, answer.headers));
    } catch {
      response.destroy();
    }
  });
  server.on('upgrade', async (request: IncomingMessage, client: Duplex) => {
    client.on('error', () => {});
    const begun = await first(address => upgrade(address, request));
    if (!begun) return void client.end('HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n');
    client.write(begun.said);
    client.pipe(begun.socket).pipe(client);
    client.on('close', () => begun.socket.destroy());
    begun.socket.on('close', () => client.destroy());
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    stand(before) {
      processes = new Replicas(before);
    },
    async close() {
      const closed = new Promise(resolve => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** @returns null when nothing was done with it */
function forward(address: string, { method, url, headers }: IncomingMessage, body: Buffer) {
  return new Promise<IncomingMessage | null>((resolve, reject) => {
    const request = http.request(`${address}${url}`, { method, headers: { ...headers, connection: 'close' } });
    request.once('error', error => {
      if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') resolve(null);
      else reject(error);
    });
    request.once('response', answer => {
      if (answer.headers[NOT_DONE] === undefined) return resolve(answer);
      answer.resume();
      resolve(null);
    });
    request.end(body);
  });
}

/** @returns null when there is nobody, or somebody who leaves */
function upgrade(address: string, { url, rawHeaders }: IncomingMessage) {
  return new Promise<{ socket: net.Socket; said: Buffer } | null>(resolve => {
    const { hostname, port } = new URL(address);
    const socket = net.connect(Number(port), hostname);
    let head = `GET ${url} HTTP/1.1\r\n`;
    for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
    socket.write(`${head}\r\n`);
    const nobody = () => {
      socket.destroy();
      resolve(null);
    };
    socket.on('error', nobody).once('close', nobody);
    socket.once('data', said => {
      if (said.toString('latin1').startsWith('HTTP/1.1 503')) nobody();
      else resolve({ socket, said });
    });
  });
}
