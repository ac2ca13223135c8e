import { newId } from '../../../kernel/ids';
import type { Principal } from '../../../kernel/principal';
import { ANONYMOUS, person, staff } from '../../../tests/setup/subgraph';
import { PARTS, planOf, startWorld, type World } from '../testing/payment.world';

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

describe('who sees a payment', () => {
  const PAYMENT = 'query ($id: ID!) { payment(id: $id) { id redirectUrl possibleActions } }';

  test('the authority in charge after submission, its cashiers before; each without the address to pay at', async () => {
    const { klara, applicationId, payment } = await world.begun();
    const codes = async (who: Principal) => {
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
    const { klara, payment } = await world.begun();
    const byKey = async (who: Principal) => {
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
    const { klara, applicationId, payment } = await world.begun();
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
    const { klara, payment } = await world.begun();
    const count = (who: Principal) =>
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
    const ask = async (who: Principal) =>
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
      `SELECT * FROM payment WHERE authority_id = '%' AND reconciliation IN ('LATE_SUCCESS', 'AMOUNT_MISMATCH', 'DUPLICATE', 'NO_CASE') ORDER BY held_back_at, id LIMIT 21`,
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
    const { klara, applicationId, payment } = await world.begun();
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
