/** Beginning a payment: the intent is committed first, then the provider is called, then its answer is written. */
import { randomInt } from 'node:crypto';
import { ask } from '../../../kernel/ask';
import { now, today } from '../../../kernel/clock';
import { isReturnUrl } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import { brokenConstraint, rows, type Tx } from '../../../kernel/database/database';
import { forbidden, notFound } from '../../../kernel/errors';
import { madeBefore, once } from '../../../kernel/idempotency';
import { newId } from '../../../kernel/ids';
import { provenPerson } from '../../../kernel/membership';
import { publish } from '../../../schema/events';
import type { PriceAnswer } from '../asks';
import { Case } from '../cases/case.entity';
import { awaitCase } from '../cases/case.loaders';
import { isApplicant, mayReadCase } from '../cases/case.rights';
import { lockCase, pricesOf, settledOf } from '../cases/case.service';
import { inWords } from '../fees/amount';
import { linesOf } from '../fees/fee.quote';
import type { Price } from '../fees/fee.rules';
import { lineOf, type StoredItem } from '../fees/item.type';
import { currentProvider } from '../providers';
import { ProviderUnavailable } from '../providers/provider';
import { refuse } from '../refusals';
import { Payment, PaymentState, ReconciliationState } from './payment.entity';
import type { StartPaymentInput } from './payment.inputs';
import { addChange, eventOf } from './payment.outcome';
import { register } from './payment.provider';
import { isOpen, isToDecide } from './payment.states';
import { beginWatch, PAYABLE_MS, watchSoon } from './watch.entity';

const MOST_PAYMENTS = 100;
const ENDED = ['WITHDRAWN', 'ARCHIVED', 'DESTROYED'];

export async function startPayment(ctx: Context, input: StartPaymentInput): Promise<Payment> {
  const { principal } = ctx;
  await awaitCase(ctx, input.applicationId);
  const { one, made } = await ctx.write(async tx => {
    const one = await payersCase(tx, ctx, input.applicationId);
    return { one, made: await madeBefore(tx, principal, 'startPayment', input) };
  });
  if (made) return reachProvider(ctx, await storedPayment(ctx, made));
  if (!isReturnUrl(input.returnUrl)) throw refuse('RETURN_URL_NOT_REGISTERED');
  if (one.ars === null) throw refuse('FEE_UNKNOWN');
  const { serviceAtPlace } = await ask<PriceAnswer>(
    'payment',
    'price',
    { leikaKey: one.leikaKey, ars: one.ars },
    ctx.envelope,
  );
  // where nobody is responsible nothing can be submitted, so nothing is paid
  const responsible = serviceAtPlace?.responsibility?.responsibility?.authority?.id;
  const title = serviceAtPlace?.service.title ?? 'Gebühr';

  const begin = () =>
    ctx.write(tx =>
      once(tx, principal, 'startPayment', input, async () => {
        const locked = await lockCase(tx, input.applicationId);
        if (!locked) throw notFound();
        await provenPerson(tx, principal, locked.leikaKey);
        const authorityId = locked.receivingAuthorityId ?? locked.authorityId ?? responsible;
        if (!authorityId) throw refuse('NO_RESPONSIBILITY');
        return writeIntent(tx, ctx, locked, input, { authorityId, title });
      }),
    );
  const { id } = await begin().catch(error => {
    // one in many billions: the random reference was taken
    if (brokenConstraint(error) === 'payment_cash_reference_key') return begin();
    throw error;
  });
  return reachProvider(ctx, await storedPayment(ctx, id));
}

/** The case, if the asker may pay for it. @throws NOT_FOUND, or FORBIDDEN to those who may only look */
async function payersCase(tx: Tx, ctx: Context, id: string): Promise<Case> {
  const [one] = await rows(tx, Case, 'SELECT * FROM application WHERE id = $1', [id]);
  if (!one || !mayReadCase(one, ctx.principal)) throw notFound();
  if (!isApplicant(one, ctx.principal)) throw forbidden();
  await provenPerson(tx, ctx.principal, one.leikaKey);
  return one;
}

