/** ArchiveRecord (Aussonderung): how long a closed case is kept. */
import { Field, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateScalar } from '../../../kernel/graph/scalars';

export enum ArchiveAppraisal {
  ARCHIVE = 'ARCHIVE',
  APPRAISE = 'APPRAISE',
  DESTROY = 'DESTROY',
}
registerEnumType(ArchiveAppraisal, {
  name: 'ArchiveAppraisal',
  description: 'The appraisal by the archive (Aussonderungsart).',
  valuesConfig: {
    ARCHIVE: { description: 'To be kept forever (A).' },
    APPRAISE: { description: 'To be appraised (B).' },
    DESTROY: { description: 'To be destroyed (V).' },
  },
});

export enum ArchiveState {
  RETAINED = 'RETAINED',
  OFFERED = 'OFFERED',
  APPRAISED = 'APPRAISED',
  TRANSFERRED = 'TRANSFERRED',
  DESTROYED = 'DESTROYED',
}
registerEnumType(ArchiveState, {
  name: 'ArchiveState',
  description: 'The state of the archiving.',
  valuesConfig: {
    RETAINED: { description: 'Within the retention period.' },
    OFFERED: { description: 'Offered to the archive (Anbietung).' },
    APPRAISED: { description: 'Appraised, to be transferred or destroyed.' },
    TRANSFERRED: { description: 'Transferred (Abgabe).' },
    DESTROYED: { description: 'Destroyed (Vernichtung).' },
  },
});

@ObjectType('ArchiveRecord', { description: 'Retention and archiving of a case (Aussonderung).' })
@Entity({ name: 'archive_record' })
export class ArchiveRecord {
  @PrimaryColumn('uuid')
  applicationId!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => ArchiveState, { description: 'How far it is.' })
  @Column('text')
  state!: ArchiveState;

  @Field(() => ArchiveAppraisal, { nullable: true, description: 'What the archive decided.' })
  @Column('text', { nullable: true })
  appraisal!: ArchiveAppraisal | null;

  @Field(() => DateScalar, { description: 'Until when the case must be kept.' })
  @Column('date')
  retentionUntil!: string;

  /** The rule it follows from. */
  @Column('uuid')
  legalRuleId!: string;
}
