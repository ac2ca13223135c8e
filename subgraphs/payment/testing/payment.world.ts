/** The payment subgraph with the simulated provider behind a gate, one fee rule, and people who have cases; for tests. */
import { createHmac } from 'node:crypto';
import { startPaymentProvider } from '../../../dev/payment-provider/payment-provider';
import { setting } from '../../../kernel/config';
import { newId } from '../../../kernel/ids';
import { type Person, type Principal, type Staff, serviceOf } from '../../../kernel/principal';
import { type Answer, person, staff, startTestSubgraph, type TestSubgraph } from '../../../tests/setup/subgraph';
import payment from '../subgraph';
import { type Gate, startGate } from './gate';

export const LEIKA_KEY = '99050012104000';
export const ARS = '010995999001';
export const RETURN_URL = 'https://portal.musterstadt.example/paid';
export const PARTS = `id version state finished total { amountMinor } cashReference redirectUrl expiresAt paidAt
  reconciliation possibleActions`;

export interface World {
  readonly subgraph: TestSubgraph;
  readonly gate: Gate;
  /** Shared with the provider. */
  readonly secret: string;
  /** The authority that receives the money. */
  readonly authorityId: string;
  /** A draft of a fresh account (or of `given`). */
  draft(given?: Partial<Person>, more?: object): Promise<{ klara: Person; applicationId: string }>;
  /** The next event of a case, such as `application.submitted`. */
  moved(applicationId: string, klara: Person, type: string, more?: object): Promise<void>;
  /** A member of the staff whom identity has announced. */
  hire(scopes: string[], authorityId?: string): Promise<Staff>;
  start(who: Principal, applicationId: string, more?: object): Promise<Started>;
  confirm(who: Principal, paymentId: string): Promise<Started>;
  /** A payment begun at the provider, whose reports do not come by themselves. */
  begun(): Promise<{ klara: Person; applicationId: string; payment: StoredPayment }>;
  /** What payment adds to cases, as a join asks for it. */
  cases(who: Principal, ids: string[]): Promise<SeenCases>;
  /** What the payer does at the provider's page. */
  pay(redirectUrl: string, outcome?: 'PAYED' | 'FAILED' | 'CANCELED', grosAmount?: number): Promise<void>;
  /** A report signed as the provider would. */
  report(body: object, tamper?: { secret?: string; timestamp?: string; body?: string }): Promise<number>;
  /** Resolves when a query of the owner finds a row; polls, because queues work on their own. */
  until<T>(sql: string, values: unknown[]): Promise<T>;
  stop(): Promise<void>;
}

interface SeenCase {
  id: string;
  amountDue: { amountMinor: number } | null;
  payments: StoredPayment[] | null;
}

export interface SeenCases {
  list: SeenCase[];
  first: SeenCase;
  errors: Answer['errors'];
  statements: number;
}

export interface StoredPayment {
  id: string;
  version: number;
  state: string;
  finished: boolean;
  total: { amountMinor: number };
  cashReference: string;
  redirectUrl: string;
  expiresAt: string;
  paidAt: string | null;
  reconciliation: string;
  possibleActions: string[];
}

export interface Started {
  payment: StoredPayment;
  refusal: {
    code: string;
    message: string;
    retryable: boolean;
    problems: { path: string; message: string }[];
    allowedActions: string[];
  } | null;
  errors?: string[];
}

