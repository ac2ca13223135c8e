/** Whether the session's trust level is enough for a service at a place. */
import { Ctx, Directive, Field, FieldResolver, ObjectType, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { ArsScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { trustSuffices } from '../../../kernel/trust';
import { IdentificationMethod, methodsFor } from '../sessions/identification.entity';
import { ownSession } from '../sessions/session.loaders';
import { trustRights } from './trust.rights';

@Directive('@tag(name: "public")')
@ObjectType('TrustCheck', { description: "What the asker's trust level allows." })
export class TrustCheck {
  @Field(() => TrustLevel, { description: 'The level the service needs.' })
  required!: TrustLevel;

  @Field(() => TrustLevel, { nullable: true, description: 'The level of the session; null when nobody is signed in.' })
  current!: TrustLevel | null;

  @Field(() => Boolean, { description: 'True when the level is enough.' })
  sufficient!: boolean;

  @Field(() => [IdentificationMethod], { description: 'What would raise it enough.' })
  stepUpWith!: IdentificationMethod[];
}

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
  @Field(() => TrustLevel, { description: 'The trust level the applicant needs.' })
  requiredTrustLevel!: TrustLevel;
}

@Resolver(() => ServiceAtPlace)
export class ServiceAtPlaceResolver {
  @Directive('@requires(fields: "requiredTrustLevel")')
  @Directive('@tag(name: "public")')
  @FieldResolver(() => TrustCheck, { nullable: true, description: "Whether the session's trust level is enough." })
  async trust(@Root() { requiredTrustLevel }: ServiceAtPlace, @Ctx() ctx: Context): Promise<TrustCheck | null> {
    if (!requiredTrustLevel || !trustRights.maySee(null, ctx.asker)) return null; // the catalogue knows no such service
    const current = (await currentLevel(ctx)) ?? null;
    const sufficient = current !== null && trustSuffices(current, requiredTrustLevel);
    return {
      required: requiredTrustLevel,
      current,
      sufficient,
      stepUpWith: sufficient ? [] : methodsFor(requiredTrustLevel),
    };
  }
}

async function currentLevel(ctx: Context): Promise<TrustLevel | undefined> {
  return ctx.asker.kind === 'person' ? ctx.asker.trustLevel : (await ownSession(ctx))?.trustLevel;
}
