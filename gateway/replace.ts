/** What a file says is used as soon as it is written; when it is no good nothing changes. */
import { type Stats, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
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

/** @returns what stops the watching */
export function whenWritten(file: string, log: Log, { take, taken, refused }: Taking): () => void {
  const changed = async () => {
    try {
      take(await readFile(file, 'utf8'));
      log.info(taken);
    } catch (error) {
      log.error(refused, { error });
    }
  };
  // one that is not there yet, or being replaced, says nothing
  const heard = ({ nlink }: Stats) => void (nlink > 0 && changed());
  watchFile(file, { interval: LOOK_MS, persistent: false }, heard);
  return () => unwatchFile(file, heard);
}

/** @returns what stops the watching */
export const replaceWhenWritten = (file: string, gateway: Pick<RunningGateway, 'replace'>, log: Log): (() => void) =>
  whenWritten(file, log, {
    take: text => gateway.replace(text),
    taken: 'another supergraph is served',
    refused: 'the new supergraph is not served: the old one stays',
  });
