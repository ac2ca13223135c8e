/** The document stores: one line each. */
import { fileSystemStore } from './file-system';
import type { DocumentStore } from './store';

export const STORES: Readonly<Record<string, () => DocumentStore>> = {
  'file-system': () => fileSystemStore(),
};

let chosen: DocumentStore | undefined;

/** The store of this process. */
export function documentStore(): DocumentStore {
  chosen ??= STORES['file-system']!();
  return chosen;
}
