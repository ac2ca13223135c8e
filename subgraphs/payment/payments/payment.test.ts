import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { ARS, LEIKA_KEY, PARTS, planOf, RETURN_URL, startWorld, type World } from '../testing/payment.world';
import { purposeOf } from './payment.start';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.gate.provider = 'open';
  world.gate.reports = 'open';
  world.gate.held.length = 0;
});

const CASE = `query ($cases: [_Any!]!) { _entities(representations: $cases) { ... on Application {
  id amountDue { amountMinor } payments { ${PARTS} } } } }`;

async function cases(who: Parameters<World['subgraph']['as']>[0], ids: string[]) {
  const { data, errors, statements } = await world.subgraph
    .as(who)
    .query(CASE, { cases: ids.map(id => ({ __typename: 'Application', id })) });
  return { list: data?._entities, first: data?._entities?.[0], errors, statements };
}

const cancel = async (who: Parameters<World['subgraph']['as']>[0], paymentId: string, expectedVersion: number) => {
  const { data, errors } = await world.subgraph
    .as(who)
    .query(
      `mutation ($input: CancelPaymentInput!) { cancelPayment(input: $input) { payment { ${PARTS} stateDetail } refusal { code } } }`,
      { input: { paymentId, expectedVersion } },
    );
  return { ...data?.cancelPayment, error: errors?.[0]?.extensions.code };
};

const changesOf = async (who: Parameters<World['subgraph']['as']>[0], id: string) => {
  const { data } = await world.subgraph
    .as(who)
    .query('query ($id: ID!) { payment(id: $id) { changes { from to heldBack providerEventId } } }', { id });
  return data.payment.changes as {
    from: string | null;
    to: string;
    heldBack: boolean;
    providerEventId: string | null;
  }[];
};

/** A payment begun at the provider, whose reports do not come by themselves. */
async function begun() {
  world.gate.reports = 'held';
  const { klara, applicationId } = await world.draft();
  const { payment } = await world.start(klara, applicationId);
  return { klara, applicationId, payment };
}

describe('the amount due for a case', () => {
  test('is the fee, or the local amount frozen with the draft, and null where no fee is known', async () => {
    const { klara, applicationId } = await world.draft();
    const local = await world.draft(
      { accountId: klara.accountId, actingFor: klara.actingFor },
      { feeOverrideMinor: 1000 },
    );
    const unknown = await world.draft(
      { accountId: klara.accountId, actingFor: klara.actingFor },
      { leikaKey: '99123456789012' },
    );
    const { list } = await cases(klara, [applicationId, local.applicationId, unknown.applicationId]);
    expect(list).toMatchObject([
      { amountDue: { amountMinor: 2600 } },
      { amountDue: { amountMinor: 1000 } },
      { amountDue: null, payments: [] },
    ]);
  });

  test('is the same after submission even when the rule changes', async () => {
    const { klara, applicationId } = await world.draft({}, { leikaKey: LEIKA_KEY, feeOverrideMinor: null });
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    await world.subgraph.sql(`UPDATE payment.fee SET valid_to = '2021-01-01'`);
    try {
      expect((await cases(klara, [applicationId])).first.amountDue).toEqual({ amountMinor: 2600 });
    } finally {
      await world.subgraph.sql(`UPDATE payment.fee SET valid_to = NULL`);
    }
  });

  test('is nobody else’s business', async () => {
    const { klara, applicationId } = await world.draft();
    await world.start(klara, applicationId);
    const strangers = [
      person(),
      person({ actingFor: klara.accountId, services: ['99999999999999'] }),
      staff({ authorityId: world.authorityId }), // still a draft
      staff({ scopes: ['staff:read', 'payment:read'] }),
    ];
    for (const stranger of strangers) {
      expect((await cases(stranger, [applicationId])).first).toEqual({
        id: applicationId,
        amountDue: null,
        payments: null,
      });
    }
    expect((await cases(ANONYMOUS, [applicationId])).errors?.map(error => error.extensions.code)).toContain(
      'UNAUTHENTICATED',
    );
    const agent = person({ actingFor: klara.accountId, services: [LEIKA_KEY] });
    expect((await cases(agent, [applicationId])).first).toMatchObject({
      amountDue: { amountMinor: 2600 },
      payments: [{}],
    });
  });

  test('is known as soon as the draft was told of, even before this subgraph has handled it', async () => {
    const { klara, applicationId } = await world.draft();
    const next = newId();
    // hold the reactions up: the row they count in is locked until the question is under way
    const asked = await world.subgraph.running.db.tx(serviceOf('payment'), async tx => {
      await tx.query(`SELECT 1 FROM consumer WHERE name = 'reactions' FOR UPDATE`);
      void world.draft(klara, { applicationId: next });
      await world.until(`SELECT 1 FROM events.event WHERE payload->>'applicationId' = $1`, [next]);
      return { answer: cases(klara, [next]) };
    });
    expect((await asked.answer).first.amountDue).toEqual({ amountMinor: 2600 });
    expect((await cases(klara, [applicationId])).first.amountDue).toEqual({ amountMinor: 2600 });
  });

  test('and the payments cost the same number of statements for two cases and for twenty', async () => {
    const klara = person();
    const ids: string[] = [];
    for (let i = 0; i < 20; i++) {
      const { applicationId } = await world.draft(klara);
      ids.push(applicationId);
      if (i < 4) await world.start(klara, applicationId);
    }
    const few = await cases(klara, ids.slice(0, 2));
    const many = await cases(klara, ids);
    expect(many.list.filter((one: { payments: unknown[] }) => one.payments.length === 1)).toHaveLength(4);
    expect(many.statements).toBe(few.statements);
  });
});

