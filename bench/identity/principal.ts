/** CPU of finding out who asks, once the process is warm: in the gateway, and in each subgraph that it asks. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { credentialOf } from '../../gateway/credential';
import { Principals } from '../../gateway/principal';
import { AUDIENCE, startIssuer } from '../../gateway/testing/issuer';
import { newId } from '../../kernel/ids';
import { logger } from '../../kernel/log';
import { type Person, signPrincipal, verifyPrincipal } from '../../kernel/principal';
import { TrustLevel } from '../../kernel/trust';
import type { Row } from '../main';

const SECRET = 'of-the-benchmark-only-0123456789abcdef';
const WARM = 5_000;
const CALLS = 20_000;
const BODY = JSON.stringify({ query: '{ inbox { nodes { id state } } }', variables: {} });

export async function measurePrincipal(): Promise<Row[]> {
  const person: Person = {
    kind: 'person',
    sessionId: newId(),
    accountId: newId(),
    actingFor: newId(),
    services: null,
    readOnly: false,
    trustLevel: TrustLevel.SUBSTANTIAL,
  };
  const issuer = await startIssuer();
  const identity = http.createServer((request, response) => {
    if (request.url !== '/internal/revocations') return void response.end(JSON.stringify({ principal: person }));
    response.writeHead(200).write('{}\n');
  });
  await new Promise<void>(resolve => identity.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(identity.address() as AddressInfo).port}`;
  const principals = new Principals({
    issuers: [issuer.url],
    audience: AUDIENCE,
    log: logger('bench'),
    identity: { urls: [url], secret: SECRET },
  });
  try {
    principals.start();
    const authorization = `Bearer ${await issuer.token()}`;
    const signedIn = () => principals.of(credentialOf(authorization, undefined)!);
    await signedIn();
    const envelope = { principal: person, requestId: newId(), language: 'de' as const };
    const signed = await signPrincipal(envelope, 'gateway', 'applications', SECRET, BODY);
    const known = await cpuOf(signedIn);
    const sign = await cpuOf(() => signPrincipal(envelope, 'gateway', 'applications', SECRET, BODY));
    const verify = await cpuOf(() => verifyPrincipal(signed, 'gateway', 'applications', [SECRET], BODY));
    return [
      { name: 'principal check: the gateway knows the token, CPU µs (must: at most 100)', ours: known },
      { name: 'principal check: signing for one subgraph, CPU µs', ours: sign },
      { name: 'principal check: a subgraph verifies, CPU µs (must: at most 100)', ours: verify },
    ];
  } finally {
    await principals.stop();
    await issuer.stop();
    identity.closeAllConnections();
    identity.close();
  }
}

/** @returns microseconds of CPU of one call, of this process as a whole */
async function cpuOf(call: () => unknown): Promise<number> {
  for (let n = 0; n < WARM; n += 1) await call();
  const before = process.cpuUsage();
  for (let n = 0; n < CALLS; n += 1) await call();
  const { user, system } = process.cpuUsage(before);
  return Number(((user + system) / CALLS).toPrecision(3));
}
