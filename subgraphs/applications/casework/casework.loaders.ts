/** Batched loads of archive records; whose application the asker may see decides. */
import { batch, byKey } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { ArchiveRecord } from './archive-record.entity';

export const archiveRecordOf = batch<string, ArchiveRecord>(async (ids, ctx) =>
  byKey(
    await ctx.read(tx => rows(tx, ArchiveRecord, 'SELECT * FROM archive_record WHERE application_id = ANY($1)', [ids])),
    record => record.applicationId,
  ),
);
