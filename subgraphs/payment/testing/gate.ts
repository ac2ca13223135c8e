/** A gate between payment and its provider, for tests: it can be shut, lose answers, and hold reports back. */
import { json, listen, web } from '../../../dev/http';

export interface HeldReport {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

export interface Gate {
  readonly url: string;
  /** `lossy`: the provider hears the request, and its answer is lost. */
  provider: 'open' | 'shut' | 'lossy';
  reports: 'open' | 'held';
  /** Reports that were held, in the order they came; the provider believes they were taken. */
  readonly held: HeldReport[];
  /** Requests that reached the provider, such as `POST /payments`. */
  readonly requests: string[];
  deliver(report: HeldReport): Promise<number>;
  stop(): Promise<void>;
}

export async function startGate(addresses: { provider(): string; payment(): string }): Promise<Gate> {
  const forward = (to: string, { path, headers, body }: HeldReport, method: string) =>
    fetch(to + path, { method, headers, ...(method === 'GET' ? {} : { body }) });
  const server = await listen(
    'the gate',
    web(async (request, url) => {
      const { host: _, connection: _c, 'content-length': _l, ...headers } = Object.fromEntries(request.headers);
      const held = { path: url.pathname, headers, body: await request.text() };
      if (url.pathname.startsWith('/reports/')) {
        if (gate.reports === 'open') return new Response(null, { status: await gate.deliver(held) });
        gate.held.push(held);
        return new Response(null, { status: 204 });
      }
      if (gate.provider === 'shut') return json({ code: 'UNSPECIFIED' }, 503);
      const answer = await forward(addresses.provider(), held, request.method);
      gate.requests.push(`${request.method} ${url.pathname}`);
      const body = await answer.text();
      if (gate.provider === 'lossy') return json({ code: 'UNSPECIFIED' }, 502);
      return new Response(body, { status: answer.status, headers: { 'content-type': 'application/json' } });
    }),
    { port: 0 },
  );
  const gate: Gate = {
    url: server.url,
    provider: 'open',
    reports: 'open',
    held: [],
    requests: [],
    deliver: async report => (await forward(addresses.payment(), report, 'POST')).status,
    stop: server.stop,
  };
  return gate;
}
