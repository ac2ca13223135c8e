/** A line that can be cut, refused, silenced and made slow: it stands between a process and whatever that depends on. */
import net from 'node:net';

export interface Line {
  readonly port: number;
  /** Ends all connections; new ones are taken. */
  drop(): void;
  /** Ends all connections, and every new one at once. */
  cut(): void;
  /** Ends all connections and listens no more: ECONNREFUSED. */
  refuse(): Promise<void>;
  /** Nothing comes through, and nobody is told. */
  silence(): void;
  /** Everything comes so many milliseconds late. */
  delay(milliseconds: number): void;
  /** As it was in the beginning. */
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function startLine(target: { readonly hostname: string; readonly port: string | number }): Promise<Line> {
  const open = new Set<net.Socket>();
  let isCut = false;
  let isSilent = false;
  let late = 0;
  let resume: (() => void)[] = [];

  const carry = async (chunk: Buffer, to: net.Socket, due: number): Promise<void> => {
    const early = due - performance.now();
    if (early > 0) await new Promise(resolve => setTimeout(resolve, early));
    if (isSilent) await new Promise<void>(resolve => resume.push(resolve));
    if (!to.destroyed) to.write(chunk);
  };
  const server = net.createServer(client => {
    client.on('error', () => {});
    if (isCut) return void client.destroy();
    const upstream = net.connect(Number(target.port), target.hostname);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      let carried = Promise.resolve();
      const after = (what: () => unknown) => {
        carried = carried.then(() => void what());
      };
      open.add(from);
      from
        .on('data', (chunk: Buffer) => {
          const due = performance.now() + late;
          carried = carried.then(() => carry(chunk, to, due));
        })
        .on('end', () => after(() => to.end()))
        .on('error', () => to.destroy())
        .on('close', () => {
          open.delete(from);
          after(() => to.destroy());
        });
    }
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  await listen(0);
  const { port } = server.address() as net.AddressInfo;

  const drop = () => {
    for (const socket of open) socket.destroy();
  };
  const speak = () => {
    isSilent = false;
    for (const one of resume.splice(0)) one();
    resume = [];
  };
  const cease = async () => {
    if (!server.listening) return;
    const closed = new Promise(resolve => server.close(resolve));
    drop();
    speak();
    await closed;
  };
  return {
    port,
    drop,
    cut() {
      isCut = true;
      drop();
    },
    refuse: cease,
    silence() {
      isSilent = true;
    },
    delay(milliseconds) {
      late = milliseconds;
    },
    async mend() {
      isCut = false;
      late = 0;
      speak();
      if (!server.listening) await listen(port);
    },
    close: cease,
  };
}