describe('starting a payment', () => {
  test('opens it at the provider and leads the payer there', async () => {
    const { klara, applicationId } = await world.draft();
    const { payment, refusal } = await world.start(klara, applicationId);
    expect(refusal).toBeNull();
    expect(payment).toMatchObject({
      version: 2,
      state: 'INITIAL',
      finished: false,
      total: { amountMinor: 2600 },
      redirectUrl: expect.stringMatching(/\/pay\//),
      cashReference: expect.stringMatching(/^[0-9A-Z]{10}$/),
      possibleActions: ['confirmPaymentReturn', 'cancelPayment'],
    });
    const { data } = await world.subgraph.as(klara).query(
      `query ($id: ID!) { payment(id: $id) { purpose items { gross { amountMinor } } authority { id } application { id }
         method receipt { id } refundable { amountMinor } refunds { id } changes { from to heldBack } stateDetail } }`,
      { id: payment.id },
    );
    expect(data.payment).toMatchObject({
      purpose: `Gewerbeanmeldung ${payment.cashReference}`,
      items: [{ gross: { amountMinor: 2600 } }],
      authority: { id: world.authorityId },
      application: { id: applicationId },
      changes: [{ from: null, to: 'INITIAL', heldBack: false }],
      refundable: { amountMinor: 0 },
      refunds: [],
      receipt: null,
    });
    expect(await world.subgraph.published('payment.started')).toContainEqual(
      expect.objectContaining({
        key: applicationId,
        payload: {
          paymentId: payment.id,
          applicationId,
          state: 'INITIAL',
          totalMinor: 2600,
          authorityId: world.authorityId,
        },
      }),
    );
  });

  test('twice with one key is once, also at once; with another input it is refused', async () => {
    const { klara, applicationId } = await world.draft();
    const idempotencyKey = newId();
    const both = await Promise.all([
      world.start(klara, applicationId, { idempotencyKey }),
      world.start(klara, applicationId, { idempotencyKey }),
    ]);
    const third = await world.start(klara, applicationId, { idempotencyKey });
    expect(new Set([...both, third].map(({ payment }) => payment.id)).size).toBe(1);
    expect(third.payment.redirectUrl).toBe(both[0].payment.redirectUrl);
    const other = await world.start(klara, applicationId, { idempotencyKey, method: 'PAYPAL' });
    expect(other.refusal?.code).toBe('IDEMPOTENCY_MISMATCH');
    const [{ count } = { count: 0 }] = await world.subgraph.sql<{ count: number }>(
      'SELECT count(*)::int FROM payment.payment WHERE application_id = $1',
      [applicationId],
    );
    expect(count).toBe(1);
  });

  test('with another key is refused while one is open, and shows that one', async () => {
    const { klara, applicationId } = await world.draft();
    const first = await world.start(klara, applicationId);
    const again = await world.start(klara, applicationId);
    expect(again).toMatchObject({
      payment: { id: first.payment.id, redirectUrl: first.payment.redirectUrl },
      refusal: { code: 'PAYMENT_EXISTS', allowedActions: ['confirmPaymentReturn', 'cancelPayment'] },
    });
  });

  test('refuses another amount than is due, naming the right one', async () => {
    const { klara, applicationId } = await world.draft();
    const { payment, refusal } = await world.start(klara, applicationId, { expectedAmount: { amountMinor: 2500 } });
    expect(payment).toBeNull();
    expect(refusal).toMatchObject({
      code: 'AMOUNT_CHANGED',
      message: 'Zu zahlen sind jetzt 26,00 €.',
      problems: [{ path: '/expectedAmount/amountMinor', message: 'Fällig: 26,00 €' }],
    });
  });

  test('refuses where nothing is due or nobody knows what is', async () => {
    const free = await world.draft({}, { feeOverrideMinor: 0 });
    const nothing = await world.start(free.klara, free.applicationId, { expectedAmount: { amountMinor: 0 } });
    expect(nothing.refusal?.code).toBe('NOTHING_DUE');
    const unknown = await world.draft({}, { leikaKey: '99123456789012' });
    expect((await world.start(unknown.klara, unknown.applicationId)).refusal?.code).toBe('FEE_UNKNOWN');
  });

  test('sends the browser back to registered addresses only', async () => {
    const { klara, applicationId } = await world.draft();
    for (const returnUrl of [`${RETURN_URL}/x`, 'https://evil.example/', 'javascript:alert(1)']) {
      expect((await world.start(klara, applicationId, { returnUrl })).refusal?.code).toBe('RETURN_URL_NOT_REGISTERED');
    }
  });

  test('is for the applicant’s side: others find nothing, staff may only look', async () => {
    const { klara, applicationId } = await world.draft();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    expect((await world.start(person(), applicationId)).errors).toEqual(['NOT_FOUND']);
    expect((await world.start(klara, newId())).errors).toEqual(['NOT_FOUND']);
    expect((await world.start(ANONYMOUS, applicationId)).errors).toEqual(['UNAUTHENTICATED']);
    expect((await world.start(await world.hire(['staff:read']), applicationId)).errors).toEqual(['FORBIDDEN']);
    expect((await world.start({ ...klara, readOnly: true }, applicationId)).errors).toEqual(['FORBIDDEN']);
    // an agent whose mandate identity has never announced, or has ended
    const agent = person({ actingFor: klara.accountId });
    expect((await world.start(agent, applicationId)).errors).toEqual(['FORBIDDEN']);
    const mandate = {
      mandateId: newId(),
      principalAccountId: klara.accountId,
      agentAccountId: agent.accountId,
      leikaKeys: [],
    };
    const since = { validFrom: '2020-01-01T00:00:00Z' };
    await world.subgraph.publish('identity', 'mandate.changed', klara.accountId, {
      ...mandate,
      ...since,
      validTo: null,
    });
    expect((await world.start(agent, applicationId)).payment.state).toBe('INITIAL');
  });

  test('asks nobody inside a transaction, and loses nothing when the catalogue does not answer', async () => {
    const { klara, applicationId } = await world.draft({}, { ars: '020000000000', feeOverrideMinor: 2600 });
    const idempotencyKey = newId();
    let away = true;
    world.subgraph.answerAsk('price', ({ ars }) => {
      if (away && ars !== ARS) throw new Error('away');
      return {
        serviceAtPlace: {
          service: { leikaKey: LEIKA_KEY, title: 'Gewerbeanmeldung (Führung)' },
          responsibility: { responsibility: null, fallbackAuthority: { id: world.authorityId } },
        },
      };
    });
    expect((await world.start(klara, applicationId, { idempotencyKey })).refusal).toMatchObject({
      code: 'TRY_AGAIN',
      retryable: true,
    });
    away = false;
    expect((await world.start(klara, applicationId, { idempotencyKey })).payment.state).toBe('INITIAL');
  });

  test('keeps the intent when the provider does not answer; the same key goes on with the same payment', async () => {
    const { klara, applicationId } = await world.draft();
    const idempotencyKey = newId();
    world.gate.provider = 'shut';
    const first = await world.start(klara, applicationId, { idempotencyKey });
    expect(first).toMatchObject({
      payment: { state: 'INITIAL', redirectUrl: null },
      refusal: { code: 'TRY_AGAIN', retryable: true },
    });
    world.gate.provider = 'open';
    const second = await world.start(klara, applicationId, { idempotencyKey });
    expect(second).toMatchObject({ payment: { id: first.payment.id, redirectUrl: expect.any(String) }, refusal: null });
  });

  test('opens one payment at the provider even when the answer is lost, and the queue repairs it alone', async () => {
    const { klara, applicationId } = await world.draft();
    world.gate.provider = 'lossy';
    const { payment, refusal } = await world.start(klara, applicationId);
    expect(refusal?.code).toBe('TRY_AGAIN');
    const before = world.gate.requests.length;
    expect(world.gate.requests.at(-1)).toBe('POST /payments');
    world.gate.provider = 'open';
    await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [payment.id]);
    const repaired = await world.until<{ provider_transaction_id: string }>(
      'SELECT provider_transaction_id FROM payment.payment WHERE id = $1 AND provider_transaction_id IS NOT NULL',
      [payment.id],
    );
    expect(world.gate.requests.slice(before)).toContain('POST /payments');
    const { first } = await cases(klara, [applicationId]);
    expect(first.payments).toMatchObject([
      { id: payment.id, redirectUrl: expect.stringContaining(repaired.provider_transaction_id) },
    ]);
  });

  test('makes a purpose of at most 27 allowed characters out of any title', () => {
    for (const title of [
      'Gewerbeanmeldung (Führung)',
      'Straßenverkehr – Ausnahme § 46',
      '',
      'Ümläüte ÄÖÜß und noch viel mehr',
    ]) {
      expect(purposeOf(title, '0123456789')).toMatch(/^[A-Za-z0-9 -]{1,27}$/);
    }
    expect(purposeOf('Führungszeugnis', 'ABCDEFGHJK')).toBe('Fuehrungszeugnis ABCDEFGHJK');
  });
});

