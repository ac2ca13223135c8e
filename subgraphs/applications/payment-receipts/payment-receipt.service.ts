/** From a payment that has come in to its receipt among the documents: noted by a reaction, rendered by a queue. */
import { ask } from '../../../kernel/ask';
import { now } from '../../../kernel/clock';
import { afterCommit, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { derivedId, newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import type { Queue } from '../../../kernel/queue';
import { type Events, publish } from '../../../schema/events';
import type { Application } from '../application/application.entity';
import { lockApplication } from '../application/application.rights';
import type { ReceiptPartiesAnswer } from '../asks';
import { DocumentPurpose } from '../documents/document.entity';
import { insertMade, storeMade } from '../documents/document.make';
import { renderLetter } from '../letters/letter';
import { PaymentReceipt } from './payment-receipt.entity';
import { type Parties, receiptLetter } from './payment-receipt.letter';

/** Notes that a receipt is due. Its ids follow from the payment's, so that the same news twice makes one receipt. */
export async function receiptDue(tx: Tx, payment: Events['payment.state-changed']): Promise<void> {
  if (payment.state !== 'PAYED') return;
  await tx.query(
    `INSERT INTO payment_receipt (id, version, payment_id, application_id, authority_id, total_minor, paid_at,
       cash_reference, purpose, document_id, state, next_attempt_at)
     SELECT $1, 1, $2, id, $4, $5, $6, $7, $8, $9, 'TO_RENDER', $10 FROM application WHERE id = $3
     ON CONFLICT DO NOTHING`,
    [
      derivedId('payment-receipt', payment.paymentId),
      payment.paymentId,
      payment.applicationId,
      payment.authorityId,
      payment.totalMinor,
      payment.paidAt ?? now(),
      payment.cashReference,
      payment.purpose,
      derivedId('payment-receipt-document', payment.paymentId),
      now(),
    ],
  );
  afterCommit(tx, () => wake('payment-receipts'));
}

export const paymentReceiptQueue: Queue<PaymentReceipt> = {
  name: 'payment-receipts',
  entity: PaymentReceipt,
  table: 'payment_receipt',
  due: `state = 'TO_RENDER'`,
  leaseSeconds: 10,
  async work(db, receipt) {
    const us = serviceOf('applications');
    const application = await db.tx(us, tx => lockApplication(tx, receipt.applicationId));
    const letter = receiptLetter(receipt, await partiesOf(application!, receipt));
    const stored = await storeMade(db, await renderLetter(letter));
    await db.tx(us, async tx => {
      const locked = await lockApplication(tx, receipt.applicationId);
      const [, ours]: [unknown, number] = await tx.query(
        `UPDATE payment_receipt SET state = 'RENDERED' WHERE id = $1 AND version = $2 AND state = 'TO_RENDER'`,
        [receipt.id, receipt.version],
      );
      if (ours !== 1 || !locked) return; // somebody else was faster; the bytes are swept
      const { applicationId, paymentId, documentId } = receipt;
      await insertMade(tx, {
        ...stored,
        id: documentId,
        applicationId,
        filename: `Quittung-${receipt.cashReference ?? paymentId}.pdf`.replace(/[^\w.-]/g, '_'),
        mimeType: 'application/pdf',
        purpose: DocumentPurpose.PAYMENT_RECEIPT,
        shared: true,
      });
      await publish(tx, 'application.payment-receipt-rendered', applicationId, {
        applicationId,
        paymentId,
        documentId,
      });
    });
  },
};

/** As frozen in the case; a payment before submission has to ask how the two are called. */
async function partiesOf(application: Application, { authorityId, applicationId }: PaymentReceipt): Promise<Parties> {
  const { serviceTitle, applicantName, authorityName } = application;
  if (applicantName && authorityName && application.authorityId === authorityId) {
    return { serviceTitle, payerName: applicantName, authorityName };
  }
  const asked = await ask<ReceiptPartiesAnswer>(
    'applications',
    'receiptParties',
    { applicationId, authorityId },
    { principal: serviceOf('applications'), requestId: newId(), language: 'de' },
  );
  const payerName = asked.application?.applicant?.displayName;
  if (!payerName || !asked.authority) throw new Error('The parties of a payment are not known yet.');
  return { serviceTitle, payerName, authorityName: asked.authority.name };
}
