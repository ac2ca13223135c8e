/** Life topics and situations in the graph. */
import { Ctx, Directive, FieldResolver, Int, Query, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { say } from '../../../kernel/language';
import { spoken } from '../localized-text';
import { LifeTopicCode, TOPIC_NAMES } from './life-topic';
import { LifeSituation, LifeTopic, topic } from './topic.entity';
import { serviceCountOf, situationsOf } from './topic.loaders';

@Resolver(() => LifeTopic)
export class LifeTopicResolver {
  @Directive('@tag(name: "public")')
  @Query(() => [LifeTopic], { nullable: true, description: 'The 14 life topics (Themenfelder).' })
  lifeTopics(): LifeTopic[] {
    return Object.values(LifeTopicCode).map(code => ({ code }));
  }

  @FieldResolver(() => String, { description: 'The name in the language of Accept-Language.' })
  name(@Root() { code }: LifeTopic, @Ctx() ctx: Context): string {
    return say(TOPIC_NAMES[code], ctx.language);
  }

  @FieldResolver(() => [LifeSituation], { description: 'The life and business situations under this topic.' })
  async situations(@Root() { code }: LifeTopic, @Ctx() ctx: Context): Promise<LifeSituation[]> {
    return (await situationsOf(ctx).load(code)) ?? [];
  }

  @FieldResolver(() => Int, { description: 'How many published services belong to it.' })
  async serviceCount(@Root() { code }: LifeTopic, @Ctx() ctx: Context): Promise<number> {
    return (await serviceCountOf(ctx).load(code)) ?? 0;
  }
}

@Resolver(() => LifeSituation)
export class LifeSituationResolver {
  @FieldResolver(() => String, { description: 'The name in the language of Accept-Language.' })
  name(@Root() situation: LifeSituation, @Ctx() ctx: Context): string {
    return spoken(situation.name, ctx.language);
  }

  @FieldResolver(() => LifeTopic, { description: 'The topic above it.' })
  lifeTopic(@Root() situation: LifeSituation): LifeTopic | null {
    return topic(situation.lifeTopic);
  }
}
