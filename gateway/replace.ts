/** What a file says is used as soon as it is written; when it is no good nothing changes. */
import { readFileSync, type Stats, statSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import type { Log } from '../kernel/log';
import type { RunningGateway } from './server';

/** Looks at the file itself instead of waiting for the system's word: that does not come through every mounted volume. */
const LOOK_MS = 1_000;

interface Taking {
  /** @throws Error when the text is no good; then nothing has changed */
  readonly take: (text: string) => void;
  /** What the log says then. */
  readonly taken: string;
  readonly refused: string;
}

/** A file as it was read. */
export interface Written {
  readonly file: string;
  /** Null when there is none yet. */
  readonly text: string | null;
  /** As it was found before it was read, so that nothing written since then is missed. */
  readonly version: string | null;
}

export function readWritten(file: string): Written {
  const version = versionOf(statSync(file, { throwIfNoEntry: false }));
  return { file, version, text: version === null ? null : readFileSync(file, 'utf8') };
}

/**
 * Takes up what is written after the file was read, however long ago that was.
 * @returns what stops the watching
 */
export function whenWritten({ file, version }: Written, log: Log, { take, taken, refused }: Taking): () => void {
  const changed = async () => {
    try {
      take(await readFile(file, 'utf8'));
      log.info(taken);
    } catch (error) {
      log.error(refused, { error });
    }
  };
  let known = version;
  const look = async () => {
    const found = versionOf(await stat(file).catch(() => undefined));
    if (found === known) return;
    known = found;
    if (found !== null) await changed(); // one that is being replaced is not there for a moment
  };
  const timer = setInterval(() => void look(), LOOK_MS).unref();
  return () => clearInterval(timer);
}

const versionOf = (stats: Stats | undefined): string | null =>
  stats ? [stats.ino, stats.size, stats.mtimeMs].join() : null;

/** @returns what stops the watching */
export const replaceWhenWritten = (read: Written, gateway: Pick<RunningGateway, 'replace'>, log: Log): (() => void) =>
  whenWritten(read, log, {
    take: text => gateway.replace(text),
    taken: 'another supergraph is served',
    refused: 'the new supergraph is not served: the old one stays',
  });
