/** Receipts of payments (Quittung): rendered once per payment, told to payment, readable by the payer. */
import { derivedId, newId } from '../../../kernel/ids';
import { readPdf } from '../../../kernel/testing/pdf';
import { person } from '../../../tests/setup/subgraph';
import { reading } from '../casework/desk.testing';
import { documentStore } from '../documents/stores';
import { AUTHORITY, type Stage, stage } from '../testing';
import { germanAmount } from './payment-receipt.letter';

let set: Stage;
beforeAll(async () => {
  set = await stage();
});
afterAll(() => set.stop());

const payed = (applicationId: string, paymentId: string, state = 'PAYED') =>
  set.subgraph.publish('payment', 'payment.state-changed', applicationId, {
    paymentId,
    applicationId,
    state,
    totalMinor: 102_600,
    authorityId: AUTHORITY,
    paidAt: state === 'PAYED' ? '2026-11-23T10:00:00Z' : null,
    cashReference: 'MUS/2026-000017',
    purpose: 'Gewerbeanmeldung',
  });
async function rendered(paymentId: string): Promise<{ documentId: string }> {
  for (let tries = 0; tries < 400; tries++) {
    const found = (await set.subgraph.published('application.payment-receipt-rendered')).filter(
      ({ payload }) => payload.paymentId === paymentId,
    );
    if (found[0]) return { documentId: String(found[0].payload.documentId) };
    await new Promise(resolve => setTimeout(resolve, 25));
  }
  throw new Error('No receipt was rendered.');
}
async function textOf(documentId: string): Promise<string> {
  const [row] = await set.subgraph.sql<{ storage_key: string }>(
    `SELECT storage_key FROM applications.document WHERE id = $1`,
    [documentId],
  );
  const chunks: Buffer[] = [];
  for await (const chunk of (await documentStore().get(row!.storage_key))!) chunks.push(chunk as Buffer);
  return readPdf(Buffer.concat(chunks)).text;
}

test('a payment before submission gets a receipt with the names the graph gives', async () => {
  const { id } = await set.draft();
  const paymentId = newId();
  set.subgraph.answerAsk('receiptParties', (variables, { principal }) => {
    expect(principal).toEqual({ kind: 'service', subgraph: 'applications', onBehalfOf: null });
    return {
      application: { id: variables.applicationId, applicant: { id: newId(), displayName: 'Zoë Łukasz' } },
      authority: { id: variables.authorityId, name: 'Amt Musterstadt' },
    };
  });
  await payed(id, paymentId);
  const { documentId } = await rendered(paymentId);
  const text = await textOf(documentId);
  for (const words of ['Quittung: Gewerbeanmeldung', 'Zoë Łukasz', '1.026,00 EUR', 'MUS/2026-000017', '23.11.2026']) {
    expect(text).toContain(words);
  }
  expect(await reading(set, set.klara, id, 'version documents { id filename purpose state }')).toEqual({
    version: 1,
    documents: [
      { id: documentId, filename: 'Quittung-MUS_2026-000017.pdf', purpose: 'PAYMENT_RECEIPT', state: 'AVAILABLE' },
    ],
  });
  const { errors } = await set.subgraph
    .as(person())
    .query('query ($id: ID!) { document(id: $id) { id } }', { id: documentId });
  expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
});

test('the same news twice makes one receipt, and its id follows from the payment', async () => {
  const { id } = await set.received();
  const paymentId = newId();
  await payed(id, paymentId);
  await payed(id, paymentId);
  const { documentId } = await rendered(paymentId);
  expect(documentId).toBe(derivedId('payment-receipt-document', paymentId));
  await payed(id, paymentId);
  const told = (await set.subgraph.published('application.payment-receipt-rendered')).filter(({ key }) => key === id);
  expect(told).toHaveLength(1);
  const [row] = await set.subgraph.sql(
    `SELECT count(*)::int FROM applications.document WHERE application_id = $1 AND purpose = 'PAYMENT_RECEIPT'`,
    [id],
  );
  expect(row).toEqual({ count: 1 });
});

test('a payment that was not made gets none', async () => {
  const { id } = await set.received();
  await payed(id, newId(), 'FAILED');
  expect(await set.subgraph.sql('SELECT 1 FROM applications.payment_receipt WHERE application_id = $1', [id])).toEqual(
    [],
  );
});

test('amounts are written as in German letters', () => {
  expect([0, 5, 2_600, 123_456_789].map(germanAmount)).toEqual([
    '0,00 EUR',
    '0,05 EUR',
    '26,00 EUR',
    '1.234.567,89 EUR',
  ]);
});
