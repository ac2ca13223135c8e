/** The three kinds of entries, and what makes each of them one of its kind. */
import type { Tx } from '../../../kernel/database/database';
import { OnlineServiceVersion } from '../online-services/online-service.entity';
import { Responsibility } from '../responsibilities/responsibility.entity';
import { ServiceVersion } from '../services/service.entity';
import type { CatalogueEntry } from './entry.entity';

export type AnyEntry = ServiceVersion | Responsibility | OnlineServiceVersion;
export type EntryType = 'ServiceVersion' | 'Responsibility' | 'OnlineServiceVersion';

interface EntryKind {
  readonly entity: new () => AnyEntry;
  readonly table: string;
  /** The columns of what an entry is about: of one subject, one entry holds on a day. */
  readonly subject: readonly string[];
}

export const KINDS: Readonly<Record<EntryType, EntryKind>> = {
  ServiceVersion: { entity: ServiceVersion, table: 'service_version', subject: ['leika_key'] },
  Responsibility: { entity: Responsibility, table: 'responsibility', subject: ['leika_key', 'ars'] },
  OnlineServiceVersion: {
    entity: OnlineServiceVersion,
    table: 'online_service_version',
    subject: ['online_service_id'],
  },
};

export function typeOf(entry: CatalogueEntry): EntryType {
  if (entry instanceof Responsibility) return 'Responsibility';
  return entry instanceof ServiceVersion ? 'ServiceVersion' : 'OnlineServiceVersion';
}

/** The values of the subject's columns. */
export function subjectOf(entry: AnyEntry): string[] {
  if (entry instanceof Responsibility) return [entry.leikaKey, entry.ars];
  return [entry instanceof ServiceVersion ? entry.leikaKey : entry.onlineServiceId];
}

/** The area an entry holds for; null for a service, which holds everywhere. */
export const areaOf = (entry: AnyEntry): string | null => (entry instanceof ServiceVersion ? null : entry.ars);

export async function leikaKeysOf(tx: Tx, entry: AnyEntry): Promise<string[]> {
  if (!(entry instanceof OnlineServiceVersion)) return [entry.leikaKey];
  const [row]: [{ leika_keys: string[] }] = await tx.query(`SELECT leika_keys FROM online_service WHERE id = $1`, [
    entry.onlineServiceId,
  ]);
  return row.leika_keys;
}