async function writeIntent(
  tx: Tx,
  ctx: Context,
  one: Case,
  input: StartPaymentInput,
  { authorityId, title }: { authorityId: string; title: string },
): Promise<string> {
  if (ENDED.includes(one.state)) throw refuse('INVALID_TRANSITION');
  const earlier = await rows(tx, Payment, 'SELECT * FROM payment WHERE application_id = $1 ORDER BY started_at DESC', [
    one.id,
  ]);
  const open = earlier.find(isOpen);
  if (open) throw refuse('PAYMENT_EXISTS', { stored: open, allowedActions: ['confirmPaymentReturn', 'cancelPayment'] });
  const unclear = earlier.find(payment => isToDecide(payment.reconciliation));
  if (unclear) throw refuse('PAYMENT_IN_RECONCILIATION', { stored: unclear, retryable: true });
  if (earlier.length >= MOST_PAYMENTS) throw refuse('TOO_MANY_PAYMENTS');

  const price = (await pricesOf(tx, [one], today())).get(one.id);
  const feeMinor = one.feeMinor ?? price?.totalMinor;
  if (feeMinor === undefined) throw refuse('FEE_UNKNOWN');
  const totalMinor = feeMinor - ((await settledOf(tx, [one.id])).get(one.id) ?? 0);
  if (totalMinor <= 0) throw refuse('NOTHING_DUE');
  if (totalMinor !== input.expectedAmount.amountMinor) {
    const due = { de: `Fällig: ${inWords(totalMinor, 'de')}`, en: `Due: ${inWords(totalMinor, 'en')}` };
    throw refuse('AMOUNT_CHANGED', {
      values: { due: inWords(totalMinor, ctx.language) },
      problems: [{ path: '/expectedAmount/amountMinor', code: 'AMOUNT_CHANGED', text: due }],
      allowedActions: ['startPayment'],
    });
  }

  const cashReference = newCashReference();
  const startedAt = now();
  const payment = Object.assign(new Payment(), {
    id: newId(),
    version: 1,
    applicationId: one.id,
    accountId: one.accountId,
    startedBy: ctx.principal.kind === 'person' ? ctx.principal.accountId : one.accountId,
    authorityId,
    state: PaymentState.INITIAL,
    reconciliation: ReconciliationState.NONE,
    totalMinor,
    feeMinor,
    items: itemsFor(price, totalMinor, title),
    purpose: purposeOf(title, cashReference),
    description: `${title.slice(0, 200)} (Kassenzeichen ${cashReference})`,
    wishedMethod: input.method ?? null,
    cashReference,
    provider: currentProvider().name,
    returnUrl: input.returnUrl,
    startedAt,
    expiresAt: new Date(startedAt.getTime() + PAYABLE_MS),
    countedMinor: 0,
    refundedMinor: 0,
  });
  if (one.receivingAuthorityId === null) await tx.update(Case, { id: one.id }, { receivingAuthorityId: authorityId });
  await tx.insert(Payment, payment);
  await addChange(tx, payment, { fromState: null, toState: payment.state, heldBack: false, providerEventId: null });
  await beginWatch(tx, payment);
  await publish(tx, 'payment.started', one.id, eventOf(payment));
  return payment.id;
}

/** Takes the payment to the provider unless it is there already. @throws Refusal TRY_AGAIN with the intent, which stays */
export async function reachProvider(ctx: Context, payment: Payment): Promise<Payment> {
  if (payment.providerTransactionId !== null || !isOpen(payment)) return payment;
  let registered: Payment;
  try {
    registered = await register(ctx.db, payment);
  } catch (error) {
    if (!(error instanceof ProviderUnavailable)) throw error;
    await ctx.write(tx => watchSoon(tx, payment.id, 2));
    throw refuse('TRY_AGAIN', { stored: payment });
  }
  if (registered.state === PaymentState.FAILED) throw refuse('PROVIDER_REFUSED', { stored: registered });
  return registered;
}

async function storedPayment(ctx: Context, id: string): Promise<Payment> {
  const [payment] = await ctx.write(tx => rows(tx, Payment, 'SELECT * FROM payment WHERE id = $1', [id]));
  if (!payment) throw notFound();
  return payment;
}

/** The lines of the fee, or one line for the rest of it. */
function itemsFor(price: Price | undefined, totalMinor: number, title: string): StoredItem[] {
  if (price && price.totalMinor === totalMinor) return linesOf(price);
  const reference = price?.rule?.items[0]?.reference ?? 'RESTBETRAG';
  const description = `Restbetrag ${title}`.slice(0, 250);
  return [lineOf({ reference, description, quantity: 1, taxRatePercent: '0', unitNetMinor: totalMinor })];
}

const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A reference (Kassenzeichen) of ten characters without look-alikes. */
const newCashReference = (): string => Array.from({ length: 10 }, () => LETTERS[randomInt(LETTERS.length)]).join('');

const UMLAUTS: Record<string, string> = { ä: 'ae', ö: 'oe', ü: 'ue', Ä: 'Ae', Ö: 'Oe', Ü: 'Ue', ß: 'ss' };

/** At most 27 characters of those the standard allows: the beginning of the title, then the reference. */
export function purposeOf(title: string, cashReference: string): string {
  const plain = title
    .replace(/[äöüÄÖÜß]/g, letter => UMLAUTS[letter]!)
    .normalize('NFD')
    .replace(/[^A-Za-z0-9 -]/g, '')
    .replace(/ +/g, ' ')
    .trim();
  return `${plain.slice(0, 26 - cashReference.length).trim()} ${cashReference}`.trim();
}
