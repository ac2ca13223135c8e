/** Batched loads around the session. */
import { batch } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { Account } from '../accounts/account.entity';
import { representedSql } from '../accounts/account.rights';
import type { Session } from './session.entity';
import { sessionRights } from './session.rights';
import { findSession } from './session.service';

const SELF = 'self';

/** The asker's own session; its one key is `self`. */
const sessions = batch<string, Session>(async (_, ctx) => {
  const session = await ctx.read(tx => findSession(tx, ctx.asker));
  return new Map(session && sessionRights.maySee(session, ctx.asker) ? [[SELF, session]] : []);
});
export const ownSession = (ctx: Parameters<typeof sessions>[0]): Promise<Session | null> => sessions(ctx).load(SELF);

/** The accounts that somebody may act for, at most 100 each. */
export const representedBy = batch<string, Account[]>(async (ids, ctx) => {
  const found = new Map<string, Account[]>();
  for (const id of ids) {
    const sql = `SELECT account.* FROM account JOIN (${representedSql}) AS represented USING (id) ORDER BY id LIMIT 100`;
    found.set(id, await ctx.read(tx => rows(tx, Account, sql, [id])));
  }
  return found;
});
