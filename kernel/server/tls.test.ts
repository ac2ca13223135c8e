/** A subgraph process with a certificate answers nobody who shows none. */
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createTestDatabase } from '../../tests/setup/database';
import { bells } from '../testing/bells';
import { certificateFolder, startAuthority, useCertificate } from '../testing/certificates';
import { certificate } from '../tls';
import { type RunningSubgraph, startSubgraph } from './subgraph.server';

const folder = certificateFolder();
let database: Awaited<ReturnType<typeof createTestDatabase>>;
let subgraph: RunningSubgraph;

beforeAll(async () => {
  useCertificate(await (await startAuthority(folder, 'platform')).certificate('catalogue'));
  database = await createTestDatabase();
  subgraph = await startSubgraph(bells, { port: 0 });
});
afterAll(async () => {
  await subgraph?.stop();
  await database?.drop();
  fs.rmSync(folder, { recursive: true });
});

const status = (ask: (answered: (response: http.IncomingMessage) => void) => http.ClientRequest): Promise<number> =>
  new Promise((resolve, reject) => {
    ask(response => resolve(response.resume().statusCode!)).on('error', reject);
  });

test('with a certificate there is an answer, without one or without TLS there is none', async () => {
  const { ca, cert, key } = certificate()!;
  const at = { host: 'localhost', port: subgraph.port, path: '/health/ready', agent: false as const };
  expect(await status(answered => https.get({ ...at, ca, cert, key }, answered))).toBe(200);
  await expect(status(answered => https.get({ ...at, ca }, answered))).rejects.toThrow(
    /alert certificate required|hang up|ECONNRESET/,
  );
  await expect(status(answered => http.get(at, answered))).rejects.toThrow();
});
