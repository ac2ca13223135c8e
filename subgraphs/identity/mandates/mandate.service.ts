/** Mandates: granted for one's own account or the organisation one manages, never passed on; ended by both sides. */
import { dayOf, now, today } from '../../../kernel/clock';
import { batch, byKey, type Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { type PageArgs, page } from '../../../kernel/page';
import { type Person, type Principal, serviceOf } from '../../../kernel/principal';
import type { ProblemData } from '../../../kernel/refusal';
import { change, checkVersion } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { managedAccount, provenSession } from '../accounts/account.rights';
import { type GrantState, isOver, stateSql } from '../grant-state';
import { refuse } from '../refusals';
import { Mandate } from './mandate.entity';
import type { GrantMandateInput, RevokeMandateInput } from './mandate.inputs';
import { OF_SIDES } from './mandate.rights';

/** Both sides of it, by the account that signed in or the organisation it acts for; see {@link sidesOf}. */
export const mandateById = batch<string, Mandate>(async (ids, ctx) => {
  const found = await ctx.read(async tx => {
    const sides = await sidesOf(tx, ctx.asker);
    const sql = `SELECT * FROM mandate WHERE id = ANY($1) AND ${OF_SIDES}`;
    return sides.length > 0 ? rows(tx, Mandate, sql, [ids, sides]) : [];
  });
  return byKey(found, one => one.id);
});

/** The accounts whose mandates are the asker's business: their own, and an organisation's for its members. */
async function sidesOf(tx: Tx, who: Principal): Promise<string[]> {
  if (who.kind !== 'person') return [];
  return [who.accountId, ...((await isMember(tx, who)) ? [who.actingFor] : [])];
}

async function isMember(tx: Tx, { accountId, actingFor }: Person): Promise<boolean> {
  if (accountId === actingFor) return false;
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM organisation_member WHERE organisation_id = $1 AND account_id = $2`,
    [actingFor, accountId],
  );
  return found.length > 0;
}

/** Those of the asker's own account, or of the organisation the asker acts for. */
export function listMandates(ctx: Context, states: GrantState[] | null, args: PageArgs) {
  return ctx.read(async tx => {
    const account = (await sidesOf(tx, ctx.asker)).at(-1);
    const matches = `($2::text[] IS NULL OR ${stateSql('$3')} = ANY($2))`;
    return page(
      tx,
      Mandate,
      {
        subgraph: 'identity',
        kind: 'mandates',
        sql: `SELECT * FROM mandate WHERE principal_account_id = $1 AND ${matches}
              UNION ALL SELECT * FROM mandate WHERE agent_account_id = $1 AND ${matches}`,
        values: [account ?? null, states, now()],
        order: [{ column: 'id', cast: 'uuid', desc: true }],
      },
      args,
    );
  });
}

/** As the subgraph itself, with the proof inside: it reaches into an account that the asker has nothing to do with yet. */
export function grantMandate(ctx: Context, input: GrantMandateInput): Promise<Mandate> {
  return ctx.db.tx(serviceOf('identity', ctx.principal), async tx => {
    const who = await provenSession(tx, ctx.principal);
    const principal = await managedAccount(tx, who);
    const { id } = await once(tx, ctx.principal, 'grantMandate', input, async () => {
      const validFrom = input.validFrom ?? now();
      const problems = await problemsOf(tx, principal, input, validFrom);
      if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
      const made = Object.assign(new Mandate(), {
        id: newId(),
        version: 1,
        principalAccountId: principal,
        agentAccountId: input.agentAccountId,
        leikaKeys: [...new Set(input.leikaKeys)].sort(),
        validFrom,
        validTo: input.validTo ?? null,
        revokedAt: null,
        grantedById: who.accountId,
        revokedById: null,
        createdAt: now(),
      });
      await tx.insert(Mandate, made);
      await tellMandateChanged(tx, made);
      return made.id;
    });
    const [made] = await rows(tx, Mandate, 'SELECT * FROM mandate WHERE id = $1', [id]);
    return made!;
  });
}

const MOST_SERVICES = 100;

async function problemsOf(
  tx: Tx,
  principal: string,
  input: GrantMandateInput,
  validFrom: Date,
): Promise<ProblemData[]> {
  const problems: ProblemData[] = [];
  const add = (path: string, code: string, de: string, en: string) => problems.push({ path, code, text: { de, en } });
  const { agentAccountId: agent, validTo } = input;
  // both accounts locked in one order, so that two people cannot make a circle at the same moment
  const found: unknown[] = await tx.query(`SELECT id FROM account WHERE id = ANY($1) ORDER BY id FOR UPDATE`, [
    [principal, agent],
  ]);
  if (agent === principal)
    add('/agentAccountId', 'ONESELF', 'Sich selbst bevollmächtigt niemand.', 'Nobody gives a mandate to themself.');
  else if (found.length < 2)
    add('/agentAccountId', 'UNKNOWN', 'Dieses Konto gibt es nicht.', 'There is no such account.');
  else if (await leadsBack(tx, agent, principal))
    add('/agentAccountId', 'CIRCULAR', 'Vollmachten dürfen keinen Kreis bilden.', 'Mandates must not form a circle.');
  if (input.leikaKeys.length > MOST_SERVICES)
    add('/leikaKeys', 'TOO_MANY', 'Höchstens 100 Leistungen sind möglich.', 'At most 100 services are possible.');
  if (dayOf(validFrom) < today())
    add('/validFrom', 'IN_PAST', 'Der Beginn liegt in der Vergangenheit.', 'The beginning lies in the past.');
  if (validTo && validTo <= now())
    add('/validTo', 'IN_PAST', 'Das Ende liegt in der Vergangenheit.', 'The end lies in the past.');
  if (validTo && validTo <= validFrom)
    add('/validTo', 'BEFORE_START', 'Das Ende liegt nicht nach dem Beginn.', 'The end is not after the beginning.');
  return problems;
}

/** Does a chain of mandates that are not over lead from what the agent has granted back to the principal? */
async function leadsBack(tx: Tx, agent: string, principal: string): Promise<boolean> {
  const found: unknown[] = await tx.query(
    `WITH RECURSIVE granted AS (
       SELECT $1::uuid AS account_id
       UNION
       SELECT mandate.agent_account_id FROM mandate JOIN granted ON mandate.principal_account_id = granted.account_id
       WHERE mandate.revoked_at IS NULL AND (mandate.valid_to IS NULL OR mandate.valid_to > $3)
     ) SELECT 1 FROM granted WHERE account_id = $2`,
    [agent, principal, now()],
  );
  return found.length > 0;
}

/** As the subgraph itself, with the proof inside: the sessions of the agent end acting for the principal. */
export function revokeMandate(ctx: Context, input: RevokeMandateInput): Promise<Mandate> {
  return ctx.db.tx(serviceOf('identity', ctx.principal), async tx => {
    const who = await provenSession(tx, ctx.principal);
    const [mandate] = await rows(tx, Mandate, 'SELECT * FROM mandate WHERE id = $1 FOR UPDATE', [input.mandateId]);
    const sides = mandate ? [mandate.principalAccountId, mandate.agentAccountId] : [];
    const isSide = sides.includes(who.accountId);
    const isVisible = isSide || (sides.includes(who.actingFor) && (await isMember(tx, who)));
    if (!mandate || !isVisible) throw notFound();
    if (!isSide) await managedAccount(tx, who);
    checkVersion(mandate, input.expectedVersion);
    if (isOver(mandate)) throw refuse('INVALID_TRANSITION', { stored: mandate });
    const revoked = await change(tx, Mandate, mandate, { revokedAt: now(), revokedById: who.accountId });
    await tx.query(
      `UPDATE session SET acting_for_id = NULL WHERE account_id = $1 AND acting_for_id = $2
         AND NOT EXISTS (SELECT FROM mandate WHERE agent_account_id = $1 AND principal_account_id = $2 AND revoked_at IS NULL)
         AND NOT EXISTS (SELECT FROM organisation_member WHERE account_id = $1 AND organisation_id = $2)`,
      [mandate.agentAccountId, mandate.principalAccountId],
    );
    await tellMandateChanged(tx, revoked);
    return revoked;
  });
}

/** What other subgraphs go by: for each of them this is the agent's right. */
export function tellMandateChanged(tx: Tx, mandate: Mandate): Promise<void> {
  return publish(tx, 'mandate.changed', mandate.principalAccountId, {
    mandateId: mandate.id,
    principalAccountId: mandate.principalAccountId,
    agentAccountId: mandate.agentAccountId,
    leikaKeys: mandate.leikaKeys,
    validFrom: mandate.validFrom.toISOString(),
    validTo: (mandate.revokedAt ?? mandate.validTo)?.toISOString() ?? null,
  });
}
