/** Fee rules and the fee of a service at a place, in the graph. */
import {
  Arg,
  Ctx,
  Directive,
  Field,
  FieldResolver,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { Money } from '../../../kernel/graph/money.type';
import { answer } from '../../../kernel/graph/refusal.type';
import { ArsScalar, DateScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { Area, Service } from '../foreign';
import { Fee, FeeConnection, SaveFeePayload } from './fee.entity';
import { SaveFeeInput } from './fee.inputs';
import { ruleAt } from './fee.loaders';
import { FeeQuote, quoteOf } from './fee.quote';
import { placeKey, priceOf } from './fee.rules';
import { findFees, saveFee } from './fee.service';
import { PaymentItem, shownItem } from './item.type';

@Directive('@key(fields: "leikaKey ars")')
@ObjectType('ServiceAtPlace', {
  description: 'The preflight: one service at one place, answered by every subgraph that knows a part of it.',
})
export class ServiceAtPlace {
  @Field(() => LeikaKeyScalar, { description: 'The service (LeiKa-Schlüssel).' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The place (Amtlicher Regionalschlüssel).' })
  ars!: string;

  @Directive('@external')
  @Field(() => Money, { nullable: true, description: 'The local fee that replaces the general one.' })
  feeOverride!: Money | null;
}

/** Any well-formed pair is a place; what is not well-formed is none. */
export function serviceAtPlace(reference: ServiceAtPlace): ServiceAtPlace | null {
  const { leikaKey, ars } = reference;
  const wellFormed = /^99\d{12}$/.test(leikaKey) && /^(\d{2}|\d{3}|\d{5}|\d{9}|\d{12})$/.test(ars);
  return wellFormed ? reference : null;
}

@Resolver(() => ServiceAtPlace)
export class ServiceAtPlaceResolver {
  @Directive('@requires(fields: "feeOverride { amountMinor currency }")')
  @Directive('@tag(name: "public")')
  @FieldResolver(() => FeeQuote, {
    nullable: true,
    description: 'What it costs here; the total is zero when it is free, null means unknown.',
  })
  async fee(@Root() place: ServiceAtPlace, @Ctx() ctx: Context): Promise<FeeQuote | null> {
    const price = priceOf(await ruleAt(ctx).load(placeKey(place)), place.feeOverride?.amountMinor ?? null);
    return price && quoteOf(price, place.ars, ctx.language);
  }
}

@Resolver(() => Fee)
export class FeeResolver {
  @FieldResolver(() => Service, { nullable: true, description: 'The service.' })
  service(@Root() fee: Fee): Service {
    return { leikaKey: fee.leikaKey };
  }

  @FieldResolver(() => Area, {
    nullable: true,
    description: 'The area it holds for, with all areas below unless they have their own.',
  })
  area(@Root() fee: Fee): Area {
    return { ars: fee.ars };
  }

  @FieldResolver(() => [PaymentItem], { description: 'What is charged.' })
  items(@Root() fee: Fee): PaymentItem[] {
    return fee.items.map(shownItem);
  }

  @Directive('@tag(name: "public")')
  @Query(() => FeeConnection, { nullable: true, description: 'Fee rules of an area.' })
  fees(
    @Arg('ars', () => ArsScalar, { description: 'The area.' }) ars: string,
    @Arg('leikaKey', () => LeikaKeyScalar, { nullable: true, description: 'Only for this service.' })
    leikaKey: string | null,
    @Arg('on', () => DateScalar, { nullable: true, description: 'Only in force on this day.' }) on: string | null,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return findFees(ctx, { ars, leikaKey, on, first, after });
  }

  @Directive('@requiresScopes(scopes: [["catalogue:publish"]])')
  @Mutation(() => SaveFeePayload, { nullable: true, description: 'Creates or changes a fee rule.' })
  saveFee(
    @Arg('input', () => SaveFeeInput, { description: 'What is to be done.' }) input: SaveFeeInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'fee', () => saveFee(ctx, input));
  }
}
