/** Which authority handles a service in an area, and how applications get there. */
import { Directive, Field, Int, ObjectType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { payload, RefusalType } from '../../../kernel/graph/refusal.type';
import { DateScalar, JsonScalar } from '../../../kernel/graph/scalars';
import { RoutingChannel } from '../../../schema/channels';
import { Area } from '../areas/area.entity';
import { Authority } from '../authorities/authority.entity';
import { CatalogueEntry } from '../entries/entry.entity';

/** As stored; its department is looked up when somebody asks. */
export interface StoredRule {
  readonly path: string | null;
  readonly equals: unknown;
  readonly departmentId: string;
}

@ObjectType('DepartmentRule', {
  description: 'Sends an application to a department when a form value fits (Weiterleitungsregel).',
})
export class DepartmentRule {
  @Field(() => String, { nullable: true, description: 'The form field, as a JSON pointer; null always fits.' })
  path!: string | null;

  @Field(() => JsonScalar, { nullable: true, description: 'The value that fits.' })
  equals!: unknown;

  departmentId!: string;
}

@Directive('@key(fields: "id")')
@ObjectType('Responsibility', {
  description: 'Which authority handles a service in an area, and how applications get there (Zuständigkeit).',
  implements: CatalogueEntry,
})
@Entity({ name: 'responsibility' })
export class Responsibility extends CatalogueEntry {
  @Column('text')
  leikaKey!: string;

  @Column('text')
  ars!: string;

  @Column('uuid')
  authorityId!: string;

  @Directive('@tag(name: "public")')
  @Field(() => RoutingChannel, { description: 'The way applications are transmitted (Übertragungsweg).' })
  @Column('text')
  channel!: RoutingChannel;

  @Column('text', { nullable: true })
  channelAddress!: string | null;

  @Column('jsonb')
  departmentRules!: StoredRule[];

  @Directive('@tag(name: "public")')
  @Field(() => Int, {
    nullable: true,
    description: 'The usual duration in days; the rule of the deadline says whether in calendar or working days.',
  })
  @Column('int', { nullable: true })
  processingDays!: number | null;
}

export const ResponsibilityConnection = connection(() => Responsibility, { name: 'Responsibility', public: true });
export const SaveResponsibilityDraftPayload = payload('saveResponsibilityDraft', 'entry', () => Responsibility);

@Directive('@tag(name: "public")')
@ObjectType('ResponsibilityStep', { description: 'One step of the responsibility search.' })
export class ResponsibilityStep {
  @Field(() => Area, { description: 'The area looked at.' })
  area!: Area;

  @Field(() => Boolean, { description: 'True when a published responsibility was found here.' })
  matched!: boolean;

  @Field(() => String, { description: 'The step in words, in the language of Accept-Language.' })
  explanation!: string;
}

@Directive('@tag(name: "public")')
@ObjectType('ResponsibilityAnswer', { description: 'The answer of the responsibility finder, with its reasoning.' })
export class ResponsibilityAnswer {
  @Field(() => Responsibility, {
    nullable: true,
    description: 'The one responsibility; null when there is none or more than one.',
  })
  responsibility!: Responsibility | null;

  @Field(() => DateScalar, { description: 'The day it holds for.' })
  on!: string;

  @Field(() => [ResponsibilityStep], { description: 'The areas searched, from the place upwards.' })
  steps!: ResponsibilityStep[];

  @Field(() => Authority, { nullable: true, description: 'Where to turn when nothing was found.' })
  fallbackAuthority!: Authority | null;

  @Field(() => RefusalType, { nullable: true, description: 'NO_RESPONSIBILITY or AMBIGUOUS_RESPONSIBILITY.' })
  refusal!: RefusalType | null;
}
