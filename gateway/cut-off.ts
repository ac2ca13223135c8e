/** Says which limit of time has cut a client off; what happens to it is what Node does without us. */
import { type Server, STATUS_CODES } from 'node:http';
import { limitNamed } from '../kernel/limit';
import type { Log } from '../kernel/log';

const STATUS: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  HPE_HEADER_OVERFLOW: 431,
};

export function tellCutOff(server: Server, log: Log): void {
  const cutOff = (limit: string) => log.info('a client was cut off', { limit });
  server.on('timeout', socket => {
    cutOff(limitNamed('CLIENT_IDLE_MS', server.timeout));
    socket.destroy();
  });
  server.on('clientError', ({ code = '' }: NodeJS.ErrnoException, socket) => {
    const status = STATUS[code] ?? 400;
    if (status === 408) cutOff(`headersTimeout=${server.headersTimeout} or requestTimeout=${server.requestTimeout}`);
    if (socket.writable) socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
}
