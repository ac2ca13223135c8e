/** Asking for a copy or the deletion of one's data, and looking after it. */
import { now } from '../../../kernel/clock';
import { batch, byKey, type Context } from '../../../kernel/context';
import { afterCommit, rows, type Tx } from '../../../kernel/database/database';
import { forbidden } from '../../../kernel/errors';
import { wake } from '../../../kernel/events/outbox';
import { once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { type Page, type PageArgs, page } from '../../../kernel/page';
import type { Person, Principal } from '../../../kernel/principal';
import { newSalt } from '../../../kernel/seal';
import { stricterTrust, TrustLevel, trustGap, trustSuffices } from '../../../kernel/trust';
import { Account } from '../accounts/account.entity';
import { managedAccount, provenSession } from '../accounts/account.rights';
import { refuse } from '../refusals';
import { PrivacyRequest, PrivacyRequestKind } from './privacy.entity';
import type { RequestDataExportInput, RequestErasureInput } from './privacy.inputs';
import { privacyRights } from './privacy.rights';
import { PrivacyRequestState } from './privacy.states';

export const QUEUE = 'privacy requests';

/** The account whose data are the asker's business: their own, or that of the organisation they act for as administrator. */
async function concernedAccount(tx: Tx, who: Principal): Promise<string | null> {
  if (who.kind !== 'person') return null;
  const accountId = who.actingFor;
  const found: unknown[] = await tx.query(
    `SELECT 1 FROM organisation_member WHERE organisation_id = $1 AND account_id = $2 AND role = 'ADMINISTRATOR'`,
    [accountId, who.accountId],
  );
  return privacyRights.maySee({ accountId, isAdministrator: found.length > 0 }, who) ? accountId : null;
}

export const privacyRequestById = batch<string, PrivacyRequest>(async (ids, ctx) => {
  const found = await ctx.read(async tx => {
    const account = await concernedAccount(tx, ctx.asker);
    const sql = `SELECT * FROM privacy_request WHERE id = ANY($1) AND account_id = $2`;
    return account ? rows(tx, PrivacyRequest, sql, [ids, account]) : [];
  });
  return byKey(found, one => one.id);
});

/** @throws FORBIDDEN for staff, and for who acts by a mandate or with a lesser role */
export function privacyRequests(ctx: Context, args: PageArgs): Promise<Page<PrivacyRequest>> {
  return ctx.read(async tx => {
    const account = await concernedAccount(tx, ctx.asker);
    if (!account) throw forbidden();
    return page(
      tx,
      PrivacyRequest,
      {
        subgraph: 'identity',
        kind: 'privacy requests',
        sql: `SELECT * FROM privacy_request WHERE account_id = $1`,
        values: [account],
        order: [{ column: 'id', cast: 'uuid', desc: true }],
      },
      args,
    );
  });
}

/** @throws Refusal BEYOND_OWN_RIGHTS, TRUST_TOO_LOW, ALREADY_REQUESTED */
export function requestDataExport(ctx: Context, input: RequestDataExportInput): Promise<PrivacyRequest> {
  return request(ctx, PrivacyRequestKind.EXPORT, 'requestDataExport', input, async () => {});
}

/** @throws Refusal BEYOND_OWN_RIGHTS, TRUST_TOO_LOW, ALREADY_REQUESTED, VALIDATION_FAILED for a wrong confirmation */
export function requestErasure(ctx: Context, input: RequestErasureInput): Promise<PrivacyRequest> {
  return request(ctx, PrivacyRequestKind.ERASURE, 'requestErasure', input, async account => {
    if (input.confirmation.trim() === account.displayName) return;
    const text = {
      de: 'Bitte wiederholen Sie genau den Namen des Kontos.',
      en: 'Please repeat exactly the name of the account.',
    };
    throw refuse('VALIDATION_FAILED', { problems: [{ path: '/confirmation', code: 'CONFIRMATION_WRONG', text }] });
  });
}

function request(
  ctx: Context,
  kind: PrivacyRequestKind,
  mutation: string,
  input: RequestDataExportInput | RequestErasureInput,
  check: (account: Account) => Promise<void>,
): Promise<PrivacyRequest> {
  return ctx.write(async tx => {
    const who = await provenSession(tx, ctx.principal);
    const accountId = await managedAccount(tx, who);
    const { id } = await once(tx, ctx.principal, mutation, { ...input }, async () => {
      const [account] = await rows(tx, Account, 'SELECT * FROM account WHERE id = $1 FOR UPDATE', [accountId]);
      if (!account || account.erasedAt) throw forbidden();
      const needed = await surestProof(tx, accountId);
      demandTrust(who, needed);
      await check(account);
      const open = await openRequest(tx, accountId, kind);
      if (open) throw refuse('ALREADY_REQUESTED', { stored: open });
      return begin(tx, { accountId, kind, needed, requestedById: who.accountId, sessionId: who.sessionId });
    });
    const [made] = await rows(tx, PrivacyRequest, 'SELECT * FROM privacy_request WHERE id = $1', [id]);
    return made!;
  });
}

/** Who asks must be identified as surely as the account ever was. */
async function surestProof(tx: Tx, accountId: string): Promise<TrustLevel> {
  const found: { trust_level: TrustLevel }[] = await tx.query(
    `SELECT trust_level FROM verified_attribute WHERE account_id = $1`,
    [accountId],
  );
  return found.map(({ trust_level }) => trust_level).reduce(stricterTrust, TrustLevel.BASIC);
}

function demandTrust(who: Person, needed: TrustLevel): void {
  if (trustSuffices(who.trustLevel, needed)) return;
  throw refuse('TRUST_TOO_LOW', { values: trustGap(who.trustLevel, needed), allowedActions: ['startSignIn'] });
}

export async function openRequest(
  tx: Tx,
  accountId: string,
  kind: PrivacyRequestKind,
): Promise<PrivacyRequest | undefined> {
  const [open] = await rows(
    tx,
    PrivacyRequest,
    `SELECT * FROM privacy_request WHERE account_id = $1 AND kind = $2 AND state IN ('REQUESTED', 'RUNNING')`,
    [accountId, kind],
  );
  return open;
}

export interface Beginning {
  readonly accountId: string;
  readonly kind: PrivacyRequestKind;
  readonly needed: TrustLevel;
  readonly requestedById: string | null;
  readonly sessionId: string | null;
}

/** @returns its id */
export async function begin(tx: Tx, { needed, ...given }: Beginning): Promise<string> {
  const id = newId();
  await tx.insert(PrivacyRequest, {
    ...given,
    id,
    version: 1,
    state: PrivacyRequestState.REQUESTED,
    requestedAt: now(),
    completedAt: null,
    expiresAt: null,
    kept: [],
    requiredTrustLevel: needed,
    sealSalt: newSalt(),
    round: 0,
    isDue: true,
    attempts: 0,
    nextAttemptAt: new Date(),
  });
  afterCommit(tx, () => wake(QUEUE));
  return id;
}
