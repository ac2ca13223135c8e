/** Everybody who may ask about Klara's case, as the gateway would sign them, and who they are in the words of the rights tables. */
import { staffMemberIdOf } from '../../dev/demo/facts';
import { derive, type SubgraphName, subgraphConfig } from '../../kernel/config';
import { newId } from '../../kernel/ids';
import { ANONYMOUS, type Person, type Principal, type Staff, signPrincipal } from '../../kernel/principal';
import type { Who } from '../../kernel/rights';
import { TrustLevel } from '../../kernel/trust';
import { StaffRole, scopesOfRoles } from '../../subgraphs/identity/staff/staff.roles';

export interface Asker {
  readonly name: string;
  readonly principal: Principal;
  /** Who they are for Klara, her case and her authority; empty for those who have nothing to do with them. */
  readonly is: readonly Who[];
  /** Who they are for single types, where that differs. */
  readonly isFor?: Readonly<Record<string, readonly Who[]>>;
  /** Coordinates that a condition of the table (`when`) takes from them. */
  readonly hidden?: readonly string[];
  /** Refused for their token alone. */
  readonly invalid?: boolean;
}

export interface Cast {
  readonly klara: string;
  readonly jonas: string;
  readonly authorityId: string;
  readonly departmentId: string;
  readonly neighbourId: string;
  readonly operatorAuthorityId: string;
  readonly max: string;
  readonly thea: string;
  readonly sessions: Readonly<Record<'klara' | 'max', string>>;
}

const CONTENT = ['Application.formData', 'Application.decision', 'Document.downloadUrl', 'Message.body'];

/** Everybody in {owner, other citizen, agent …, staff …, operator, machine, partner, nobody, expired}. */
export function askersOf(cast: Cast): Asker[] {
  const person = (accountId: string, given: Partial<Person> = {}): Person => ({
    kind: 'person',
    sessionId: newId(),
    accountId,
    actingFor: accountId,
    services: null,
    readOnly: false,
    trustLevel: TrustLevel.HIGH,
    ...given,
  });
  const agent = (services: readonly string[] | null) => person(cast.jonas, { actingFor: cast.klara, services });
  const staff = (roles: readonly StaffRole[], given: Partial<Staff> = {}): Staff => ({
    kind: 'staff',
    sessionId: newId(),
    staffMemberId: newId(),
    authorityId: cast.authorityId,
    departmentId: cast.departmentId,
    scopes: scopesOfRoles(roles),
    ...given,
  });
  const inside = ['staff', 'colleague', 'authority'] as const;
  const elsewhere = {
    authorityId: cast.neighbourId,
    departmentId: null,
    staffMemberId: staffMemberIdOf('nora.nachbar'),
  };
  const owner: readonly Who[] = ['oneself', 'applicant', 'mandateSide'];
  const every = Object.values(StaffRole);
  return [
    { name: 'the owner', principal: person(cast.klara, { sessionId: cast.sessions.klara }), is: owner },
    {
      name: 'the owner, signed in weakly',
      principal: person(cast.klara, { trustLevel: TrustLevel.BASIC }),
      is: owner,
      hidden: CONTENT,
    },
    { name: 'an agent with a mandate', principal: agent(null), is: ['agent', 'applicant', 'mandateSide'] },
    {
      name: 'an agent with a mandate for another service',
      principal: agent(['99000000000000']),
      is: ['agent', 'mandateSide'],
      isFor: { Mailbox: ['applicant'], NotificationPreferences: ['applicant'] },
      hidden: ['NotificationPreferences.email'],
    },
    { name: 'another citizen, whose mandate has ended', principal: person(newId()), is: [] },
    { name: 'another citizen acting for somebody else', principal: person(newId(), { actingFor: newId() }), is: [] },
    {
      name: 'a caseworker of the authority',
      principal: staff([StaffRole.CASEWORKER], { staffMemberId: cast.max, sessionId: cast.sessions.max }),
      is: [...inside, 'decider'],
    },
    {
      name: 'a substitute',
      principal: staff([StaffRole.CASEWORKER], { staffMemberId: cast.thea }),
      is: [...inside, 'decider'],
    },
    // covering ends, working for the authority goes on: what remains is what every colleague has
    {
      name: 'a substitute whose substitution has ended',
      principal: staff([StaffRole.CASEWORKER]),
      is: [...inside, 'decider'],
    },
    { name: 'a team lead', principal: staff([StaffRole.TEAM_LEAD]), is: [...inside, 'decider', 'lead', 'cashier'] },
    { name: 'an auditor', principal: staff([StaffRole.AUDITOR]), is: [...inside, 'auditor'] },
    { name: 'a cashier', principal: staff([StaffRole.CASHIER]), is: [...inside, 'cashier'] },
    { name: 'an administrator', principal: staff([StaffRole.ADMINISTRATOR]), is: [...inside, 'administrator'] },
    { name: 'an editor', principal: staff([StaffRole.CATALOGUE_EDITOR]), is: ['staff', 'colleague', 'editor'] },
    { name: 'an archivist', principal: staff([StaffRole.ARCHIVIST]), is: ['staff', 'colleague'] },
    {
      name: 'somebody of another authority with every role but the operator’s',
      principal: staff(
        every.filter(role => role !== StaffRole.OPERATOR),
        elsewhere,
      ),
      is: ['staff'],
    },
    {
      name: 'an operator',
      principal: staff([StaffRole.OPERATOR], { authorityId: cast.operatorAuthorityId, departmentId: null }),
      is: ['staff', 'operator', 'editor'],
    },
    {
      name: 'the register it was handed to',
      principal: { kind: 'machine', name: 'gewerberegister', scopes: ['handover:acknowledge'] },
      is: ['system'],
    },
    {
      name: 'another register',
      principal: { kind: 'machine', name: 'melderegister', scopes: ['handover:acknowledge'] },
      is: [],
    },
    { name: 'a partner state', principal: { kind: 'machine', name: 'partner', scopes: [] }, is: [] },
    { name: 'nobody', principal: ANONYMOUS, is: [] },
    { name: 'the owner with an expired token', principal: person(cast.klara), is: [], invalid: true },
  ];
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes
  readonly body: any;
  /** SQL statements it has cost. */
  readonly statements: number;
}

/** One operation to a subgraph at `url`, as the gateway sends it. */
export async function ask(
  { principal, invalid }: Asker,
  to: SubgraphName,
  url: string,
  query: string,
  variables: Record<string, unknown>,
): Promise<Reply> {
  const { secret } = subgraphConfig(to);
  const body = JSON.stringify({ query, variables });
  const fresh = await signPrincipal({ principal, requestId: newId(), language: 'de' }, 'gateway', to, secret, body);
  const token = invalid ? await asOfYesterday(fresh, secret) : fresh;
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body,
  });
  const text = await response.text();
  const statements = Number(response.headers.get('x-sql-statements'));
  return { status: response.status, text, body: JSON.parse(text), statements };
}

/** The same token, well signed, but expired. */
async function asOfYesterday(token: string, secret: string): Promise<string> {
  const { decodeJwt, decodeProtectedHeader, SignJWT } = await import('jose');
  const yesterday = Math.floor(Date.now() / 1000) - 86_400;
  return new SignJWT({ ...decodeJwt(token), exp: yesterday })
    .setProtectedHeader({ ...decodeProtectedHeader(token), alg: 'HS256' })
    .sign(Buffer.from(derive(secret, 'principal')));
}