describe('how a payment ends', () => {
  test('is what the provider says when it is asked, however often', async () => {
    const { klara, applicationId, payment } = await begun();
    expect((await world.confirm(klara, payment.id)).payment.state).toBe('INITIAL');
    await world.pay(payment.redirectUrl);
    const both = await Promise.all([world.confirm(klara, payment.id), world.confirm(klara, payment.id)]);
    for (const { payment: paid } of both) {
      expect(paid).toMatchObject({
        state: 'PAYED',
        finished: true,
        redirectUrl: null,
        version: 3,
        possibleActions: [],
      });
      expect(paid.paidAt).not.toBeNull();
    }
    expect((await cases(klara, [applicationId])).first).toMatchObject({
      amountDue: { amountMinor: 0 },
      payments: [{ state: 'PAYED' }],
    });
    const events = (await world.subgraph.published('payment.state-changed')).filter(
      event => event.key === applicationId,
    );
    expect(events).toHaveLength(1);
    expect(events[0]?.payload).toMatchObject({
      paymentId: payment.id,
      state: 'PAYED',
      totalMinor: 2600,
      paidMinor: 2600,
      paidAt: both[0].payment.paidAt,
      cashReference: payment.cashReference,
      purpose: `Gewerbeanmeldung ${payment.cashReference}`,
    });
    expect((await world.start(klara, applicationId)).refusal?.code).toBe('NOTHING_DUE');
  });

  test('comes by the provider’s report; the report after one’s own question is named in the same change', async () => {
    const { klara, payment } = await begun();
    await world.pay(payment.redirectUrl);
    await world.confirm(klara, payment.id);
    const [report] = world.gate.held.splice(0);
    expect(await world.gate.deliver(report!)).toBe(204);
    expect(await world.gate.deliver(report!)).toBe(204);
    const { eventId } = JSON.parse(report!.body);
    expect(await changesOf(klara, payment.id)).toEqual([
      { from: null, to: 'INITIAL', heldBack: false, providerEventId: null },
      { from: 'INITIAL', to: 'PAYED', heldBack: false, providerEventId: eventId },
    ]);
  });

  test.each(['FAILED', 'CANCELED'] as const)('may be %s, and another payment may begin', async outcome => {
    const { klara, applicationId } = await world.draft();
    const { payment } = await world.start(klara, applicationId);
    await world.pay(payment.redirectUrl, outcome);
    const { first } = await cases(klara, [applicationId]);
    expect(first).toMatchObject({
      amountDue: { amountMinor: 2600 },
      payments: [{ state: outcome, finished: true, redirectUrl: null }],
    });
    const next = await world.start(klara, applicationId);
    expect(next.payment.id).not.toBe(payment.id);
    expect((await cases(klara, [applicationId])).first.payments.map((one: { id: string }) => one.id)).toEqual([
      next.payment.id,
      payment.id,
    ]);
  });

  test('cannot be told while the provider does not answer', async () => {
    const { klara, payment } = await begun();
    await world.pay(payment.redirectUrl);
    world.gate.provider = 'shut';
    expect(await world.confirm(klara, payment.id)).toMatchObject({
      payment: { state: 'INITIAL' },
      refusal: { code: 'TRY_AGAIN', retryable: true },
    });
    const [report] = world.gate.held.splice(0);
    expect(await world.gate.deliver(report!)).toBe(503);
    world.gate.provider = 'open';
    expect(await world.gate.deliver(report!)).toBe(204);
    expect((await world.confirm(klara, payment.id)).payment.state).toBe('PAYED');
  });

  test('is confirmed by the applicant’s side only', async () => {
    const { klara, applicationId, payment } = await begun();
    expect((await world.confirm(person(), payment.id)).errors).toEqual(['NOT_FOUND']);
    expect((await world.confirm(klara, newId())).errors).toEqual(['NOT_FOUND']);
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    expect((await world.confirm(await world.hire(['staff:read']), payment.id)).errors).toEqual(['FORBIDDEN']);
  });

  test('is failure when nobody pays in time, after the provider was asked once more', async () => {
    const { klara, payment } = await begun();
    const late = await begun();
    await world.pay(late.payment.redirectUrl);
    for (const { id } of [payment, late.payment]) {
      await world.subgraph.sql(`UPDATE payment.payment SET expires_at = now() - interval '1 second' WHERE id = $1`, [
        id,
      ]);
      await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [id]);
    }
    const ended = `SELECT state FROM payment.payment WHERE id = $1 AND state <> 'INITIAL'`;
    expect(await world.until(ended, [payment.id])).toEqual({ state: 'FAILED' });
    expect(await world.until(ended, [late.payment.id])).toEqual({ state: 'PAYED' });
    const { data } = await world.subgraph
      .as(klara, 'en')
      .query('query ($id: ID!) { payment(id: $id) { stateDetail } }', { id: payment.id });
    expect(data.payment.stateDetail).toBe('The time to pay is over.');
    // and it is looked after once more, because a report may be lost
    await world.pay(payment.redirectUrl);
    await world.subgraph.sql('UPDATE payment.payment_watch SET next_attempt_at = now() WHERE id = $1', [payment.id]);
    const held = `SELECT reconciliation FROM payment.payment WHERE id = $1 AND reconciliation <> 'NONE'`;
    expect(await world.until(held, [payment.id])).toEqual({ reconciliation: 'LATE_SUCCESS' });
  });
});

