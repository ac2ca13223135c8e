/** Publishes and withdraws entries; only here does an entry change its state. */
import { addDays, now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import type { Staff } from '../../../kernel/principal';
import { change, checkVersion } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { problem, refuse, refuseProblems } from '../refusals';
import { checkChannel } from '../responsibilities/responsibility.channels';
import { Responsibility } from '../responsibilities/responsibility.entity';
import type { PublishEntryInput, WithdrawEntryInput } from './entry.inputs';
import { type AnyEntry, areaOf, type EntryType, KINDS, leikaKeysOf, subjectOf, typeOf } from './entry.kinds';
import { edits, provenEditor } from './entry.rights';
import { CatalogueState, type EntryAction, entryLifecycle } from './entry.states';

const LONGEST_REASON = 1_000;

/**
 * Publishes a draft. An entry of the same subject that began earlier or on the same day ends the day before; when both
 * begin on the same day, the earlier one is left with an empty period, so that one entry holds on each day.
 * @throws Refusal OVERLAPPING_VALIDITY when another entry begins later within the period, or would go on after it
 * @throws Refusal CHANNEL_NOT_INSTALLED
 */
export async function publishEntry(ctx: Context, input: PublishEntryInput): Promise<AnyEntry> {
  try {
    return await ctx.write(async tx => {
      const { staff, area } = await provenEditor(tx, ctx.principal, 'catalogue:publish');
      const entry = await lockedEntry(tx, input.entryId, area);
      checkVersion(entry, input.expectedVersion);
      entryLifecycle.step(entry.state, 'publishEntry', MUTATIONS);
      if (entry instanceof Responsibility) checkChannel(entry);
      await makeRoom(tx, entry, staff);
      return move(tx, entry, 'publishEntry', staff, { publishedAt: now() });
    });
  } catch (error) {
    // the database's own wall against two that are published at the same moment
    if (brokenConstraint(error)?.endsWith('_overlap'))
      throw refuse('OVERLAPPING_VALIDITY', { values: { period: '…' } });
    throw error;
  }
}

/**
 * Ends a published entry on a day from today on, or discards a draft.
 * @throws Refusal VALIDATION_FAILED when the day lies in the past or after the present end
 */
export function withdrawEntry(ctx: Context, input: WithdrawEntryInput): Promise<AnyEntry> {
  return ctx.write(async tx => {
    const { staff, area } = await provenEditor(tx, ctx.principal, 'catalogue:publish');
    const entry = await lockedEntry(tx, input.entryId, area);
    checkVersion(entry, input.expectedVersion);
    entryLifecycle.step(entry.state, 'withdrawEntry', MUTATIONS);
    const reason = input.reason.trim();
    if (reason === '') refuseProblems([problem('/reason', 'EMPTY')]);
    if (reason.length > LONGEST_REASON) refuseProblems([problem('/reason', 'TOO_LONG')]);
    if (entry.publishedAt === null) return move(tx, entry, 'withdrawEntry', staff, { changeNote: reason });
    const last = input.validTo ?? today();
    const ended = entry.validTo !== null && entry.validTo < last;
    if (last < today() || (ended && input.validTo)) refuseProblems([problem('/validTo', 'BAD_END')]);
    // one that would begin only after its last day never holds
    const validTo = ended ? entry.validTo : later(last, addDays(entry.validFrom, -1));
    return move(tx, entry, 'withdrawEntry', staff, { changeNote: reason, validTo });
  });
}

const later = (a: string, b: string): string => (a.localeCompare(b) > 0 ? a : b);

const MUTATIONS = ['publishEntry', 'withdrawEntry'];

/** @throws NOT_FOUND for what the editor may not see, FORBIDDEN for what is published by others */
async function lockedEntry(tx: Tx, id: string, area: string): Promise<AnyEntry> {
  for (const { entity, table } of Object.values(KINDS)) {
    const [seen] = await rows(tx, entity, `SELECT * FROM ${table} WHERE id = $1`, [id]);
    if (!seen) continue;
    if (!edits(area, areaOf(seen))) throw seen.publishedAt ? forbidden() : notFound();
    // after the rights: a row of others cannot be locked through row-level security
    const [entry] = await rows(tx, entity, `SELECT * FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
    if (entry) return entry;
  }
  throw notFound();
}

async function makeRoom(tx: Tx, entry: AnyEntry, staff: Staff): Promise<void> {
  const { entity, table, subject } = KINDS[typeOf(entry)];
  const values = subjectOf(entry);
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, [[table, ...values].join(' ')]);
  const others = await rows(
    tx,
    entity,
    `SELECT * FROM ${table} WHERE ${subject.map((column, i) => `${column} = $${i + 3}`).join(' AND ')}
       AND published_at IS NOT NULL AND daterange(valid_from, valid_to + 1) && daterange($1::date, $2::date + 1)
     ORDER BY valid_from FOR UPDATE`,
    [entry.validFrom, entry.validTo, ...values],
  );
  for (const other of others) {
    const goesOn = entry.validTo !== null && (other.validTo === null || other.validTo > entry.validTo);
    if (other.validFrom > entry.validFrom || goesOn) {
      throw refuse('OVERLAPPING_VALIDITY', {
        values: { period: `${other.validFrom} – ${other.validTo ?? '…'}` },
        allowedActions: ['withdrawEntry'],
      });
    }
    const validTo = addDays(entry.validFrom, -1);
    if (other.state === CatalogueState.PUBLISHED) await move(tx, other, 'supersede', staff, { validTo });
    else await change(tx, entity, other, { validTo, changedAt: now() });
  }
}

const KIND_OF = { publishEntry: 'PUBLISHED', supersede: 'SUPERSEDED', withdrawEntry: 'WITHDRAWN' } as const;

/** The one writer of states; its event is the history that the public sees. */
async function move(
  tx: Tx,
  entry: AnyEntry,
  action: EntryAction,
  staff: Staff,
  changes: Partial<Pick<AnyEntry, 'publishedAt' | 'validTo' | 'changeNote'>>,
): Promise<AnyEntry> {
  const type: EntryType = typeOf(entry);
  const state = entryLifecycle.step(entry.state, action, MUTATIONS) as CatalogueState;
  const moved = await change(tx, KINDS[type].entity, entry, {
    ...changes,
    state,
    changedAt: now(),
    changedById: staff.staffMemberId,
  });
  if (moved.publishedAt !== null) {
    await publish(tx, 'catalogue.entry-changed', moved.id, {
      entryId: moved.id,
      entryType: type,
      kind: KIND_OF[action],
      leikaKeys: await leikaKeysOf(tx, moved),
      ars: areaOf(moved),
    });
  }
  return moved;
}
