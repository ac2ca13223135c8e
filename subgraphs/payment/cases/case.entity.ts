/** Cases as payment knows them: a projection of applications, kept by its events. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { TrustLevel } from '../../../kernel/trust';

@Entity({ name: 'application' })
export class Case {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('uuid')
  accountId!: string;

  @Column('uuid', { nullable: true })
  agentAccountId!: string | null;

  @Column('text')
  leikaKey!: string;

  @Column('text', { nullable: true })
  ars!: string | null;

  /** The local fee frozen with the draft; null: the general one. */
  @Column('int', { nullable: true })
  feeOverrideMinor!: number | null;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reference!: string | null;

  /** The authority in charge; null while it is a draft. */
  @Column('uuid', { nullable: true })
  authorityId!: string | null;

  /** Who receives the fee, since the first payment was begun. */
  @Column('uuid', { nullable: true })
  receivingAuthorityId!: string | null;

  /** The whole fee in cents, frozen when paid or submitted. */
  @Column('int', { nullable: true })
  feeMinor!: number | null;

  /** The trust level the service needs; null: not known. */
  @Column('text', { nullable: true })
  requiredTrustLevel!: TrustLevel | null;

  @Column('bigint')
  position!: string;
}
