/** The clock that deletes idle drafts (§ 8a OZG). */
import { today } from '../../../kernel/clock';
import { type Database, rows } from '../../../kernel/database/database';
import { logger } from '../../../kernel/log';
import { serviceOf } from '../../../kernel/principal';
import { repeat } from '../../../kernel/repeat';
import { Application } from '../application/application.entity';
import { destroyDraft } from './draft.service';

const EVERY_MS = 10 * 60_000;

/** Deletes the drafts whose last day is over, one transaction each. @returns how many */
export async function expireDrafts(db: Database): Promise<number> {
  for (let expired = 0; ; expired++) {
    const one = await db.tx(serviceOf('applications'), async tx => {
      const [draft] = await rows(
        tx,
        Application,
        `SELECT * FROM application WHERE state = 'DRAFT' AND next_due_on < $1
         ORDER BY next_due_on LIMIT 1 FOR UPDATE SKIP LOCKED`,
        [today()],
      );
      if (draft) await destroyDraft(tx, draft, 'expireDraft', null);
      return draft !== undefined;
    });
    if (!one) return expired;
  }
}

/** Looks at once and then every ten minutes. */
export function startDraftExpiry(db: Database): () => Promise<void> {
  return repeat(
    EVERY_MS,
    () => expireDrafts(db),
    error => logger(db.name).warn('idle drafts could not be deleted, will try again', { error }),
    { atOnce: true },
  );
}
