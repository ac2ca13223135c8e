/** Cases and what is still to be paid for them, batched. */
import { setTimeout } from 'node:timers/promises';
import { today } from '../../../kernel/clock';
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Case } from './case.entity';
import { mayReadCase } from './case.rights';
import { amountsDue, isComing } from './case.service';

const WAITS = 40;
const WAIT_MS = 25;

/** Cases the asker may see; one that was begun this very moment is waited for. */
export const caseById = batch<string, Case>(async (ids, ctx) => {
  const find = () => ctx.read(tx => rows(tx, Case, 'SELECT * FROM application WHERE id = ANY($1)', [ids]));
  let found = await find();
  for (let waited = 0; waited < WAITS; waited++) {
    const missing = ids.filter(id => !found.some(one => one.id === id));
    if (missing.length === 0) break;
    const isAwaited = await ctx.read(tx => isComing(tx, missing));
    if (isAwaited) await setTimeout(WAIT_MS);
    found = await find(); // also when nothing is coming: it may have come since they were looked for
    if (!isAwaited) break;
  }
  return byKey(
    found.filter(one => mayReadCase(one, ctx.asker)),
    one => one.id,
  );
});

/** Waits like {@link caseById} before a transaction that reads the case itself. */
export async function awaitCase(ctx: Context, id: string): Promise<void> {
  const before = ctx.again();
  try {
    await caseById(before).load(id);
  } finally {
    await before.close();
  }
}

/** In cents; nothing for cases the asker may not see, and where no fee is known. */
export const amountDueOf = batch<string, number>(async (ids, ctx) => {
  const cases = (await caseById(ctx).loadMany(ids)).filter(one => one instanceof Case);
  // what is due says something of the applicant too: the same entry of the access log as reading the case itself
  for (const { id, accountId, reference } of cases) {
    const subject = { applicationId: id, subjectType: 'Application', subjectId: id };
    ctx.accessed({ accountId, ...subject, action: 'read', purpose: reference ?? 'inbox' });
  }
  return ctx.read(tx => amountsDue(tx, cases, today()));
});
