/** Batched loads of what a desk notes. */
import { batch, groupBy } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { FollowUp, Note } from './note.entity';
import { followUpRights, noteRights } from './note.rights';

/** Oldest first; the newest hundred. */
export const notesOfApplication = batch<string, Note[]>(async (ids, ctx) => {
  if (!noteRights.maySee(null, ctx.asker)) return new Map();
  const found = await ctx.read(tx =>
    rows(
      tx,
      Note,
      `SELECT * FROM (SELECT note.*, row_number() OVER (PARTITION BY application_id ORDER BY id DESC) AS place
         FROM note WHERE application_id = ANY($1)) AS newest WHERE place <= 100 ORDER BY id`,
      [ids],
    ),
  );
  return groupBy(found, note => note.applicationId);
});

/** Open ones first, then by their day; at most a hundred. */
export const followUpsOfApplication = batch<string, FollowUp[]>(async (ids, ctx) => {
  const found = await ctx.read(tx =>
    rows(
      tx,
      FollowUp,
      `SELECT * FROM (SELECT follow_up.*, row_number() OVER (PARTITION BY application_id
           ORDER BY completed_at IS NOT NULL, due_on, id) AS place
         FROM follow_up WHERE application_id = ANY($1)) AS first WHERE place <= 100 ORDER BY place`,
      [ids],
    ),
  );
  return groupBy(
    found.filter(followUp => followUpRights.maySee(followUp, ctx.asker)),
    followUp => followUp.applicationId,
  );
});
