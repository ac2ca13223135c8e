/** For the tests of messaging: cases as applications would tell of them, and waiting for what follows. */
import { newId } from '../../../kernel/ids';
import type { Person, Staff } from '../../../kernel/principal';
import { TrustLevel } from '../../../kernel/trust';
import { person, staff, startTestSubgraph, type TestSubgraph } from '../../../tests/setup/subgraph';
import messaging from '../subgraph';

export const TRADE = '99050012104000';

export const startMessaging = (): Promise<TestSubgraph> => startTestSubgraph(messaging);

/** Polls until it holds; fails after ten seconds. */
export async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds()); ) {
    if (Date.now() > end) throw new Error(`Waited in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 20));
  }
}

/** Waits until every delivery is at an end or waits for a later attempt. */
export const delivered = (subgraph: TestSubgraph): Promise<void> =>
  until(async () => {
    const open = await subgraph.sql(
      `SELECT 1 FROM messaging.message_delivery WHERE state IN ('PENDING', 'SENDING') OR (state = 'RETRYING' AND next_attempt_at <= now())`,
    );
    return open.length === 0;
  }, 'deliveries are done');

/** A member of staff, known to messaging as one. */
export async function employ(subgraph: TestSubgraph, given: Partial<Staff> = {}, displayName?: string): Promise<Staff> {
  const one = staff(given);
  const { staffMemberId, authorityId, departmentId, scopes } = one;
  await subgraph.publish('identity', 'staff.changed', staffMemberId, {
    staffMemberId,
    authorityId,
    departmentId,
    scopes,
    active: true,
    ...(displayName && { displayName }),
  });
  return one;
}

export interface TestCase {
  readonly applicationId: string;
  readonly applicant: Person;
  readonly authorityId: string;
  readonly reference: string;
  /** Publishes an event of the case, with what every such event says. */
  happens(type: string, more?: object): Promise<void>;
}

let count = 0;

/** A case that was submitted to an authority and has not arrived yet. */
export async function submittedCase(
  subgraph: TestSubgraph,
  given: {
    applicant?: Person;
    authorityId?: string;
    leikaKey?: string;
    requiredTrustLevel?: TrustLevel | null;
    serviceTitle?: string;
  } = {},
): Promise<TestCase> {
  count += 1;
  const applicationId = newId();
  const applicant = given.applicant ?? person();
  const authorityId = given.authorityId ?? newId();
  const reference = `MU-2026-${String(count).padStart(6, '0')}`;
  const requiredTrustLevel = given.requiredTrustLevel === undefined ? TrustLevel.SUBSTANTIAL : given.requiredTrustLevel;
  const common = {
    applicationId,
    version: 3,
    state: 'SUBMITTED',
    publicStatus: 'SUBMITTED',
    accountId: applicant.actingFor,
    agentAccountId: null,
    leikaKey: given.leikaKey ?? TRADE,
    authorityId,
    departmentId: null,
    reference,
    requiredTrustLevel,
  };
  const happens = (type: string, more: object = {}) =>
    subgraph.publish('applications', type, applicationId, { ...common, ...more });
  await subgraph.publish('applications', 'application.draft-created', applicationId, {
    applicationId,
    accountId: applicant.actingFor,
    agentAccountId: null,
    leikaKey: common.leikaKey,
    ars: '010995999001',
    requiredTrustLevel,
    feeOverrideMinor: null,
  });
  await happens('application.submitted', {
    serviceTitle: given.serviceTitle ?? 'Gewerbe anmelden',
    applicantName: 'Klara Muster',
  });
  return { applicationId, applicant, authorityId, reference, happens };
}

/** The case arrives, and the receipt has reached the mailbox. */
export async function arrives(subgraph: TestSubgraph, one: TestCase, more: object = {}): Promise<void> {
  await one.happens('application.received', {
    version: 4,
    state: 'RECEIVED',
    publicStatus: 'RECEIVED',
    first: true,
    receivedAt: '2026-11-23T09:30:00.000Z',
    serviceTitle: 'Gewerbe anmelden',
    ...more,
  });
  await delivered(subgraph);
}

export async function receivedCase(
  subgraph: TestSubgraph,
  given: Parameters<typeof submittedCase>[1] = {},
): Promise<TestCase> {
  const one = await submittedCase(subgraph, given);
  await arrives(subgraph, one);
  return one;
}

/** A message written through the graph; answers the payload. */
export async function writes(
  subgraph: TestSubgraph,
  who: Person | Staff,
  applicationId: string,
  input: Record<string, unknown> = {},
) {
  const answer = await subgraph.as(who).query(
    `mutation ($input: SendMessageInput!) {
       sendMessage(input: $input) {
         message { id kind senderKind senderName title body requiredTrustLevel availableAt readAt attachments { id } thread { id } }
         refusal { code message problems { path code } allowedActions retryable }
       }
     }`,
    { input: { applicationId, title: 'Frage', body: 'Wann ist es so weit?', idempotencyKey: newId(), ...input } },
  );
  return { ...answer, ...(answer.data?.sendMessage as { message: Sent | null; refusal: Refused | null }) };
}

export interface Sent {
  id: string;
  kind: string;
  senderKind: string;
  senderName: string;
  title: string;
  body: string | null;
  requiredTrustLevel: string;
  availableAt: string | null;
  readAt: string | null;
  attachments: { id: string }[];
  thread: { id: string };
}

export interface Refused {
  code: string;
  message: string;
  problems: { path: string; code: string }[];
  allowedActions: string[];
  retryable: boolean;
}

export const threadOf = async (subgraph: TestSubgraph, applicationId: string): Promise<string> =>
  (await subgraph.sql<{ id: string }>(`SELECT id FROM messaging.thread WHERE application_id = $1`, [applicationId]))[0]!
    .id;
