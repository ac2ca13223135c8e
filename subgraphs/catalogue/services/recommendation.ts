/** What people often need next (Empfehlungssystem): never a service that is not offered at the place. */
import { Directive, Field, ObjectType } from 'type-graphql';
import { today } from '../../../kernel/clock';
import type { Context } from '../../../kernel/context';
import { Authority } from '../authorities/authority.entity';
import { authorityById } from '../authorities/authority.loaders';
import { spoken } from '../localized-text';
import { OnlineService } from '../online-services/online-service.entity';
import { offersAt, placeKey } from '../online-services/online-service.loaders';
import { askedKey, responsibilityAround } from '../responsibilities/responsibility.loaders';
import { Service } from './service.entity';
import { publishedService } from './service.loaders';

@Directive('@tag(name: "public")')
@ObjectType('Recommendation', { description: 'A follow-up service with the reason it is proposed (Empfehlung).' })
export class Recommendation {
  @Field(() => Service as unknown as new () => Service, { description: 'The proposed service.' })
  service!: Service;

  @Field(() => String, { description: 'Why it is proposed, in the language of Accept-Language.' })
  reason!: string;

  @Field(() => Authority, { nullable: true, description: 'Who is responsible at the place.' })
  authority!: Authority | null;

  @Field(() => OnlineService, { nullable: true, description: 'The online service to continue with.' })
  onlineService!: OnlineService | null;
}

/** @param ars the place; null names no authority and leaves nothing out but unpublished services */
export async function recommendationsOf(
  ctx: Context,
  { current }: Service,
  ars: string | null,
): Promise<Recommendation[]> {
  const made = await Promise.all(
    current.recommendations.map(async ({ leikaKey, reason }): Promise<Recommendation | null> => {
      const [service, responsibility, offers] = await Promise.all([
        publishedService(ctx, leikaKey),
        ars === null ? null : responsibilityAround(ctx).load(askedKey({ leikaKey, ars, on: today() })),
        offersAt(ctx).load(placeKey(leikaKey, ars)),
      ]);
      if (!service || (ars !== null && !responsibility)) return null;
      const authority = responsibility ? await authorityById(ctx).load(responsibility.authorityId) : null;
      return {
        service,
        reason: spoken(reason, ctx.language),
        authority,
        onlineService: offers?.[0]?.onlineService ?? null,
      };
    }),
  );
  return made.filter(one => one !== null);
}
