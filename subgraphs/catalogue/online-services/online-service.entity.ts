/** Digital form services, their versions, and who re-uses them. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { DateScalar, JsonScalar } from '../../../kernel/graph/scalars';
import { CatalogueEntry } from '../entries/entry.entity';

@Directive('@key(fields: "id")')
@ObjectType('OnlineService', { description: 'A digital form service that collects applications (Online-Dienst).' })
@Entity({ name: 'online_service' })
export class OnlineService {
  @Directive('@tag(name: "public")')
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Directive('@tag(name: "public")')
  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Directive('@tag(name: "public")')
  @Field(() => String, { description: 'The name.' })
  @Column('text')
  name!: string;

  @Column('text', { array: true })
  leikaKeys!: string[];

  @Column('text')
  offeredByArs!: string;

  @Directive('@tag(name: "public")')
  @Field(() => Boolean, { description: 'True when others may re-use it (Einer für Alle).' })
  @Column('boolean')
  reusable!: boolean;
}

@Directive('@key(fields: "id")')
@ObjectType('OnlineServiceVersion', {
  description: 'One version of an online service; never changed once published.',
  implements: CatalogueEntry,
})
@Entity({ name: 'online_service_version' })
export class OnlineServiceVersion extends CatalogueEntry {
  @Column('uuid')
  onlineServiceId!: string;

  @Column('text')
  ars!: string;

  @Directive('@tag(name: "public")')
  @Field(() => Int, { description: 'The running number of this version.' })
  @Column('int')
  number!: number;

  @Column('uuid', { nullable: true })
  formId!: string | null;

  @Directive('@tag(name: "public")')
  @Field(() => JsonScalar, { description: 'The settings of this version, such as contact, fee and texts.' })
  @Column('jsonb')
  settings!: unknown;

  @Directive('@tag(name: "public")')
  @Field(() => [String], { description: 'The settings others may override, as JSON pointers.' })
  @Column('text', { array: true })
  overridablePaths!: string[];
}

export enum AdoptionState {
  ACTIVE = 'ACTIVE',
  ENDED = 'ENDED',
}
registerEnumType(AdoptionState, {
  name: 'AdoptionState',
  description: 'The state of an adoption.',
  valuesConfig: {
    ACTIVE: { description: 'In use.' },
    ENDED: { description: 'No longer in use.' },
  },
});

@Directive('@tag(name: "public")')
@ObjectType('Override', { description: 'One local setting of an adoption.' })
export class Override {
  @Field(() => String, { description: 'The setting, as a JSON pointer.' })
  path!: string;

  @Field(() => JsonScalar, { description: 'The local value.' })
  value!: unknown;

  @Field(() => JsonScalar, { nullable: true, description: 'The value of the version in use.' })
  upstreamValue!: unknown;

  @Field(() => Boolean, { description: 'True when the newer version changes or drops this setting.' })
  conflictsWithUpgrade!: boolean;
}

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('Adoption', {
  description: 'Re-use of an online service by another state or municipality (EfA-Nachnutzung).',
})
@Entity({ name: 'adoption' })
export class Adoption {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Column('uuid')
  onlineServiceId!: string;

  @Column('uuid')
  onlineServiceVersionId!: string;

  @Column('text')
  ars!: string;

  @Column('uuid')
  authorityId!: string;

  /** What is local; what it replaces is worked out. */
  @Column('jsonb')
  overrides!: { path: string; value: unknown }[];

  @Field(() => DateScalar, { description: 'First day.' })
  @Column('date')
  validFrom!: string;

  @Field(() => DateScalar, { nullable: true, description: 'Last day; open when null.' })
  @Column('date', { nullable: true })
  validTo!: string | null;
}

export const OnlineServiceConnection = connection(() => OnlineService, { name: 'OnlineService', public: true });
export const OnlineServiceVersionConnection = connection(() => OnlineServiceVersion, { name: 'OnlineServiceVersion' });
export const AdoptionConnection = connection(() => Adoption, { name: 'Adoption', public: true });
