/** Live feeds of payments; whose right to see a payment has ended gets no further event of it. */
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { rows } from '../../../kernel/database/database';
import { notFound } from '../../../kernel/errors';
import type { StoredEvent } from '../../../kernel/events/stream';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { type LiveEvent, live } from '../../../kernel/live';
import type { EventType } from '../../../schema/events';
import { Case } from '../cases/case.entity';
import { awaitCase } from '../cases/case.loaders';
import { mayReadCase, presently } from '../cases/case.rights';
import { Payment } from './payment.entity';
import { isCashier, mayReadPayment } from './payment.rights';

export enum PaymentEventKind {
  STARTED = 'STARTED',
  STATE_CHANGED = 'STATE_CHANGED',
  REFUND_CHANGED = 'REFUND_CHANGED',
  RECONCILIATION_NEEDED = 'RECONCILIATION_NEEDED',
}
registerEnumType(PaymentEventKind, {
  name: 'PaymentEventKind',
  description: 'What happened to a payment.',
  valuesConfig: {
    STARTED: { description: 'Begun.' },
    STATE_CHANGED: { description: 'The state changed.' },
    REFUND_CHANGED: { description: 'A refund began or ended.' },
    RECONCILIATION_NEEDED: { description: 'A human must decide.' },
  },
});

@ObjectType('PaymentEvent', { description: 'One change of a payment.' })
export class PaymentEvent implements LiveEvent {
  @Field(() => String, { description: 'The signed position to resume from; a position, not a permission.' })
  cursor!: string;

  @Field(() => DateTimeScalar, { description: 'When it happened.' })
  occurredAt!: Date;

  @Field(() => PaymentEventKind, { description: 'What happened.' })
  kind!: PaymentEventKind;

  paymentId!: string;
}

const KINDS: Partial<Record<EventType, PaymentEventKind>> = {
  'payment.started': PaymentEventKind.STARTED,
  'payment.state-changed': PaymentEventKind.STATE_CHANGED,
  'payment.refund-changed': PaymentEventKind.REFUND_CHANGED,
  'payment.reconciliation-needed': PaymentEventKind.RECONCILIATION_NEEDED,
};

type Shown = Pick<PaymentEvent, 'kind' | 'paymentId'>;

/** @throws NOT_FOUND when the asker may not see the case now */
export async function watchPayments(ctx: Context, args: { applicationId: string; after?: string | null }) {
  await awaitCase(ctx, args.applicationId);
  const now = ctx.again();
  const may = await now
    .read(async tx => {
      const [one] = await rows(tx, Case, 'SELECT * FROM application WHERE id = $1', [args.applicationId]);
      const who = await presently(tx, ctx.asker, one?.leikaKey ?? null);
      const receiver = { authorityId: one?.receivingAuthorityId ?? '' };
      return one !== undefined && (mayReadCase(one, who) || isCashier(receiver, who, 'payment:read'));
    })
    .finally(() => now.close());
  if (!may) throw notFound();
  return live<Shown>(ctx, {
    types: Object.keys(KINDS),
    after: args.after,
    show: async (event, fresh) => (event.key === args.applicationId ? shown(event, fresh) : null),
  });
}

async function shown(event: StoredEvent, fresh: Context): Promise<Shown | null> {
  const kind = KINDS[event.type as EventType];
  const paymentId = String(event.payload.paymentId);
  const may = await fresh.read(async tx => {
    const [payment] = await rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1', [paymentId]);
    if (!payment) return false;
    const [one] = await rows(tx, Case, 'SELECT * FROM application WHERE id = $1', [payment.applicationId]);
    const who = await presently(tx, fresh.asker, one?.leikaKey ?? null);
    return mayReadPayment(payment, one ?? null, who);
  });
  return kind && may ? { kind, paymentId } : null;
}

/** @throws NOT_FOUND for another authority than the asker's */
export async function watchToDecide(ctx: Context, args: { authorityId?: string | null; after?: string | null }) {
  const { asker } = ctx;
  if (asker.kind !== 'staff' || (args.authorityId && args.authorityId !== asker.authorityId)) throw notFound();
  return live<Shown>(ctx, {
    types: ['payment.reconciliation-needed'],
    after: args.after,
    show: async (event, fresh) => {
      if (event.payload.authorityId !== asker.authorityId) return null;
      const who = await fresh.read(tx => presently(tx, asker, null));
      return isCashier(asker, who, 'payment:reconcile') ? shown(event, fresh) : null;
    },
  });
}