describe('giving a payment up', () => {
  test('ends it and lets another begin', async () => {
    const { klara, applicationId, payment } = await begun();
    const given = await cancel(klara, payment.id, payment.version);
    expect(given).toMatchObject({
      payment: {
        state: 'CANCELED',
        finished: true,
        version: payment.version + 1,
        stateDetail: 'Die Zahlung wurde abgebrochen.',
      },
      refusal: null,
    });
    expect((await cancel(klara, payment.id, payment.version)).refusal.code).toBe('VERSION_CONFLICT');
    expect((await cancel(klara, payment.id, payment.version + 1)).refusal.code).toBe('INVALID_TRANSITION');
    expect((await world.start(klara, applicationId)).payment.state).toBe('INITIAL');
  });

  test('comes too late for what is paid already', async () => {
    const { klara, payment } = await begun();
    await world.pay(payment.redirectUrl);
    expect(await cancel(klara, payment.id, payment.version)).toMatchObject({
      payment: { state: 'PAYED' },
      refusal: { code: 'VERSION_CONFLICT' },
    });
  });

  test('is for the applicant’s side', async () => {
    const { payment } = await begun();
    expect((await cancel(person(), payment.id, payment.version)).error).toBe('NOT_FOUND');
  });

  test('waits for the provider’s word', async () => {
    const { klara, payment } = await begun();
    world.gate.provider = 'shut';
    expect(await cancel(klara, payment.id, payment.version)).toMatchObject({
      payment: { state: 'INITIAL' },
      refusal: { code: 'TRY_AGAIN' },
    });
  });
});

