/** Public services and the versions of what is said about them. */
import { Directive, Field, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { LeikaKeyScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { CatalogueEntry } from '../entries/entry.entity';
import { LocalizedText, LocalizedTextInput } from '../localized-text';
import { Audience } from '../topics/audience';
import type { LifeTopicCode } from '../topics/life-topic';

export enum Programme {
  FEDERAL_GOVERNMENT = 'FEDERAL_GOVERNMENT',
  FEDERATED = 'FEDERATED',
}
registerEnumType(Programme, {
  name: 'Programme',
  description: 'The programme that digitises a service.',
  valuesConfig: {
    FEDERAL_GOVERNMENT: { description: 'Digitalisierungsprogramm Bund: regulated and executed by the federation.' },
    FEDERATED: { description: 'Digitalisierungsprogramm Föderal: executed by states and municipalities.' },
  },
});

@InputType('RequiredDocumentInput', { description: 'A required document, as input.' })
export class RequiredDocumentInput {
  @Field(() => String, { description: 'The stable code, such as ID_CARD_COPY.' })
  code!: string;

  @Field(() => LocalizedTextInput, { description: 'The name.' })
  name!: LocalizedTextInput;

  @Field(() => Boolean, { description: 'True when the application is incomplete without it.' })
  mandatory!: boolean;

  @Field(() => [String], { description: 'The accepted media types.' })
  mimeTypes!: string[];

  @Field(() => Int, { description: 'The largest accepted size in bytes.' })
  maxByteSize!: number;
}

@InputType('RecommendationInput', { description: 'A recommendation, as input.' })
export class RecommendationInput {
  @Field(() => LeikaKeyScalar, { description: 'The service to propose.' })
  leikaKey!: string;

  @Field(() => LocalizedTextInput, { description: 'Why it is proposed.' })
  reason!: LocalizedTextInput;
}

@Directive('@key(fields: "id")')
@ObjectType('ServiceVersion', {
  description: 'One version of the description of a service.',
  implements: CatalogueEntry,
})
@Entity({ name: 'service_version' })
export class ServiceVersion extends CatalogueEntry {
  @Column('text')
  leikaKey!: string;

  @Directive('@tag(name: "public")')
  @Field(() => Int, { description: 'The running number of this version.' })
  @Column('int')
  number!: number;

  @Directive('@tag(name: "public")')
  @Field(() => LocalizedText, { description: 'The title in all languages.' })
  @Column('jsonb')
  title!: LocalizedText;

  @Directive('@tag(name: "public")')
  @Field(() => LocalizedText, { description: 'The summary in all languages.' })
  @Column('jsonb')
  summary!: LocalizedText;

  @Column('text', { nullable: true })
  lifeTopic!: LifeTopicCode | null;

  @Column('uuid', { array: true })
  lifeSituationIds!: string[];

  @Column('text', { array: true })
  audiences!: Audience[];

  @Column('text')
  programme!: Programme;

  @Column('text')
  leikaType!: string;

  @Column('boolean')
  onBoosterList!: boolean;

  @Column('boolean')
  singleContactPossible!: boolean;

  @Column('text')
  requiredTrustLevel!: TrustLevel;

  @Column('jsonb')
  requiredDocuments!: RequiredDocumentInput[];

  @Column('text', { array: true })
  legalBasis!: string[];

  @Column('text', { array: true })
  synonyms!: string[];

  @Column('jsonb')
  recommendations!: RecommendationInput[];
}

@Directive('@tag(name: "public")')
@ObjectType('RequiredDocument', { description: 'A document an applicant must or may bring (Nachweis).' })
export class RequiredDocument {
  @Field(() => String, { description: 'The stable code, such as ID_CARD_COPY.' })
  code!: string;

  @Field(() => String, { description: 'The name in the language of Accept-Language.' })
  name!: string;

  @Field(() => Boolean, { description: 'True when the application is incomplete without it.' })
  mandatory!: boolean;

  @Field(() => [String], { description: 'The accepted media types.' })
  mimeTypes!: string[];

  @Field(() => Int, { description: 'The largest accepted size in bytes.' })
  maxByteSize!: number;
}

/** A service as its version of today says; its texts follow the asker's language in the resolver. */
@Directive('@key(fields: "leikaKey")')
@ObjectType('Service', { description: 'A public service of the LeiKa catalogue (Leistung).' })
export class Service {
  constructor(readonly current: ServiceVersion) {}

  @Directive('@tag(name: "public")')
  @Field(() => LeikaKeyScalar, { description: 'The 14-digit service key (LeiKa-Schlüssel).' })
  get leikaKey(): string {
    return this.current.leikaKey;
  }

  @Directive('@tag(name: "public")')
  @Field(() => [Audience], { description: 'Whom it is for.' })
  get audiences(): Audience[] {
    return this.current.audiences;
  }

  @Directive('@tag(name: "public")')
  @Field(() => Programme, { description: 'The programme that digitises it.' })
  get programme(): Programme {
    return this.current.programme;
  }

  @Directive('@tag(name: "public")')
  @Field(() => String, { description: 'The LeiKa type such as 2a or 3b (Typisierung).' })
  get leikaType(): string {
    return this.current.leikaType;
  }

  @Directive('@tag(name: "public")')
  @Field(() => Boolean, { description: 'True when it is on the booster list (Booster-Liste).' })
  get onBoosterList(): boolean {
    return this.current.onBoosterList;
  }

  @Directive('@tag(name: "public")')
  @Field(() => Boolean, { description: 'True when the point of single contact may handle it.' })
  get singleContactPossible(): boolean {
    return this.current.singleContactPossible;
  }

  @Directive('@tag(name: "public")')
  @Field(() => TrustLevel, { description: 'The trust level the applicant needs.' })
  get requiredTrustLevel(): TrustLevel {
    return this.current.requiredTrustLevel;
  }

  @Directive('@tag(name: "public")')
  @Field(() => [String], { description: 'The law it rests on (Rechtsgrundlage).' })
  get legalBasis(): string[] {
    return this.current.legalBasis;
  }
}

export const ServiceConnection = connection(() => Service as unknown as new () => Service, {
  name: 'Service',
  public: true,
});
export const ServiceVersionConnection = connection(() => ServiceVersion, { name: 'ServiceVersion' });
