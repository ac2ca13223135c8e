/** The news that an account nobody uses will be erased. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** UNREACHABLE: there is no address, or it was refused for good, or nobody took it before the day. */
export type IdleNoticeState = 'PENDING' | 'SENT' | 'UNREACHABLE';

@Entity({ name: 'idle_notice' })
export class IdleNotice {
  /** Follows from the account and the day. */
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  @Column('uuid')
  accountId!: string;

  /** The day on which the account is erased unless somebody signs in before. */
  @Column('date')
  erasedOn!: string;

  @Column('text')
  state!: IdleNoticeState;

  @Column('int', { name: 'attempts' })
  attemptCount!: number;

  @Column('timestamptz', { name: 'next_attempt_at' })
  dueAt!: Date;
}
