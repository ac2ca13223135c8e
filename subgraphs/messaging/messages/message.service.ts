/** Writing messages: by people through sendMessage, and by the platform in reaction to what happens to a case. */
import { now } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import type { Tx } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { agentOf, type Principal } from '../../../kernel/principal';
import { TrustLevel, trustGap, trustSuffices } from '../../../kernel/trust';
import { publish } from '../../../schema/events';
import { type ApplicationCase, isOpenForMessages, type SubmittedCase } from '../cases/case.entity';
import { caseByApplication } from '../cases/case.loaders';
import { lockCase } from '../cases/case.service';
import { CHANNELS } from '../channels';
import { queueDeliveries } from '../deliveries/delivery.queue';
import { problem, refuse, textProblems } from '../refusals';
import { provenWriter, sideIn } from '../rights';
import { threadIdOf } from '../threads/thread.entity';
import { attachable } from './attachments';
import { BODY_MOST, namelessAgent, namelessApplicant, namelessStaff, subjectOf, TITLE_MOST } from './letters';
import { changeOf, type Message, MessageKind, SenderKind } from './message.entity';
import type { SendMessageInput } from './message.inputs';
import { messageById } from './message.loaders';

export type NewMessage = Pick<
  Message,
  | 'id'
  | 'kind'
  | 'senderKind'
  | 'senderName'
  | 'staffMemberId'
  | 'title'
  | 'body'
  | 'documentIds'
  | 'requiredTrustLevel'
> &
  Partial<Pick<Message, 'agentAccountId'>>;

/**
 * Writes a message into the thread of a case, which the caller has locked, with its deliveries and its event. The
 * thread is made with its first message. A message with the same id is written once.
 */
export async function post(tx: Tx, about: SubmittedCase, message: NewMessage): Promise<void> {
  const threadId = threadIdOf(about.applicationId);
  const sentAt = now();
  // staff look into the thread itself, so what is written to them needs no delivery
  const toStaff = message.senderKind === SenderKind.APPLICANT;
  const availableAt = toStaff ? sentAt : null;
  await tx.query(
    `INSERT INTO thread (id, application_id, account_id, authority_id, leika_key, subject, last_message_at, last_sender_kind)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [
      threadId,
      about.applicationId,
      about.accountId,
      about.authorityId,
      about.leikaKey,
      subjectOf(about),
      sentAt,
      message.senderKind,
    ],
  );
  const written: unknown[] = await tx.query(
    `INSERT INTO message (id, thread_id, kind, sender_kind, sender_name, staff_member_id, title, body, document_ids,
       required_trust_level, sent_at, available_at, agent_account_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (id) DO NOTHING RETURNING id`,
    [
      message.id,
      threadId,
      message.kind,
      message.senderKind,
      message.senderName,
      message.staffMemberId,
      message.title,
      message.body,
      message.documentIds,
      message.requiredTrustLevel,
      sentAt,
      availableAt,
      message.agentAccountId ?? null,
    ],
  );
  if (written.length === 0) return;
  await tx.query(
    `UPDATE thread SET last_message_at = $2, last_sender_kind = $3, last_available_at = coalesce($4, last_available_at)
     WHERE id = $1`,
    [threadId, sentAt, message.senderKind, availableAt],
  );
  await publish(tx, 'message.sent', about.applicationId, {
    ...changeOf({ ...message, threadId }, about),
    documentIds: [...message.documentIds],
  });
  if (toStaff) return;
  const channels = Object.values(CHANNELS).filter(({ begins }) => begins === 'SENT');
  await queueDeliveries(tx, message, about, channels);
}

/**
 * Writes to the other side of an application.
 * @throws Refusal VALIDATION_FAILED, TRUST_TOO_LOW, INVALID_TRANSITION, IDEMPOTENCY_MISMATCH, TRY_AGAIN
 */
export async function sendMessage(ctx: Context, input: SendMessageInput): Promise<Message | null> {
  const who = ctx.principal;
  const problems = [
    ...textProblems('/title', input.title, TITLE_MOST),
    ...textProblems('/body', input.body, BODY_MOST),
  ];
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
  if (!(await ctx.read(tx => madeBefore(tx, who, 'sendMessage', input)))) {
    if (!(await caseByApplication(ctx).load(input.applicationId))) throw notFound();
    await checkAttachments(ctx, input);
  }
  const { id } = await ctx.write(tx =>
    once(tx, who, 'sendMessage', input, async () => {
      const about = await lockCase(tx, input.applicationId);
      if (!about || sideIn(about, who) === null) throw notFound();
      await provenWriter(tx, about, who);
      if (who.kind === 'person' && !trustSuffices(who.trustLevel, about.requiredTrustLevel))
        throw refuse('TRUST_TOO_LOW', {
          values: trustGap(who.trustLevel, about.requiredTrustLevel),
          allowedActions: ['startSignIn'],
        });
      if (!isOpenForMessages(about)) throw refuse('INVALID_TRANSITION', { allowedActions: [] });
      const id = newId();
      await post(tx, about, {
        id,
        kind: MessageKind.CONVERSATION,
        ...(await senderOf(tx, who, about)),
        title: input.title.trim(),
        body: input.body,
        documentIds: [...new Set(input.documentIds)],
        requiredTrustLevel: input.requiredTrustLevel ?? about.requiredTrustLevel ?? TrustLevel.HIGH,
      });
      return id;
    }),
  );
  ctx.forget();
  return messageById(ctx).load(id);
}

async function checkAttachments(ctx: Context, { applicationId, documentIds }: SendMessageInput): Promise<void> {
  const allowed = await attachable(ctx, applicationId, documentIds);
  if (allowed === 'TOO_MANY') throw refuse('VALIDATION_FAILED', { problems: [problem('/documentIds', 'TOO_MANY')] });
  const problems = documentIds.flatMap((id, i) =>
    allowed.has(id) ? [] : [problem(`/documentIds/${i}`, 'DOCUMENT_NOT_AVAILABLE')],
  );
  if (problems.length > 0) throw refuse('VALIDATION_FAILED', { problems });
}

type Sender = Pick<Message, 'senderKind' | 'senderName' | 'staffMemberId' | 'agentAccountId'>;

async function senderOf(tx: Tx, who: Principal, about: ApplicationCase): Promise<Sender> {
  if (who.kind === 'staff') return staffSender(tx, who.staffMemberId);
  const applicant = (await nameOf(tx, about.accountId)) ?? about.applicantName ?? namelessApplicant('de');
  const agentAccountId = agentOf(who);
  const agent = agentAccountId && ((await nameOf(tx, agentAccountId)) ?? namelessAgent('de'));
  const senderName = agent ? `${agent} für ${applicant}` : applicant;
  return { senderKind: SenderKind.APPLICANT, senderName, staffMemberId: null, agentAccountId };
}

async function nameOf(tx: Tx, accountId: string): Promise<string | undefined> {
  const [account]: { display_name: string }[] = await tx.query(
    `SELECT display_name FROM account WHERE account_id = $1`,
    [accountId],
  );
  return account?.display_name;
}

/** A person of the staff as the sender, under the name that applicants see. */
export async function staffSender(tx: Tx, staffMemberId: string): Promise<Sender> {
  const [known]: { display_name: string }[] = await tx.query(
    `SELECT display_name FROM staff_name WHERE staff_member_id = $1`,
    [staffMemberId],
  );
  return {
    senderKind: SenderKind.STAFF,
    senderName: known?.display_name ?? namelessStaff('de'),
    staffMemberId,
    agentAccountId: null,
  };
}
