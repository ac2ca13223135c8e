/** Documents as files under DATA_DIR/documents; names are generated, never those of users. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { setting } from '../../../../kernel/config';
import { isId } from '../../../../kernel/ids';
import type { DocumentStore } from './store';

/** Two levels of folders, so that none grows too long; the tail of a UUIDv7 is random. */
function fileOf(folder: string, key: string): string {
  if (!isId(key)) throw new Error('A storage key is a generated id.');
  return path.join(folder, key.slice(-2), key.slice(-4, -2), key);
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

export function fileSystemStore(folder: string = path.resolve(setting('DATA_DIR'), 'documents')): DocumentStore {
  return {
    name: 'file-system',
    async put(key, bytes) {
      const file = fileOf(folder, key);
      const parent = path.dirname(file);
      await fs.promises.mkdir(parent, { recursive: true, mode: 0o700 });
      const part = `${file}.${randomBytes(4).toString('hex')}.part`;
      try {
        const handle = await fs.promises.open(part, 'wx', 0o600);
        try {
          for await (const chunk of Buffer.isBuffer(bytes) ? [bytes] : bytes) await handle.writeFile(chunk);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await fs.promises.rename(part, file);
        await syncFolder(parent);
      } catch (error) {
        await fs.promises.rm(part, { force: true });
        throw error;
      }
    },
    async get(key) {
      const stream: Readable = fs.createReadStream(fileOf(folder, key));
      try {
        await once(stream, 'open');
        return stream;
      } catch (error) {
        if (isMissing(error)) return null;
        throw error;
      }
    },
    async delete(key) {
      await fs.promises.rm(fileOf(folder, key), { force: true });
    },
  };
}

/** A renamed file survives a power cut only once its folder is written too. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await fs.promises.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
