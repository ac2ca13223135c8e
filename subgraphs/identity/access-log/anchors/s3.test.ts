/** Anchors in an S3 bucket, beyond the contract: what a wrong key, a busy store and its administrator do. */
import { startS3, type TestS3 } from '../../testing/s3';
import { AnchorTaken, type StoredAnchor } from './anchor';
import { s3Anchors } from './s3';

let s3: TestS3;
beforeEach(async () => {
  s3 = await startS3('a/b');
});
afterEach(() => s3.stop());

async function all(): Promise<StoredAnchor[]> {
  const found: StoredAnchor[] = [];
  for await (const one of s3Anchors(s3).read()) found.push(one);
  return found;
}

test('are named below the given beginning, and read in pages past what is none of ours', async () => {
  for (const number of [1, 2, 3, 4, 5]) await s3Anchors(s3).put(number, `text ${number}`);
  s3.objects.set('a/b/readme.txt', 'no anchor');
  s3.objects.set('other/0000000009.anchor', 'of somebody else');
  expect([...s3.objects.keys()][0]).toBe('a/b/0000000001.anchor');
  expect((await all()).map(({ number }) => number)).toEqual([1, 2, 3, 4, 5]);
});

test('are refused with a wrong key, without a word about the place', async () => {
  const store = s3Anchors({ ...s3, secret: 'another' });
  await expect(store.put(1, 'text')).rejects.toThrow(/^The place of the anchors answered 403\.$/);
  expect(s3.objects.size).toBe(0);
});

test('are put again while the store is busy, and not given up for good when it stays so', async () => {
  s3.fail(2);
  await s3Anchors(s3).put(1, 'text');
  expect(await all()).toHaveLength(1);
  s3.fail(3);
  await expect(s3Anchors(s3).put(2, 'text')).rejects.toThrow('503');
  await s3Anchors(s3).put(2, 'text');
});

test('are not replaced in a store that takes every write', async () => {
  s3.careless = true;
  await s3Anchors(s3).put(1, 'text');
  await expect(s3Anchors(s3).put(1, 'other')).rejects.toBeInstanceOf(AnchorTaken);
  expect(await all()).toEqual([{ number: 1, text: 'text' }]);
});

test('are not put over those of somebody who was faster, and are fine where both had the same to say', async () => {
  s3.onPut = name => s3.objects.set(name, 'of another process');
  await expect(s3Anchors(s3).put(1, 'text')).rejects.toBeInstanceOf(AnchorTaken);
  await s3Anchors(s3).put(2, 'of another process');
  expect(await all()).toEqual([1, 2].map(number => ({ number, text: 'of another process' })));
});
