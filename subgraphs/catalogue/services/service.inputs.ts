/** What to look for among services. */
import { Directive, Field, ID, InputType } from 'type-graphql';
import { ArsScalar } from '../../../kernel/graph/scalars';
import { Audience } from '../topics/audience';
import { LifeTopicCode } from '../topics/life-topic';
import { Programme } from './service.entity';

@Directive('@tag(name: "public")')
@InputType('ServiceSearch', { description: 'What to look for among services.' })
export class ServiceSearch {
  @Field(() => String, { nullable: true, description: 'Free text in German or English.' })
  text?: string | null | undefined;

  @Field(() => LifeTopicCode, { nullable: true, description: 'Only this life topic (Themenfeld).' })
  lifeTopic?: LifeTopicCode | null | undefined;

  @Field(() => ID, { nullable: true, description: 'Only this life situation (Lebenslage, Geschäftslage).' })
  lifeSituationId?: string | null | undefined;

  @Field(() => Audience, { nullable: true, description: 'Only for this audience.' })
  audience?: Audience | null | undefined;

  @Field(() => Programme, { nullable: true, description: 'Only this programme (Bund, Föderal).' })
  programme?: Programme | null | undefined;

  @Field(() => ArsScalar, { nullable: true, description: 'Only services with a responsible authority at this place.' })
  ars?: string | null | undefined;

  @Field(() => Boolean, { nullable: true, defaultValue: false, description: 'Only services with an online service.' })
  onlineOnly?: boolean | null | undefined;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Only services of the booster list (Booster-Liste).',
  })
  boosterOnly?: boolean | null | undefined;

  @Field(() => Boolean, {
    nullable: true,
    defaultValue: false,
    description: 'Only services the point of single contact may handle.',
  })
  singleContactOnly?: boolean | null | undefined;
}
