/** A receipt of a payment (Quittung) that is to be rendered: the row is its own queue. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'payment_receipt' })
export class PaymentReceipt {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('uuid')
  paymentId!: string;

  @Column('uuid')
  applicationId!: string;

  /** Who is paid. */
  @Column('uuid')
  authorityId!: string;

  /** In cents. */
  @Column('int')
  totalMinor!: number;

  @Column('timestamptz')
  paidAt!: Date;

  /** Kassenzeichen. */
  @Column('text', { nullable: true })
  cashReference!: string | null;

  @Column('text')
  purpose!: string;

  /** The id the document gets; it follows from that of the payment. */
  @Column('uuid')
  documentId!: string;

  @Column('text')
  state!: 'TO_RENDER' | 'RENDERED';

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;
}
