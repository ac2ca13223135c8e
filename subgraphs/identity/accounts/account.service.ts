/** Accounts: remembered at sign-in with what was proven, and organisations with their members. */
import { now, today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { rows, type Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { derivedId, newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import type { ProblemData } from '../../../kernel/refusal';
import { trustSuffices } from '../../../kernel/trust';
import { change, checkVersion } from '../../../kernel/version';
import { publish } from '../../../schema/events';
import { refuse } from '../refusals';
import { type Claims, type Fact, factsOf, methodOf, organisationOf, populationOf } from '../sessions/session.claims';
import { rememberAccountPerson } from '../staff/staff.recognition';
import { Account, AccountKind, OrganisationMember, OrganisationRole, VerifiedAttribute } from './account.entity';
import type { SetOrganisationMemberInput } from './account.inputs';
import { formerAccount } from './account.relink';
import { provenSession } from './account.rights';

/** What a sign-in of our own knows besides the claims; a token of another client's sign-in has none of it. */
export interface Seen {
  /** The host for which the provider made the subject. */
  readonly sector: string;
}

/**
 * The account of a token's subject, made at first sight, with what the token proves written down.
 * Many tokens of one new subject may arrive at once: the first makes the account, the others wait and find it.
 */
export async function rememberAccount(tx: Tx, claims: Claims, seen?: Seen): Promise<string> {
  const alone = populationOf(claims) === 'organisation' && !organisationOf(claims);
  return remember(tx, claims, alone ? AccountKind.ORGANISATION : AccountKind.PERSON, seen ?? null);
}

async function remember(tx: Tx, claims: Claims, kind: AccountKind, seen: Seen | null): Promise<string> {
  const known = (await accountOf(tx, claims)) ?? (seen && (await formerAccount(tx, claims, seen.sector)));
  if (known) {
    const [account] = await rows(tx, Account, 'SELECT * FROM account WHERE id = $1 FOR UPDATE', [known]);
    await writeSector(tx, known, claims, seen);
    await learn(tx, account!, claims, false);
    return known;
  }
  const id = newId();
  const claimed: unknown[] = await tx.query(
    `INSERT INTO account_identity (issuer, subject, account_id, created_at, sector) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING account_id`,
    [claims.iss, claims.sub, id, now(), seen?.sector ?? null],
  );
  if (claimed.length === 0) return (await accountOf(tx, claims))!;
  const account = {
    id,
    version: 1,
    kind,
    displayName: `Konto ${id.slice(-4)}`,
    tokensSince: new Date(0),
    createdAt: now(),
    erasedAt: null,
    lastSeenOn: today(),
    idleNoticeOn: null,
  };
  await tx.insert(Account, account);
  await learn(tx, Object.assign(new Account(), account), claims, true);
  return id;
}

async function accountOf(tx: Tx, { iss, sub }: Claims): Promise<string | null> {
  const [row]: { account_id: string }[] = await tx.query(
    `SELECT account_id FROM account_identity WHERE issuer = $1 AND subject = $2`,
    [iss, sub],
  );
  return row?.account_id ?? null;
}

async function writeSector(tx: Tx, accountId: string, { iss, sub }: Claims, seen: Seen | null): Promise<void> {
  if (!seen) return;
  await tx.query(
    `INSERT INTO account_identity AS held (issuer, subject, account_id, created_at, sector) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (issuer, subject) DO UPDATE SET sector = excluded.sector WHERE held.sector IS DISTINCT FROM excluded.sector`,
    [iss, sub, accountId, now(), seen.sector],
  );
}

/** The organisation that the provider names, with the person as its member for as long as the provider says so. */
export async function rememberMembership(tx: Tx, claims: Claims, personId: string): Promise<string | null> {
  if (populationOf(claims) !== 'organisation') return null;
  const named = organisationOf(claims);
  const { iss, exp, acr, method } = claims;
  const about = named && { iss, exp, acr, method, sub: `organisation/${named.id}`, name: named.name };
  const organisation = about && (await remember(tx, about as Claims, AccountKind.ORGANISATION, null));
  const held = await rows(
    tx,
    OrganisationMember,
    'SELECT * FROM organisation_member WHERE account_id = $1 FOR UPDATE',
    [personId],
  );
  for (const old of held.filter(one => one.fromProvider && one.organisationId !== organisation))
    await writeMember(tx, old.organisationId, personId, null, old);
  if (!organisation || !named) return null;
  const old = held.find(one => one.organisationId === organisation);
  if (!old?.fromProvider || old.role !== named.role)
    await writeMember(tx, organisation, personId, named.role, old, true);
  return organisation;
}

/** A fact is replaced only by one that is proven at least as surely. */
async function learn(tx: Tx, account: Account, claims: Claims, isNew: boolean): Promise<void> {
  const stored = await rows(tx, VerifiedAttribute, 'SELECT * FROM verified_attribute WHERE account_id = $1', [
    account.id,
  ]);
  const held = new Map(stored.map(fact => [fact.name, fact]));
  const before = greeting(account, held);
  for (const fact of factsOf(claims)) {
    const old = held.get(fact.name);
    if (old && !trustSuffices(fact.trustLevel, old.trustLevel)) continue;
    held.set(fact.name, await writeFact(tx, account.id, fact, claims));
  }
  await rememberAccountPerson(tx, account.id, held);
  const after = greeting(account, held);
  if (isNew || after.displayName !== before.displayName || after.email !== before.email) {
    if (isNew) await tx.update(Account, { id: account.id }, { displayName: after.displayName });
    else await change(tx, Account, account, { displayName: after.displayName });
    await publish(tx, 'account.changed', account.id, { accountId: account.id, kind: account.kind, ...after });
  }
}

async function writeFact(tx: Tx, accountId: string, fact: Fact, claims: Claims): Promise<VerifiedAttribute> {
  const row = { ...fact, accountId, method: methodOf(claims), verifiedAt: now() };
  await tx.upsert(VerifiedAttribute, row, ['accountId', 'name']);
  return row;
}

function greeting(account: Account, facts: ReadonlyMap<string, { value: string }>) {
  const value = (name: string) => facts.get(name)?.value;
  const parts = [value('givenName'), value('familyName')].filter(Boolean).join(' ');
  return { displayName: parts || value('fullName') || account.displayName, email: value('email') ?? null };
}

const MOST_MEMBERS = 100;

/** As the subgraph itself, with the proof inside: it reaches into an account that the asker has nothing to do with yet. */
export function setOrganisationMember(ctx: Context, input: SetOrganisationMemberInput): Promise<Account> {
  return ctx.db.tx(serviceOf('identity', ctx.principal), async tx => {
    const who = await provenSession(tx, ctx.principal);
    const [organisation] = await rows(tx, Account, `SELECT * FROM account WHERE id = $1 AND kind = $2 FOR UPDATE`, [
      input.organisationAccountId,
      AccountKind.ORGANISATION,
    ]);
    if (!organisation) throw notFound();
    const members = await rows(tx, OrganisationMember, 'SELECT * FROM organisation_member WHERE organisation_id = $1', [
      organisation.id,
    ]);
    const mine = members.find(member => member.accountId === who.accountId);
    const isHolder = who.accountId === organisation.id;
    if (!isHolder && !mine) throw notFound();
    if (!isHolder && mine?.role !== OrganisationRole.ADMINISTRATOR) throw refuse('BEYOND_OWN_RIGHTS');
    checkVersion(organisation, input.expectedVersion);

    const role = input.role ?? null;
    const old = members.find(member => member.accountId === input.personAccountId);
    const problems = await memberProblems(tx, input, role, members.length, old !== undefined);
    if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
    if (old?.fromProvider) throw refuse('MANAGED_ELSEWHERE');
    const administrators = members.filter(member => member.role === OrganisationRole.ADMINISTRATOR);
    const isLast = administrators.length === 1 && administrators[0] === old && role !== OrganisationRole.ADMINISTRATOR;
    if (isLast && !isHolder) throw refuse('LAST_ADMINISTRATOR');

    await writeMember(tx, organisation.id, input.personAccountId, role, old);
    return change(tx, Account, organisation, {});
  });
}

async function memberProblems(
  tx: Tx,
  input: SetOrganisationMemberInput,
  role: OrganisationRole | null,
  count: number,
  isMember: boolean,
): Promise<ProblemData[]> {
  const at = (code: string, de: string, en: string) => [{ path: '/personAccountId', code, text: { de, en } }];
  const [person] = await rows(tx, Account, 'SELECT * FROM account WHERE id = $1 AND kind = $2', [
    input.personAccountId,
    AccountKind.PERSON,
  ]);
  if (!person) return at('UNKNOWN', 'Dieses Personenkonto gibt es nicht.', 'There is no such account of a person.');
  if (role === null && !isMember) return at('NO_MEMBER', 'Die Person gehört nicht dazu.', 'The person is no member.');
  if (role !== null && !isMember && count >= MOST_MEMBERS)
    return at('TOO_MANY', 'Mehr als 100 Mitglieder sind nicht möglich.', 'More than 100 members are not possible.');
  return [];
}

/** Other subgraphs know members as agents; who may only read is none, because a mandate lets write. */
async function writeMember(
  tx: Tx,
  organisationId: string,
  accountId: string,
  role: OrganisationRole | null,
  old: OrganisationMember | undefined,
  fromProvider = false,
): Promise<void> {
  const since = old?.since ?? now();
  if (role === null) await tx.delete(OrganisationMember, { organisationId, accountId });
  else {
    const hasActed = fromProvider || (old?.hasActed ?? false);
    const member = { organisationId, accountId, role, since, fromProvider, hasActed };
    await tx.upsert(OrganisationMember, member, ['organisationId', 'accountId']);
  }
  await publish(tx, 'organisation.member-changed', organisationId, {
    organisationId,
    accountId,
    member: role !== null,
  });
  const writes = role !== null && role !== OrganisationRole.READER;
  await publish(tx, 'mandate.changed', organisationId, {
    mandateId: derivedId('organisation-member', organisationId, accountId),
    principalAccountId: organisationId,
    agentAccountId: accountId,
    leikaKeys: [],
    validFrom: since.toISOString(),
    validTo: writes ? null : now().toISOString(),
  });
}