export async function startWorld(): Promise<World> {
  const secret = setting('PAYMENT_PROVIDER_SECRET');
  const provider = await startPaymentProvider({ port: 0, secret, retryMs: 5 });
  let subgraph: TestSubgraph;
  const gate = await startGate({ provider: () => provider.url, payment: () => subgraph.url });
  process.env.PAYMENT_PROVIDER_URL = gate.url;
  process.env.PAYMENT_PUBLIC_URL = gate.url;
  subgraph = await startTestSubgraph(payment);
  const authorityId = newId();
  subgraph.answerAsk('price', () => ({
    serviceAtPlace: {
      service: { leikaKey: LEIKA_KEY, title: 'Gewerbeanmeldung (Führung)' },
      responsibility: { responsibility: { id: newId(), authority: { id: authorityId } } },
    },
  }));
  await addFee(subgraph, {});

  const mutate = async (who: Principal, name: string, input: object): Promise<Started> => {
    const type = `${name[0]!.toUpperCase()}${name.slice(1)}Input`;
    const { data, errors } = await subgraph.as(who).query(
      `mutation ($input: ${type}!) { ${name}(input: $input) { payment { ${PARTS} }
         refusal { code message retryable allowedActions problems { path message } } } }`,
      { input },
    );
    return { ...data?.[name], ...(errors && { errors: errors.map(({ extensions }) => extensions.code) }) };
  };

  const world: World = {
    subgraph,
    gate,
    secret,
    authorityId,
    async draft(given = {}, more = {}) {
      const klara = person(given);
      const { applicationId = newId() } = more as { applicationId?: string };
      await subgraph.publish('applications', 'application.draft-created', applicationId, {
        applicationId,
        accountId: klara.actingFor,
        agentAccountId: null,
        leikaKey: LEIKA_KEY,
        ars: ARS,
        requiredTrustLevel: 'SUBSTANTIAL',
        feeOverrideMinor: null,
        ...more,
      });
      return { klara, applicationId };
    },
    moved: (applicationId, klara, type, more = {}) =>
      subgraph.publish('applications', type, applicationId, {
        applicationId,
        version: 3,
        state: 'SUBMITTED',
        publicStatus: 'SUBMITTED',
        accountId: klara.actingFor,
        agentAccountId: null,
        leikaKey: LEIKA_KEY,
        authorityId,
        departmentId: null,
        reference: 'MU-2026-000017',
        requiredTrustLevel: 'SUBSTANTIAL',
        ...more,
      }),
    async hire(scopes, of = authorityId) {
      const hired = staff({ authorityId: of, scopes });
      await subgraph.publish('identity', 'staff.changed', hired.staffMemberId, {
        staffMemberId: hired.staffMemberId,
        authorityId: of,
        departmentId: null,
        scopes,
        active: true,
      });
      return hired;
    },
    start: (who, applicationId, more = {}) =>
      mutate(who, 'startPayment', {
        applicationId,
        expectedAmount: { amountMinor: 2600 },
        returnUrl: RETURN_URL,
        idempotencyKey: newId(),
        ...more,
      }),
    confirm: (who, paymentId) => mutate(who, 'confirmPaymentReturn', { paymentId }),
    async begun() {
      gate.reports = 'held';
      const { klara, applicationId } = await world.draft();
      const { payment: begun } = await world.start(klara, applicationId);
      return { klara, applicationId, payment: begun };
    },
    async cases(who, ids) {
      const { data, errors, statements } = await subgraph.as(who).query(
        `query ($cases: [_Any!]!) { _entities(representations: $cases) { ... on Application {
           id amountDue { amountMinor } payments { ${PARTS} } } } }`,
        { cases: ids.map(id => ({ __typename: 'Application', id })) },
      );
      return { list: data?._entities, first: data?._entities?.[0], errors, statements };
    },
    async pay(redirectUrl, outcome = 'PAYED', grosAmount) {
      const response = await fetch(redirectUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ outcome, ...(grosAmount !== undefined && { grosAmount }) }),
        redirect: 'manual',
      });
      if (response.status !== 303) throw new Error(`The provider's page answers ${response.status}.`);
      await provider.idle();
    },
    report(body, tamper = {}) {
      const text = JSON.stringify(body);
      const timestamp = tamper.timestamp ?? new Date().toISOString();
      const signature = createHmac('sha256', tamper.secret ?? secret)
        .update(`${timestamp}.${text}`)
        .digest('hex');
      const headers = { 'x-timestamp': timestamp, 'x-signature': `sha256=${signature}` };
      return gate.deliver({ path: '/reports/xbezahldienste', headers, body: tamper.body ?? text });
    },
    async until<T>(sql: string, values: unknown[]) {
      for (let tries = 0; tries < 400; tries++) {
        const [row] = await subgraph.sql<T>(sql, values);
        if (row) return row;
        await new Promise(resolve => setTimeout(resolve, 25));
      }
      throw new Error(`Never true: ${sql}`);
    },
    async stop() {
      await subgraph.stop();
      await provider.stop();
      await gate.stop();
    },
  };
  return world;
}

/** A fee rule straight into the table: 26 euros for LEIKA_KEY in the whole state, unless said otherwise. */
export async function addFee(
  subgraph: TestSubgraph,
  given: Partial<Record<'leikaKey' | 'ars' | 'from' | 'to', string>> & { minor?: number; prepay?: boolean },
) {
  const { leikaKey = LEIKA_KEY, ars = '01', from = '2020-01-01', to = null, minor = 2600, prepay = true } = given;
  const item = {
    reference: 'GEW-A1',
    description: 'Gewerbeanmeldung',
    quantity: 1,
    taxRatePercent: '0',
    unitNetMinor: minor,
    unitTaxMinor: 0,
    netMinor: minor,
    taxMinor: 0,
  };
  const id = newId();
  await subgraph.sql(
    `INSERT INTO payment.fee VALUES ($1, 1, $2, $3, $4, $5, $6, 'Gebührenordnung § 1', $7, $8, NULL, now())`,
    [id, leikaKey, ars, JSON.stringify(minor > 0 ? [item] : []), minor, prepay, from, to],
  );
  return id;
}

/** How PostgreSQL would find the rows of a large table, as the subgraph's own role. */
export const planOf = (subgraph: TestSubgraph, sql: string): Promise<string> =>
  subgraph.running.db.tx(serviceOf('payment'), async tx => {
    await tx.query('SET LOCAL enable_seqscan = off');
    return JSON.stringify(await tx.query(`EXPLAIN ${sql}`));
  });
