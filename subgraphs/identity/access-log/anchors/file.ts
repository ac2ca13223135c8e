/** Anchors as files that are written once: put the folder on another machine, or on a medium that cannot be rewritten. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { type AnchorStore, AnchorTaken, anchorName, anchorNumber } from './anchor';

/** So many in a folder that none grows too long. */
const A_FOLDER = 10_000;

const isCode = (error: unknown, code: string): boolean => (error as NodeJS.ErrnoException).code === code;

export function fileAnchors(folder: string): AnchorStore {
  const folderOf = (number: number) => path.join(folder, String(Math.floor(number / A_FOLDER)).padStart(6, '0'));

  async function written(file: string): Promise<string | null> {
    try {
      return await fs.promises.readFile(file, 'utf8');
    } catch (error) {
      if (isCode(error, 'ENOENT')) return null;
      throw error;
    }
  }

  return {
    name: 'file',
    async put(number, text) {
      const parent = folderOf(number);
      const file = path.join(parent, anchorName(number));
      const before = await written(file);
      if (before !== null) {
        if (before !== text) throw new AnchorTaken(number);
        return;
      }
      await fs.promises.mkdir(parent, { recursive: true, mode: 0o700 });
      const part = `${file}.${randomBytes(4).toString('hex')}.part`;
      const handle = await fs.promises.open(part, 'w', 0o400);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      try {
        await fs.promises.link(part, file); // unlike rename it never replaces
      } catch (error) {
        if (!isCode(error, 'EEXIST')) throw error;
        if ((await written(file)) !== text) throw new AnchorTaken(number);
      } finally {
        await fs.promises.rm(part, { force: true });
      }
    },
    find(number) {
      return written(path.join(folderOf(number), anchorName(number)));
    },
    async *read() {
      for (const parent of await namesIn(folder)) {
        for (const name of await namesIn(path.join(folder, parent))) {
          const number = anchorNumber(name);
          if (number === null) continue;
          yield { number, text: await fs.promises.readFile(path.join(folder, parent, name), 'utf8') };
        }
      }
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await fs.promises.readdir(folder)).sort();
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR')) return [];
    throw error;
  }
}
