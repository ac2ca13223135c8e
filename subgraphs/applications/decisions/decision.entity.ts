/** Decision (Bescheid): the row, and what of it the graph shows. Its legal dates are worked out, never stored. */
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar } from '../../../kernel/graph/scalars';

export enum DecisionOutcome {
  GRANTED = 'GRANTED',
  PARTLY_GRANTED = 'PARTLY_GRANTED',
  REFUSED = 'REFUSED',
  SETTLED = 'SETTLED',
  DEEMED_GRANTED = 'DEEMED_GRANTED',
}
registerEnumType(DecisionOutcome, {
  name: 'DecisionOutcome',
  description: 'The outcome of a decision.',
  valuesConfig: {
    GRANTED: { description: 'Granted (Bewilligung).' },
    PARTLY_GRANTED: { description: 'Granted in part.' },
    REFUSED: { description: 'Refused (Ablehnung).' },
    SETTLED: { description: 'Settled otherwise (Erledigung).' },
    DEEMED_GRANTED: {
      description: 'Granted because the deadline passed (Genehmigungsfiktion); only the clock may issue it.',
    },
  },
});

@ObjectType('Decision', { description: 'The decision on an application (Bescheid).' })
@Entity({ name: 'decision' })
export class Decision {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  applicationId!: string;

  @Field(() => DecisionOutcome, { description: 'The outcome.' })
  @Column('text')
  outcome!: DecisionOutcome;

  @Field(() => String, { description: 'The reasons in words.' })
  @Column('text')
  reasoning!: string;

  @Field(() => String, { description: 'What the applicant can do against it (Rechtsbehelfsbelehrung).' })
  @Column('text')
  legalRemedy!: string;

  @Column('uuid')
  noticeDocumentId!: string;

  @Field(() => DateTimeScalar, { description: 'When it was decided.' })
  @Column('timestamptz')
  decidedAt!: Date;

  @Column('uuid')
  decidedBy!: string;

  /** When the notice could be read in the mailbox (Bereitstellung). */
  @Column('timestamptz', { nullable: true })
  availableAt!: Date | null;
}
