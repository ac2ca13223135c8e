/** What leaves on a socket. A client that does not read is not heard either until it does: what waits for it fills our memory. */
import type { WebSocket } from 'ws';

/** Bytes that may wait before the client is not heard any more. */
const MOST_UNREAD = 1024 * 1024;

/**
 * Resolves when the message has left, so that a slow client holds its own stream and nobody else's; also when it cannot
 * leave any more, because the client has gone.
 */
export function send(socket: WebSocket, data: string): Promise<void> {
  return new Promise(resolve => {
    if (socket.readyState !== socket.OPEN) return resolve();
    socket.send(data, () => {
      if (socket.isPaused && socket.bufferedAmount <= MOST_UNREAD) socket.resume();
      resolve();
    });
    if (socket.bufferedAmount > MOST_UNREAD) socket.pause();
  });
}
