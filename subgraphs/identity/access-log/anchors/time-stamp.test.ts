/** Time stamps of an authority that speaks RFC 3161, and what one that lies or breaks may not achieve. */
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startTimeStampAuthority, type TimeStampAuthority } from '../../../../dev/time-stamp/authority';
import { AnchorTaken, anchorName, type StoredAnchor } from './anchor';
import { fileAnchors } from './file';
import { stampedAnchors } from './stamped';
import { momentOf, readRoots, requestStamp, StampFlaw } from './time-stamp';
import { TIME_STAMPING } from './time-stamp.names';

let authority: TimeStampAuthority;
let roots: ReturnType<typeof readRoots>;
beforeEach(async () => {
  authority = await startTimeStampAuthority();
  roots = readRoots(authority.root);
});
afterEach(() => authority.stop());

const DAY_MS = 86_400_000;
const stampOf = (text: string) => requestStamp(authority.url, text, roots);

describe('a time stamp', () => {
  test('says when the authority has seen the text', async () => {
    const before = Date.now();
    const at = await momentOf(await stampOf('text ä'), 'text ä', roots);
    expect(at.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    expect(at.getTime()).toBeLessThanOrEqual(Date.now());
  });

  test('of another maker (OpenSSL, RSA) is read as well', async () => {
    const folder = path.join(__dirname, '../../testing/openssl-stamp');
    const stamp = fs.readFileSync(path.join(folder, 'stamp.tsr'));
    const peer = readRoots(fs.readFileSync(path.join(folder, 'root.pem'), 'utf8'));
    const text = 'a text that OpenSSL has stamped';
    expect((await momentOf(stamp, text, peer)).toISOString()).toBe('2026-11-27T17:37:25.000Z');
    await expect(momentOf(stamp, `${text}.`, peer)).rejects.toThrow('it is of another text');
    await expect(momentOf(stamp, text, roots)).rejects.toThrow('its signer is not trusted');
  });

  test('outlives the certificate that signed it, and is none from after its end', async () => {
    const notAfter = new Date(Date.now() - DAY_MS);
    authority.lies = { notAfter, genTime: new Date(notAfter.getTime() - DAY_MS) };
    const stamp = await stampOf('old');
    expect(await momentOf(stamp, 'old', roots)).toEqual(authority.lies.genTime);
    authority.lies = { notAfter };
    await expect(stampOf('new')).rejects.toThrow('its signer is not trusted');
  });

  test.each<[string, TimeStampAuthority['lies'], string]>([
    ['of another text', { otherText: 'other' }, 'it is of another text'],
    ['an answer to another question', { otherNonce: true }, 'it answers another question'],
    ['of a root that nobody trusts', { otherRoot: true }, 'its signer is not trusted'],
    ['of a certificate for servers', { purposes: ['1.3.6.1.5.5.7.3.1'] }, 'its signer may not stamp times'],
    ['of one for stamping and more', { purposes: [TIME_STAMPING, '1.3.6.1.5.5.7.3.3'] }, 'its signer may not stamp'],
    ['of one where the purpose is not critical', { isCritical: false }, 'its signer may not stamp times'],
    ['a rejection', { status: 2 }, 'it was not granted'],
    ['with another signature', { change: flipped(-4) }, 'its signature is wrong'],
    ['with another time', { change: earlier }, 'its signature is wrong'],
    ['cut off', { change: answer => answer.subarray(0, 200) }, 'it cannot be read'],
    ['no stamp at all', { change: () => Buffer.from('<html>') }, 'it cannot be read'],
    ['empty', { change: () => Buffer.alloc(0) }, 'it cannot be read'],
  ])('is refused: %s', async (_, lies, why) => {
    authority.lies = lies;
    const refused = stampOf('text');
    await expect(refused).rejects.toBeInstanceOf(StampFlaw);
    await expect(refused).rejects.toThrow(why);
  });

  test('is not waited for in an answer without end, behind a redirect, or from a broken authority', async () => {
    authority.lies = { change: () => Buffer.alloc(70_000) };
    await expect(stampOf('text')).rejects.toThrow('answers too much');
    const server = http.createServer((request, response) => {
      response.writeHead(request.url === '/moved' ? 307 : 503, { location: authority.url }).end();
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(requestStamp(`${url}/moved`, 'text', roots)).rejects.toThrow();
    await expect(requestStamp(url, 'text', roots)).rejects.toThrow('answered 503');
    expect(authority.asked).toBe(1);
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
  });
});

/** One byte is another one. @param at from the end */
function flipped(at: number) {
  return (answer: Buffer): Buffer => {
    const changed = Buffer.from(answer);
    changed[changed.length + at]! ^= 1;
    return changed;
  };
}

/** Stamped two years before, while the certificate was valid as well. */
function earlier(answer: Buffer): Buffer {
  const changed = Buffer.from(answer);
  const year = new Date().getUTCFullYear();
  changed.write(String(year - 2), changed.indexOf(String(year)), 'latin1');
  return changed;
}

describe('anchors with time stamps', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stamped-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true }));
  const store = () => stampedAnchors(fileAnchors(folder), { url: authority.url, roots });
  const fileOf = (number: number) => path.join(folder, '000000', anchorName(number));
  async function all(from = store()): Promise<StoredAnchor[]> {
    const found: StoredAnchor[] = [];
    for await (const one of from.read()) found.push(one);
    return found;
  }

  test('keep their text, are stamped once, and take no other text', async () => {
    await store().put(1, 'one\n');
    await store().put(1, 'one\n');
    expect(authority.asked).toBe(1);
    await expect(store().put(1, 'other')).rejects.toBeInstanceOf(AnchorTaken);
    expect(authority.asked).toBe(1);
    await Promise.all(['two', 'two', 'two'].map(text => store().put(2, text)));
    const at = expect.stringMatching(/^\d{4}-/);
    expect(await all()).toEqual([
      { number: 1, text: 'one\n', stamp: { at } },
      { number: 2, text: 'two', stamp: { at } },
    ]);
    expect(await store().find(2)).toBe('two');
    expect(await store().find(3)).toBeNull();
  });

  test('are not put while the authority is away or gives no good stamp', async () => {
    authority.lies = { status: 2 };
    await expect(store().put(1, 'one')).rejects.toBeInstanceOf(StampFlaw);
    expect(await all()).toEqual([]);
  });

  test('say what is wrong: a stamp of another anchor, or none', async () => {
    for (const number of [1, 2, 3]) await store().put(number, `text ${number}`);
    const [one, two] = [fs.readFileSync(fileOf(1), 'utf8'), fs.readFileSync(fileOf(2), 'utf8')];
    const write = (number: number, text: string) => {
      fs.rmSync(fileOf(number));
      fs.writeFileSync(fileOf(number), text);
    };
    write(1, one.replace(/\nstamp .*/, two.match(/\nstamp .*/)![0]));
    write(2, 'text 2');
    const at = expect.stringMatching(/^\d{4}-/);
    expect(await all()).toEqual([
      { number: 1, text: 'text 1', stamp: { flaw: 'it is of another text' } },
      { number: 2, text: 'text 2', stamp: null },
      { number: 3, text: 'text 3', stamp: { at } },
    ]);
    expect(await all(stampedAnchors(fileAnchors(folder), null))).toEqual(
      [1, 2, 3].map(number => ({ number, text: `text ${number}` })),
    );
  });
});
