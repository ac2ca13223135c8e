/** A refresh token that must end at the OpenID provider, because its session has ended here. The row is its queue. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ name: 'token_revocation' })
export class TokenRevocation {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('int')
  version!: number;

  /** Its refresh token stands in `session_refresh`. */
  @Column('uuid')
  sessionId!: string;

  @Column('int')
  attempts!: number;

  @Column('timestamptz')
  nextAttemptAt!: Date;
}
