/** An application as messaging knows it: whose it is, who is in charge, how far it is. Kept by applications' events. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TrustLevel } from '../../../kernel/trust';
import type { Parties } from '../rights';

@Entity({ name: 'application_case' })
export class ApplicationCase implements Parties {
  @PrimaryColumn('uuid')
  applicationId!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid', { nullable: true })
  authorityId!: string | null;

  @Column('text')
  leikaKey!: string;

  /** ApplicationState of applications, which only staff may see. */
  @Column('text')
  state!: string;

  /** The file reference (Aktenzeichen). */
  @Column('text', { nullable: true })
  reference!: string | null;

  @Column('text', { nullable: true })
  serviceTitle!: string | null;

  /** As submitted. */
  @Column('text', { nullable: true })
  applicantName!: string | null;

  /** Null counts as HIGH. */
  @Column('text', { nullable: true })
  requiredTrustLevel!: TrustLevel | null;
}

/** In place of an authority where none has the case: no staff see what belongs to it. */
export const NO_AUTHORITY = '00000000-0000-0000-0000-000000000000';

/** A case in the hands of an authority. */
export type SubmittedCase = ApplicationCase & { authorityId: string };

const SILENT = ['DRAFT', 'ARCHIVED', 'DESTROYED'];

/** Can messages be written about it? Not before an authority has it, and not once the archive has. */
export const isOpenForMessages = (about: ApplicationCase): about is SubmittedCase =>
  about.authorityId !== null && !SILENT.includes(about.state);
