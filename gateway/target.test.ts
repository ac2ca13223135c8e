/** What stands in the request line: read in one way by all, or refused. */
import http from 'node:http';
import { originForm } from './target';
import { startWorld, type World } from './testing/world';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

const QUERY = 'query={services{title}}';

async function get(path: string, accept: string) {
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ port: world.gateway.port, path, headers: { accept } }, resolve).on('error', reject);
  });
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, text, headers: response.headers };
}

it.each([
  `http://[::x]/graphql?${QUERY}`,
  `http://[/graphql?${QUERY}`,
  `http://x:99999/graphql?${QUERY}`,
  `http:///graphql?${QUERY}`,
  `/graphql#?${QUERY}`,
  `/public\\graphql?${QUERY}`,
])('%s is refused as a bad request, for streams too', async target => {
  for (const accept of ['application/json', 'text/event-stream', 'multipart/mixed;subscriptionSpec=1.0']) {
    const { status, text, headers } = await get(target, accept);
    const [error] = (JSON.parse(text) as { errors: { extensions: object }[] }).errors;
    expect(error).toMatchObject({
      message: 'The address of the request cannot be read.',
      extensions: { code: 'BAD_REQUEST', retryable: false, requestId: headers['x-request-id'] },
    });
    expect([status, headers['x-content-type-options']]).toEqual([400, 'nosniff']);
  }
});

it.each([`http://x/graphql?${QUERY}`, `HTTPS://x:1/graphql?${QUERY}`])('%s is answered', async target => {
  expect(JSON.parse((await get(target, 'application/json')).text)).toMatchObject({ data: { services: [{}, {}] } });
});

it.each([
  ['/graphql', '/graphql'],
  ['/graphql?a=ä#', '/graphql?a=ä#'],
  ['//[::x]/graphql', '//[::x]/graphql'],
  ['*', '*'],
  ['http://x', '/'],
  ['http://x?a', '/?a'],
  ['http://x/a/../b', '/a/../b'],
  ['http://x/a#b', null],
  ['x', null],
  ['http:x', null],
  ['/graphql\u00a0', null],
])('%s is read as %p', (target, read) => {
  expect(originForm(target)).toBe(read);
});
