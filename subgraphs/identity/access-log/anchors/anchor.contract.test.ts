/** What every place for anchors promises. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startTimeStampAuthority } from '../../../../dev/time-stamp/authority';
import { startS3 } from '../../testing/s3';
import { type AnchorStore, AnchorTaken, type StoredAnchor } from './anchor';
import { fileAnchors } from './file';
import { ANCHOR_STORES } from './index';
import { s3Anchors } from './s3';
import { stampedAnchors } from './stamped';
import { readRoots } from './time-stamp';

interface Place {
  readonly store: AnchorStore;
  close(): Promise<void>;
}

/** Each store of the registry, in a place of its own for the test. */
const UNDER_TEST: Record<string, () => Promise<Place>> = {
  async file() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'anchors-'));
    return { store: fileAnchors(folder), close: async () => fs.rmSync(folder, { recursive: true }) };
  },
  async s3() {
    const s3 = await startS3();
    return { store: s3Anchors(s3), close: s3.stop };
  },
  async 'file, time-stamped'() {
    const { store, close } = await UNDER_TEST.file!();
    const authority = await startTimeStampAuthority();
    return {
      store: stampedAnchors(store, { url: authority.url, roots: readRoots(authority.root) }),
      close: async () => void (await Promise.all([close(), authority.stop()])),
    };
  },
};

async function all(store: AnchorStore): Promise<StoredAnchor[]> {
  const found: StoredAnchor[] = [];
  for await (const { number, text } of store.read()) found.push({ number, text });
  return found;
}

test('every store of the registry is held to the contract', () => {
  expect(Object.keys(UNDER_TEST)).toEqual([...Object.keys(ANCHOR_STORES), 'file, time-stamped']);
});

describe.each(Object.entries(UNDER_TEST))('the contract of a place for anchors: %s', (_, open) => {
  let place: Place;
  beforeEach(async () => {
    place = await open();
  });
  afterEach(() => place.close());

  test('gives back every text in the order of the numbers', async () => {
    expect(await all(place.store)).toEqual([]);
    for (const number of [2, 1, 10_001, 10, 9]) await place.store.put(number, `text ${number} ä\nsignature\n`);
    expect(await all(place.store)).toEqual(
      [1, 2, 9, 10, 10_001].map(number => ({ number, text: `text ${number} ä\nsignature\n` })),
    );
  });

  test('finds one by its number', async () => {
    await place.store.put(3, 'three');
    expect(await place.store.find(3)).toBe('three');
    expect(await place.store.find(4)).toBeNull();
  });

  test('takes the same text twice and another one never, also when both come at once', async () => {
    await place.store.put(1, 'one');
    await place.store.put(1, 'one');
    await expect(place.store.put(1, 'other')).rejects.toBeInstanceOf(AnchorTaken);
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map(text => place.store.put(2, text)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await all(place.store)).toMatchObject([{ text: 'one' }, { number: 2 }]);
  });
});
