/** A new supergraph is served as soon as its file is written; one that is no good changes nothing. */
import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Log } from '../kernel/log';
import type { RunningGateway } from './server';

/** Looks at the file itself instead of waiting for the system's word: that does not come through every mounted volume. */
const LOOK_MS = 1_000;

/** @returns what stops the watching */
export function replaceWhenWritten(file: string, gateway: Pick<RunningGateway, 'replace'>, log: Log): () => void {
  const changed = async () => {
    try {
      gateway.replace(await readFile(file, 'utf8'));
      log.info('another supergraph is served');
    } catch (error) {
      log.error('the new supergraph is not served: the old one stays', { error });
    }
  };
  watchFile(file, { interval: LOOK_MS, persistent: false }, () => void changed());
  return () => unwatchFile(file);
}
