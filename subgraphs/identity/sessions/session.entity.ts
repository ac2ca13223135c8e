/** The session in the graph, a sign-in that has begun, and the session's row. */
import { Field, ObjectType } from 'type-graphql';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { IdentificationMethod } from './identification.entity';

@ObjectType('Session', { description: 'Who is asking, how surely identified, and for whom (Sitzung).' })
export class Session {
  readonly id!: string;
  readonly accountId!: string | null;
  readonly staffMemberId!: string | null;
  /** Null for oneself. */
  readonly actingForId!: string | null;

  @Field(() => TrustLevel, { description: 'How surely the person is identified.' })
  trustLevel!: TrustLevel;

  @Field(() => IdentificationMethod, { description: 'How the person was identified.' })
  method!: IdentificationMethod;

  @Field(() => [String], { description: 'The scopes the session holds.' })
  scopes!: string[];

  @Field(() => DateTimeScalar, { description: 'When the session ends.' })
  expiresAt!: Date;
}

@ObjectType('SignIn', { description: 'A sign-in that has begun.' })
export class SignIn {
  @Field(() => String, { description: 'Where to send the browser; it comes back signed in.' })
  url!: string;

  @Field(() => DateTimeScalar, { description: 'Until when the address works.' })
  expiresAt!: Date;
}
