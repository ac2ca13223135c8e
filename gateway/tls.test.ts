/** Gateway and subgraphs with certificates: who shows none of the right authority is not heard, in either direction. */
import fs from 'node:fs';
import https from 'node:https';
import type tls from 'node:tls';
import WebSocket from 'ws';
import { ask } from '../kernel/ask';
import { ANONYMOUS } from '../kernel/principal';
import { certificateFolder, startAuthority, useCertificate } from '../kernel/testing/certificates';
import { certificate } from '../kernel/tls';
import { compose } from '../schema/compose';
import { startGateway } from './server';
import { listen } from './testing/listening';
import { SDL, startWorld, type World } from './testing/world';

const folder = certificateFolder();
let world: World;
let ours: Awaited<ReturnType<typeof own>>;
let foreign: Awaited<ReturnType<typeof own>>;

async function own(name: string) {
  return (await startAuthority(folder, name)).certificate('process');
}

beforeAll(async () => {
  ours = await own('platform');
  foreign = await own('elsewhere');
  useCertificate(ours);
  process.env.GATEWAY_INTERNAL_PORT = '0';
  world = await startWorld({ asks: { 'applications.services': '{ services { title } }' } });
  process.env.GATEWAY_URL = `https://localhost:${world.gateway.internalPort}`;
});
afterEach(() => {
  useCertificate(ours);
  useCertificate(null, 'CATALOGUE_');
});
afterAll(async () => {
  await world?.stop();
  fs.rmSync(folder, { recursive: true });
});

const CASE = '{ application(id: "p1") { state service { title } applicant { displayName } } }';

test('questions are answered by all subgraphs, and all are healthy', async () => {
  expect(await world.ask(CASE, { token: await world.token('max') })).toMatchObject({
    data: {
      application: { service: { title: 'Gewerbe anmelden' }, applicant: { displayName: 'klara as seen by staff' } },
    },
  });
  const response = await fetch(`${world.url}/health/ready`);
  expect(await response.json()).toEqual({
    ready: true,
    subgraphs: { catalogue: true, identity: true, applications: true },
  });
});

test('a live stream is heard, and ends when identity says so', async () => {
  const socket = world.socket(await world.token('max'));
  const closed = new Promise<{ code: number }>(resolve =>
    socket.on('closed', event => resolve(event as { code: number })),
  );
  const events = listen(socket, 'subscription { inboxChanged { kind application { service { title } } } }');
  await world.log.read();
  world.log.add('RECEIVED', 'p1');
  expect(await events.next()).toEqual({
    data: { inboxChanged: { kind: 'RECEIVED', application: { service: { title: 'Gewerbe anmelden' } } } },
  });
  world.people.revoke({ sessionId: 's-max' });
  expect((await closed).code).toBe(4403);
});

test('subgraphs ask at a port that demands certificates, and not beside the graph', async () => {
  const envelope = { principal: ANONYMOUS, requestId: 'r1', language: 'de' } as const;
  expect(await ask('applications', 'services', {}, envelope)).toMatchObject({ services: [{}, {}] });
  const beside = await fetch(`${world.url}/ask`, { method: 'POST', body: '{}' });
  expect(beside.status).toBe(404);
  await expect(get(world.gateway.internalPort!, '/ask', {})).rejects.toThrow(REFUSED);
});

const STRANGERS = [
  ['no certificate', () => ({})],
  ['one of another authority', () => pem(foreign)],
] as const;
/** In TLS 1.3 the alert may be lost with the connection. */
const REFUSED = /alert certificate required|alert unknown ca|hang up|ECONNRESET/;

describe.each(STRANGERS)('a client with %s', (_, shown) => {
  it.each(['/graphql', '/internal/revocations', '/health/ready'])('hears nothing at %s of a subgraph', async path => {
    await expect(get(world.subgraphs.identity.port, path, shown())).rejects.toThrow(REFUSED);
  });

  it('opens no stream of a subgraph', async () => {
    const { port } = world.subgraphs.applications;
    const socket = new WebSocket(`wss://localhost:${port}/graphql`, 'graphql-transport-ws', { ...shown(), ca: ca() });
    const failure = await new Promise<Error>((resolve, reject) => {
      socket.on('error', resolve);
      socket.on('open', () => reject(new Error('It is open.')));
    });
    expect(failure.message).toMatch(REFUSED);
  });
});

test('a client with our certificate is heard, so that the refusals above mean something', async () => {
  expect(await get(world.subgraphs.identity.port, '/health/ready', pem(ours))).toBe(200);
});

test('who stands in the place of a subgraph with a certificate of another authority gets no question', async () => {
  await world.kill('catalogue');
  const asked: string[] = [];
  const impostor = https.createServer(pem(foreign), (request, response) => {
    asked.push(request.url!);
    response.end('{"data":{"services":[]}}');
  });
  await new Promise<void>(resolve => impostor.listen(world.subgraphs.catalogue.port, '127.0.0.1', resolve));
  const { data, errors } = await world.ask('{ services { title } }');
  expect(data).toEqual({ services: null });
  expect(errors).toMatchObject([{ extensions: { code: 'SUBGRAPH_UNAVAILABLE' } }]);
  expect(asked).toEqual([]);
  await new Promise(resolve => impostor.close(resolve));
});

test('a subgraph with an authority of its own is asked with the certificate that is set for it alone', async () => {
  useCertificate(foreign);
  await world.revive('catalogue');
  useCertificate(ours);
  useCertificate(foreign, 'CATALOGUE_');
  const knowing = await startGateway({ supergraph: supergraph(), port: 0 });
  const answer = await fetch(`http://127.0.0.1:${knowing.port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ services { title } whoAmI }"}',
  });
  expect(await answer.json()).toMatchObject({ data: { services: [{}, {}], whoAmI: expect.any(String) } });
  await knowing.stop();
});

test('a gateway does not start when its certificates would be left unused, or are not whole', async () => {
  const url = process.env.CATALOGUE_URL!;
  process.env.CATALOGUE_URL = url.replace('https', 'http');
  const start = async () => (await startGateway({ supergraph: supergraph(), port: 0 })).stop();
  await expect(start()).rejects.toThrow('must begin with https:');
  process.env.CATALOGUE_URL = url;
  delete process.env.TLS_KEY;
  await expect(start()).rejects.toThrow('must be set together');
});

const pem = ({ cert, key }: typeof ours) => ({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
const ca = () => certificate()!.ca;
const supergraph = () =>
  compose(Object.entries(SDL).map(([name, sdl]) => ({ name, url: 'https://unused.example', sdl }))).supergraph;

/** @returns the status  @throws Error when there is none */
function get(port: number, path: string, shown: tls.SecureContextOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    https
      .get({ host: 'localhost', port, path, agent: false, ca: ca(), ...shown }, response => {
        response.resume();
        resolve(response.statusCode!);
      })
      .on('error', reject);
  });
}
