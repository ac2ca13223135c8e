/** A server that speaks as much of S3 as anchors need: signed requests, conditional writes, lists in pages of two. */
import { createHash } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Place } from '../access-log/anchors/s3';

const A_PAGE = 2;

export interface TestS3 extends S3Place {
  /** Name → text, as an administrator of the storage could change it. */
  readonly objects: Map<string, string>;
  /** Answers so many requests with 503 from now on. */
  fail(times: number): void;
  /** Takes every write, as stores do that know no `If-None-Match`. */
  careless: boolean;
  /** Runs when a write has come and before it is done: somebody else may be faster. */
  onPut: ((name: string) => void) | null;
  stop(): Promise<void>;
}

export async function startS3(prefix = 'anchors'): Promise<TestS3> {
  const objects = new Map<string, string>();
  const key = { region: 'eu-test-1', keyId: 'test-key', secret: 'test-secret-of-storage' };
  let failing = 0;
  const server = http.createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const answer = (status: number, text = '') => void response.writeHead(status).end(text);
    if (failing > 0) {
      failing -= 1;
      return answer(503);
    }
    const url = new URL(request.url!, `http://${request.headers.host}`);
    if (!(await isSigned(request, url, body))) return answer(403);
    const [, bucket, ...rest] = url.pathname.split('/');
    const name = rest.join('/');
    if (bucket !== 'bucket') return answer(404);
    if (request.method === 'PUT') {
      world.onPut?.(name);
      if (objects.has(name) && request.headers['if-none-match'] === '*' && !world.careless) return answer(412);
      objects.set(name, body.toString());
      return answer(200);
    }
    if (name !== '') return objects.has(name) ? answer(200, objects.get(name)) : answer(404);
    const after = url.searchParams.get('continuation-token')?.replace(/^after<&>/, '') ?? '';
    const found = [...objects.keys()]
      .filter(one => one.startsWith(url.searchParams.get('prefix') ?? '') && one > after)
      .sort();
    const page = found.slice(0, A_PAGE);
    const more = found.length > A_PAGE;
    answer(
      200,
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${more}</IsTruncated>${page.map(one => `<Contents><Key>${one}</Key></Contents>`).join('')}${
        more ? `<NextContinuationToken>after&lt;&amp;&gt;${page.at(-1)}</NextContinuationToken>` : ''
      }</ListBucketResult>`,
    );
  });

  /** Signed with the key of the bucket, over what was sent? */
  async function isSigned(request: http.IncomingMessage, url: URL, body: Buffer): Promise<boolean> {
    const { authorization = '', 'x-amz-date': datetime, 'x-amz-content-sha256': hash } = request.headers;
    const named = /SignedHeaders=([^,]*)/.exec(authorization)?.[1]?.split(';') ?? [];
    if (typeof datetime !== 'string' || named.length === 0) return false;
    if (hash !== 'UNSIGNED-PAYLOAD' && hash !== createHash('sha256').update(body).digest('hex')) return false;
    const signer = new AwsV4Signer({
      method: request.method!,
      url: url.href,
      headers: Object.fromEntries(named.filter(one => one !== 'host').map(one => [one, String(request.headers[one])])),
      ...(body.length > 0 && { body: new Uint8Array(body) }),
      accessKeyId: key.keyId,
      secretAccessKey: key.secret,
      region: key.region,
      service: 's3',
      datetime,
      allHeaders: true,
    });
    return (await signer.sign()).headers.get('authorization') === authorization;
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const world: TestS3 = {
    ...key,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/${prefix}`,
    objects,
    fail(times) {
      failing = times;
    },
    careless: false,
    onPut: null,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return world;
}
