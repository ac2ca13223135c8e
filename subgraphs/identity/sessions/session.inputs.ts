/** Inputs of session mutations. */
import { Field, ID, InputType } from 'type-graphql';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { AccountKind } from '../accounts/account.entity';
import { IdentificationMethod } from './identification.entity';

@InputType('StartSignInInput', { description: 'Input of startSignIn.' })
export class StartSignInInput {
  @Field(() => TrustLevel, { defaultValue: TrustLevel.BASIC, description: 'The level to reach.' })
  minimumTrustLevel!: TrustLevel;

  @Field(() => IdentificationMethod, { nullable: true, description: 'A wished method.' })
  method?: IdentificationMethod | null | undefined;

  @Field(() => AccountKind, {
    nullable: true,
    description: 'Signs in for oneself or for an organisation; when left out, as the session did, or for oneself.',
  })
  accountKind?: AccountKind | null | undefined;

  @Field(() => String, { description: 'Where the browser goes at the end; must be registered.' })
  returnUrl!: string;
}

@InputType('EndSessionInput', { description: 'Input of endSession.' })
export class EndSessionInput {
  @Field(() => Boolean, { defaultValue: false, description: 'True to end all sessions of the account.' })
  everywhere!: boolean;
}

@InputType('ActForInput', { description: 'Input of actFor.' })
export class ActForInput {
  @Field(() => ID, { nullable: true, description: 'An account of Session.canActFor; null to act for oneself.' })
  accountId?: string | null | undefined;
}