describe('the receipt', () => {
  test('is shown once applications has rendered it', async () => {
    const { klara, applicationId, payment } = await begun();
    await world.pay(payment.redirectUrl);
    await world.confirm(klara, payment.id);
    const documentId = newId();
    for (let i = 0; i < 2; i++) {
      await world.subgraph.publish('applications', 'application.payment-receipt-rendered', applicationId, {
        applicationId,
        paymentId: payment.id,
        documentId,
      });
    }
    const { data } = await world.subgraph
      .as(klara)
      .query('query ($id: ID!) { payment(id: $id) { version receipt { id } } }', { id: payment.id });
    expect(data.payment).toEqual({ version: 4, receipt: { id: documentId } });
  });
});

describe('who sees a payment', () => {
  const PAYMENT = 'query ($id: ID!) { payment(id: $id) { id redirectUrl possibleActions } }';

  test('the authority in charge after submission, its cashiers before; each without the address to pay at', async () => {
    const { klara, applicationId, payment } = await begun();
    const codes = async (who: Parameters<World['subgraph']['as']>[0]) => {
      const { data, errors } = await world.subgraph.as(who).query(PAYMENT, { id: payment.id });
      return errors?.[0]?.extensions.code ?? data.payment;
    };
    const seen = { id: payment.id, redirectUrl: null, possibleActions: [] };
    const max = staff({ authorityId: world.authorityId });
    expect(await codes(max)).toBe('NOT_FOUND');
    expect(await codes(staff({ authorityId: world.authorityId, scopes: ['payment:read'] }))).toEqual(seen);
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    expect(await codes(max)).toEqual(seen);
    expect(await codes(staff({ authorityId: world.authorityId, scopes: ['catalogue:edit'] }))).toBe('NOT_FOUND');
    expect(await codes(staff())).toBe('NOT_FOUND');
    expect(await codes(person())).toBe('NOT_FOUND');
    expect(await codes({ kind: 'machine', name: 'x', scopes: ['payment:read'] })).toBe('NOT_FOUND');
    // forwarded: the new authority sees it, the old one keeps its cashiers only
    const next = newId();
    await world.moved(applicationId, klara, 'application.forwarded', {
      authorityId: next,
      fromAuthorityId: world.authorityId,
    });
    expect(await codes(staff({ authorityId: next }))).toEqual(seen);
    expect(await codes(max)).toBe('NOT_FOUND');
    expect(await codes(staff({ authorityId: world.authorityId, scopes: ['payment:read'] }))).toEqual(seen);
  });

  test('by key the same as by id', async () => {
    const { klara, payment } = await begun();
    const byKey = async (who: Parameters<World['subgraph']['as']>[0]) => {
      const { data } = await world.subgraph
        .as(who)
        .query('query ($r: [_Any!]!) { _entities(representations: $r) { ... on Payment { id } } }', {
          r: [{ __typename: 'Payment', id: payment.id }],
        });
      return data?._entities?.[0] ?? null;
    };
    expect(await byKey(klara)).toEqual({ id: payment.id });
    expect(await byKey(person())).toBeNull();
    expect(await byKey(staff({ authorityId: world.authorityId }))).toBeNull();
    expect(await byKey(ANONYMOUS)).toBeNull();
  });

  test('is noted when it is staff', async () => {
    const { klara, applicationId, payment } = await begun();
    await world.moved(applicationId, klara, 'application.submitted', { serviceTitle: 'x', applicantName: 'y' });
    const max = staff({ authorityId: world.authorityId });
    await world.subgraph.as(max).query(PAYMENT, { id: payment.id });
    expect(
      (await world.subgraph.published('data.accessed')).filter(
        event => event.payload.staffMemberId === max.staffMemberId,
      ),
    ).toMatchObject([
      {
        key: klara.accountId,
        payload: { subjectType: 'Payment', subjectId: payment.id, applicationId, purpose: 'MU-2026-000017' },
      },
    ]);
  });

  test('the rows’ own wall lets through what the rules let through, and no more', async () => {
    const { klara, payment } = await begun();
    const count = (who: Parameters<World['subgraph']['as']>[0]) =>
      world.subgraph.running.db.tx(who, async tx => {
        const [row] = await tx.query(
          `SELECT (SELECT count(*) FROM payment WHERE id = $1)::int + (SELECT count(*) FROM payment_change WHERE payment_id = $1)::int
             + (SELECT count(*) FROM application WHERE account_id = $2)::int AS count`,
          [payment.id, klara.accountId],
        );
        return row.count as number;
      });
    expect(await count(klara)).toBe(3);
    expect(await count(staff({ authorityId: world.authorityId, scopes: [] }))).toBe(3);
    for (const who of [person(), staff(), ANONYMOUS, { kind: 'machine', name: 'x', scopes: [] } as const]) {
      expect(await count(who)).toBe(0);
    }
  });
});

