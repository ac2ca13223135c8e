/** The simulated trade register against a double of the platform and the real development OpenID provider. */
import { createHash } from 'node:crypto';
import { MACHINES } from '../demo/facts';
import { fieldsOf, json, type Listening, listen, web } from '../http';
import { type OpenIdProviders, startOpenIdProviders } from '../openid/openid';
import { type LineOfBusiness, startLineOfBusiness } from './line-of-business';

const [MACHINE] = MACHINES;
const PACKAGE = Buffer.from('answers, documents and history');
const HASH = createHash('sha256').update(PACKAGE).digest('hex');

let openid: OpenIdProviders;
let platform: Listening;
let register: LineOfBusiness;
/** What the double of the platform was asked, and how it answers. */
let asked: { operation: string; input: Record<string, unknown>; bearer: string }[] = [];
let answers: { handover: unknown; acknowledgement: unknown };

beforeAll(async () => {
  openid = await startOpenIdProviders({ port: 0, platformRedirectUris: [], audience: 'https://graph.example/graphql' });
  platform = await listen('the platform', web(graph), { port: 0 });
  register = await startLineOfBusiness({
    port: 0,
    graphUrl: `${platform.url}/graphql`,
    issuer: openid.issuers.staff,
    clientId: MACHINE.clientId,
    clientSecret: MACHINE.secret,
  });
});
afterAll(() => Promise.all([register.stop(), platform.stop(), openid.stop()]));
beforeEach(() => {
  asked = [];
  answers = {
    handover: {
      id: 'h1',
      version: 2,
      state: 'SENT',
      system: MACHINE.clientId,
      contentHash: HASH,
      downloadUrl: `${platform.url}/package`,
    },
    acknowledgement: { handover: { id: 'h1', version: 3, state: 'ACKNOWLEDGED' }, refusal: null },
  };
});

async function graph(request: Request, url: URL): Promise<Response> {
  if (url.pathname === '/package') return new Response(PACKAGE);
  const { operationName, variables } = (await fieldsOf(request)) as {
    operationName: string;
    variables: { input?: Record<string, unknown> };
  };
  asked.push({
    operation: operationName,
    input: variables.input ?? {},
    bearer: request.headers.get('authorization')?.replace('Bearer ', '') ?? '',
  });
  return json({
    data:
      operationName === 'Story24Fetch'
        ? { handover: answers.handover }
        : { acknowledgeHandover: answers.acknowledgement },
  });
}

async function call(path: string, body?: object, accept = 'application/json') {
  const response = await fetch(register.url + path, {
    method: body ? 'POST' : 'GET',
    headers: { accept, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  return { status: response.status, text: await response.text() };
}
const handOver = (handoverId: string, contentHash = HASH) =>
  call('/handovers', { handoverId, system: MACHINE.clientId, contentHash });
const read = async (path: string) => JSON.parse((await call(path)).text);

describe('a hand-over', () => {
  it('is taken once, however often it comes, and never acknowledged by itself', async () => {
    expect((await handOver('h-once')).status).toBe(202);
    expect((await handOver('h-once')).status).toBe(202);
    const listed = (await read('/handovers')) as { handoverId: string; state: string }[];
    expect(listed.filter(each => each.handoverId === 'h-once')).toMatchObject([{ state: 'RECEIVED' }]);
    expect(asked).toEqual([]);
  });

  it('with the same id and another content is refused', async () => {
    await handOver('h-other');
    expect((await handOver('h-other', 'f'.repeat(64))).status).toBe(409);
    expect((await call('/handovers', { handoverId: 'h2', system: '' })).status).toBe(400);
  });

  it('is listed as a page for browsers', async () => {
    await handOver('h<page>');
    const { text } = await call('/handovers', undefined, 'text/html');
    expect(text).toContain('h&lt;page&gt;');
  });
});

describe('acknowledging', () => {
  it('gets a token of its own, downloads, hashes the bytes and tells the graph', async () => {
    await handOver('h1');
    const { status, text } = await call('/handovers/h1/acknowledge', { externalReference: 'GR-2027-17' });
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({
      state: 'ACKNOWLEDGED',
      externalReference: 'GR-2027-17',
      outcome: { contentHash: HASH, byteSize: PACKAGE.length, hashMatches: true, refusal: null },
    });
    expect(asked.map(each => each.operation)).toEqual(['Story24Fetch', 'Story24Acknowledge']);
    expect(asked[1]?.input).toEqual({
      handoverId: 'h1',
      accepted: true,
      externalReference: 'GR-2027-17',
      contentHash: HASH,
      expectedVersion: 2,
    });
    const { decodeJwt } = await import('jose');
    expect(decodeJwt(asked[1]?.bearer ?? '')).toMatchObject({ sub: MACHINE.clientId, scope: 'handover:acknowledge' });
    expect(await read('/handovers/h1')).toMatchObject({ state: 'ACKNOWLEDGED' });

    await call('/handovers/h1/acknowledge', {});
    expect(asked).toHaveLength(2); // twice is once
  });

  it('sends the hash of the bytes that came, not the one that was announced', async () => {
    answers.handover = { ...(answers.handover as object), contentHash: '0'.repeat(64) };
    await handOver('h-tampered');
    const { text } = await call('/handovers/h-tampered/acknowledge', {});
    expect(asked[1]?.input).toMatchObject({ contentHash: HASH });
    expect(JSON.parse(text)).toMatchObject({ outcome: { hashMatches: false } });
  });

  it('may say no with a reason', async () => {
    await handOver('h-no');
    const { text } = await call('/handovers/h-no/acknowledge', {
      accepted: false,
      rejectionReason: 'falsches Register',
    });
    expect(asked[1]?.input).toMatchObject({ accepted: false, rejectionReason: 'falsches Register' });
    expect(JSON.parse(text)).toMatchObject({ state: 'REJECTED', externalReference: null });
  });

  it('can be tried again after a refusal of the platform', async () => {
    await handOver('h-again');
    const good = answers.acknowledgement;
    answers.acknowledgement = { handover: null, refusal: { code: 'VERSION_CONFLICT' } };
    const refused = await call('/handovers/h-again/acknowledge', {});
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({
      state: 'RECEIVED',
      outcome: { refusal: { code: 'VERSION_CONFLICT' } },
    });
    answers.acknowledgement = good;
    expect((await call('/handovers/h-again/acknowledge', {})).status).toBe(200);
  });

  it('names the step that failed', async () => {
    await handOver('h-gone');
    answers.handover = null;
    const { status, text } = await call('/handovers/h-gone/acknowledge', {});
    expect({ status, ...JSON.parse(text) }).toEqual({
      status: 502,
      code: 'PLATFORM_FAILED',
      step: 'fetch',
      details: 'not found',
    });
    expect((await call('/handovers/unknown/acknowledge', {})).status).toBe(404);
  });
});
