import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newId } from '../../../../kernel/ids';
import { fileSystemStore } from './file-system';
import { STORES } from './index';
import type { DocumentStore } from './store';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'documents-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Each store of the registry, in a place of its own for the test. */
const UNDER_TEST: Record<string, () => DocumentStore> = { 'file-system': () => fileSystemStore(folder) };

async function* pieces(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}

const read = async (store: DocumentStore, key: string) => {
  const found = await store.get(key);
  if (!found) return null;
  const parts: Buffer[] = [];
  for await (const part of found) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
};

test('every store of the registry is held to the contract', () => {
  expect(Object.keys(UNDER_TEST)).toEqual(Object.keys(STORES));
});

describe.each(Object.entries(UNDER_TEST))('the contract of a document store: %s', (_, make) => {
  const store = make();

  test('gives back what was put, and replaces it as a whole', async () => {
    const key = newId();
    await store.put(key, pieces('ab', 'c'));
    expect(await read(store, key)).toBe('abc');
    await store.put(key, Buffer.from('d'));
    expect(await read(store, key)).toBe('d');
  });

  test('keeps nothing of bytes that break off, and what was there before stays', async () => {
    const key = newId();
    async function* broken() {
      yield Buffer.from('half');
      throw new Error('The line is cut.');
    }
    await expect(store.put(key, broken())).rejects.toThrow('The line is cut.');
    expect(await read(store, key)).toBeNull();
    await store.put(key, Buffer.from('whole'));
    await expect(store.put(key, broken())).rejects.toThrow();
    expect(await read(store, key)).toBe('whole');
  });

  test('deletes, also what is not there', async () => {
    const key = newId();
    await store.put(key, Buffer.from('a'));
    await store.delete(key);
    await store.delete(key);
    expect(await read(store, key)).toBeNull();
  });

  test('takes no key that is not generated', async () => {
    for (const key of ['../../etc/passwd', 'a/b', '']) await expect(store.put(key, Buffer.from('a'))).rejects.toThrow();
  });
});

test('nothing but finished files lies in the folder', () => {
  const files = fs.readdirSync(folder, { recursive: true }).filter(name => String(name).endsWith('.part'));
  expect(files).toEqual([]);
});
