/** The live streams of messaging: which events each asker gets, judged anew for every event. */
import type { Context } from '../../../kernel/context';
import { forbidden, notFound } from '../../../kernel/errors';
import type { StoredEvent } from '../../../kernel/events/stream';
import { live } from '../../../kernel/live';
import { isStaff, mayStillAct } from '../../../kernel/membership';
import type { Staff } from '../../../kernel/principal';
import type { Events, MessageChange } from '../../../schema/events';
import { isOperator } from '../deliveries/delivery.rights';
import { messageById } from '../messages/message.loaders';
import { sideOf } from '../rights';
import { threadById } from '../threads/thread.loaders';
import { type MessageEvent, MessageEventKind } from './message-event.type';

const KINDS = {
  'message.sent': MessageEventKind.SENT,
  'message.available': MessageEventKind.AVAILABLE,
  'message.read': MessageEventKind.READ,
  'message.undeliverable': MessageEventKind.UNDELIVERABLE,
} as const satisfies Partial<Record<keyof Events, MessageEventKind>>;

type Shown = Pick<MessageEvent, 'kind' | 'messageId' | 'deliveryId'>;
type Change = MessageChange & { deliveryId?: string };

const shown = (event: StoredEvent, change: Change): Shown => ({
  kind: KINDS[event.type as keyof typeof KINDS],
  messageId: change.messageId,
  deliveryId: change.deliveryId ?? null,
});

const changeIn = (event: StoredEvent): Change => event.payload as unknown as Change;

/**
 * What happens in the mailbox of the account the asker acts for: SENT tells of what their own side wrote, AVAILABLE
 * of what can be read from now on, READ of both.
 */
export function mailboxEvents(ctx: Context, after: string | null | undefined) {
  const { asker } = ctx;
  if (asker.kind !== 'person') throw notFound();
  return live<Shown>(ctx, {
    types: ['message.sent', 'message.available', 'message.read'],
    after,
    async show(event, fresh) {
      const change = changeIn(event);
      if (change.accountId !== asker.actingFor) return null;
      if (event.type === 'message.sent' && change.senderKind !== 'APPLICANT') return null;
      if (!(await fresh.read(tx => mayStillAct(tx, asker, null)))) throw forbidden();
      const message = await messageById(fresh).load(change.messageId);
      const thread = message && (await threadById(fresh).load(message.threadId));
      const within = thread && (await fresh.read(tx => mayStillAct(tx, asker, thread.leikaKey)));
      return within ? shown(event, change) : null;
    },
  });
}

/** Messages to and from the cases of the asker's authority, while it is in charge. */
export function authorityEvents(
  ctx: Context,
  wanted: { authorityId: string; applicationId?: string | null; after?: string | null },
) {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || sideOf(asker) === null || asker.authorityId !== wanted.authorityId) throw notFound();
  return live<Shown>(ctx, {
    types: Object.keys(KINDS),
    after: wanted.after,
    async show(event, fresh) {
      const change = changeIn(event);
      if (change.authorityId !== wanted.authorityId) return null;
      if (wanted.applicationId && change.applicationId !== wanted.applicationId) return null;
      await demandStaff(fresh, asker, 'staff:read');
      return (await messageById(fresh).load(change.messageId)) ? shown(event, change) : null;
    },
  });
}

/** Deliveries that failed for good, whoever's case it is; operators do not see the message. */
export function undeliverableEvents(ctx: Context, after: string | null | undefined) {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || !isOperator(asker)) throw forbidden();
  return live<Shown>(ctx, {
    types: ['message.undeliverable'],
    after,
    async show(event, fresh) {
      await demandStaff(fresh, asker, 'ops:deliveries');
      return shown(event, changeIn(event));
    },
  });
}

async function demandStaff(ctx: Context, who: Staff, scope: string): Promise<void> {
  if (!(await ctx.read(tx => isStaff(tx, who, scope)))) throw forbidden();
}
