/** Life topics and the situations under them. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { LocalizedText } from '../localized-text';
import { Audience } from './audience';
import { LifeTopicCode } from './life-topic';

@Directive('@tag(name: "public")')
@ObjectType('LifeTopic', { description: 'One of the 14 life topics (Themenfeld).' })
export class LifeTopic {
  @Field(() => LifeTopicCode, { description: 'The stable code.' })
  code!: LifeTopicCode;
}

export const topic = (code: LifeTopicCode | null): LifeTopic | null => (code === null ? null : { code });

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('LifeSituation', {
  description: 'A situation people are in, such as moving house (Lebenslage, Geschäftslage).',
})
@Entity({ name: 'life_situation' })
export class LifeSituation {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  lifeTopic!: LifeTopicCode;

  @Column('jsonb')
  name!: LocalizedText;

  @Field(() => Audience, { description: 'Whom it concerns.' })
  @Column('text')
  audience!: Audience;
}
