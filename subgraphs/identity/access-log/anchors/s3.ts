/**
 * Anchors as objects of an S3 bucket that are written once (`If-None-Match: *`). Give the bucket an object lock in
 * compliance mode, so that nobody can delete or replace what is there, and the key no more than PutObject, GetObject, ListBucket.
 */

import { AwsClient } from 'aws4fetch';
import { timeLimit } from '../../../../kernel/limit';
import { outside } from '../../../../kernel/request';
import { type AnchorStore, AnchorTaken, anchorName, anchorNumber } from './anchor';

export interface S3Place {
  /** Address of the bucket, with the first part of all names if it holds other things too: `https://s3.example/bucket/anchors`. */
  readonly url: string;
  readonly region: string;
  readonly keyId: string;
  readonly secret: string;
}

const TIMEOUT_MS = 10_000;
const TRIES = 3;

export function s3Anchors({ url, region, keyId, secret }: S3Place): AnchorStore {
  const client = new AwsClient({
    accessKeyId: keyId,
    secretAccessKey: secret,
    region,
    service: 's3',
    retries: TRIES - 1,
  });
  const [bucket, prefix] = placeOf(url);

  /** @throws Error without the address, which may name more than a log should know */
  async function ask(address: string, init: RequestInit, fine: readonly number[]): Promise<Response> {
    const signal = timeLimit('ANCHOR_PLACE_TIMEOUT_MS', TIMEOUT_MS);
    const response = await outside(() => client.fetch(address, { ...init, signal, redirect: 'error' }));
    if (response.ok || fine.includes(response.status)) return response;
    throw new Error(`The place of the anchors answered ${response.status}.`);
  }

  const addressOf = (name: string) => `${bucket}/${prefix}${name}`;

  async function written(name: string): Promise<string | null> {
    const response = await ask(addressOf(name), { method: 'GET' }, [404]);
    return response.status === 404 ? null : response.text();
  }

  async function* names(): AsyncGenerator<string, void, undefined> {
    for (let after: string | null = ''; after !== null; ) {
      const query: Record<string, string> = { 'list-type': '2', prefix };
      if (after) query['continuation-token'] = after;
      const page = await (await ask(`${bucket}/?${new URLSearchParams(query)}`, { method: 'GET' }, [])).text();
      for (const [, name] of page.matchAll(/<Key>([^<]*)<\/Key>/g)) yield plain(name!).slice(prefix.length);
      after = plain(/<NextContinuationToken>([^<]*)<\/NextContinuationToken>/.exec(page)?.[1] ?? '') || null;
    }
  }

  return {
    name: 's3',
    async put(number, text) {
      const name = anchorName(number);
      // 409: another one is just being written under that name
      const init = { method: 'PUT', body: text, headers: { 'if-none-match': '*', 'content-type': 'text/plain' } };
      const before = await written(name); // for a store that knows no conditions
      const taken = before !== null || !(await ask(addressOf(name), init, [409, 412])).ok;
      if (taken && (before ?? (await written(name))) !== text) throw new AnchorTaken(number);
    },
    find(number) {
      return written(anchorName(number));
    },
    async *read() {
      for await (const name of names()) {
        const number = anchorNumber(name);
        if (number === null) continue;
        const text = await written(name);
        if (text !== null) yield { number, text };
      }
    },
  };
}

/** @returns the address of the bucket, and what all names begin with */
function placeOf(url: string): [bucket: string, prefix: string] {
  const { origin, pathname } = new URL(url);
  const [bucket = '', ...rest] = pathname.split('/').filter(Boolean);
  return [bucket ? `${origin}/${bucket}` : origin, rest.map(part => `${part}/`).join('')];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const plain = (xml: string): string => xml.replace(/&(\w+);/g, (whole, name: string) => ENTITIES[name] ?? whole);