describe('the payments of an authority', () => {
  const LIST = `query ($authorityId: ID!, $states: [PaymentState!], $cashReference: String, $first: Int, $after: String) {
    payments(authorityId: $authorityId, states: $states, cashReference: $cashReference, first: $first, after: $after) {
      nodes { ${PARTS} changes { to } refunds { id } } pageInfo { hasNextPage endCursor } totalCount } }`;

  test('are listed for its cashiers, newest first, in pages, by state and reference', async () => {
    const own = await startedAt(newId(), 22);
    const cashier = staff({ authorityId: own.authorityId, scopes: ['payment:read'] });
    const list = async (variables: object) => {
      const answer = await world.subgraph.as(cashier).query(LIST, { authorityId: own.authorityId, ...variables });
      expect(answer.errors).toBeUndefined();
      return { ...answer.data.payments, statements: answer.statements };
    };
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof list>> = await list({ first: 5, after });
      expect(page.totalCount).toBe(22);
      seen.push(...page.nodes.map((one: { id: string }) => one.id));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(own.ids.reverse());
    expect((await list({ states: ['PAYED'] })).totalCount).toBe(0);
    const [one] = (await list({ first: 1 })).nodes;
    expect((await list({ cashReference: one.cashReference })).nodes).toMatchObject([{ id: one.id }]);
    expect((await list({ first: 20 })).statements).toBe((await list({ first: 2 })).statements);
  });

  test('are none of another authority’s', async () => {
    const ask = async (who: Parameters<World['subgraph']['as']>[0]) =>
      (await world.subgraph.as(who).query(LIST, { authorityId: world.authorityId })).errors?.[0]?.extensions.code;
    expect(await ask(staff({ scopes: ['payment:read'] }))).toBe('NOT_FOUND');
    expect(await ask(staff({ authorityId: world.authorityId }))).toBe('FORBIDDEN');
    expect(await ask(person())).toBe('FORBIDDEN');
    expect(await ask({ kind: 'machine', name: 'x', scopes: ['payment:read'] })).toBe('NOT_FOUND');
  });

  test.each([
    ['payment_authority', `SELECT * FROM payment WHERE authority_id = '%' ORDER BY started_at DESC, id DESC LIMIT 21`],
    ['payment_application', `SELECT * FROM payment WHERE application_id = ANY('{%}')`],
    [
      'payment_to_decide',
      `SELECT * FROM payment WHERE authority_id = '%' AND reconciliation IN ('LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE') ORDER BY held_back_at, id LIMIT 21`,
    ],
    ['payment_cash_reference_key', `SELECT * FROM payment WHERE cash_reference = 'X'`],
    [
      'payment_watch_due',
      'SELECT * FROM payment_watch WHERE NOT done AND next_attempt_at <= now() ORDER BY next_attempt_at',
    ],
    ['refund_payment', `SELECT * FROM refund WHERE payment_id = ANY('{%}')`],
    ['payment_change_payment', `SELECT * FROM payment_change WHERE payment_id = ANY('{%}') ORDER BY id`],
  ])('are found by the index %s', async (index, sql) => {
    expect(await planOf(world.subgraph, sql.replaceAll('%', newId()))).toContain(index);
  });

  /** Rows as after many beginnings, for an authority of their own. */
  async function startedAt(authorityId: string, count: number) {
    const { klara, applicationId, payment } = await begun();
    const ids = Array.from({ length: count }, newId);
    await world.subgraph.sql(
      `INSERT INTO payment.payment SELECT (jsonb_populate_record(payment, jsonb_build_object('id', made.id, 'authority_id', $2::uuid,
         'state', 'FAILED', 'cash_reference', left(md5(made.id::text), 10), 'provider_transaction_id', made.id::text,
         'started_at', payment.started_at + made.n * interval '1 second'))).*
       FROM payment.payment, unnest($3::uuid[]) WITH ORDINALITY AS made (id, n) WHERE payment.id = $1`,
      [payment.id, authorityId, ids],
    );
    return { klara, applicationId, authorityId, ids };
  }
});
