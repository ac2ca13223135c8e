/** Administrative areas, from the state down to the municipality. */
import { Directive, Field, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { ArsScalar, DateScalar } from '../../../kernel/graph/scalars';

export enum AreaLevel {
  STATE = 'STATE',
  REGION = 'REGION',
  DISTRICT = 'DISTRICT',
  ASSOCIATION = 'ASSOCIATION',
  MUNICIPALITY = 'MUNICIPALITY',
}
registerEnumType(AreaLevel, {
  name: 'AreaLevel',
  description: 'The level of an area.',
  valuesConfig: {
    STATE: { description: 'State (Land).' },
    REGION: { description: 'Government region (Regierungsbezirk).' },
    DISTRICT: { description: 'District or independent city (Kreis, kreisfreie Stadt).' },
    ASSOCIATION: { description: 'Association of municipalities (Amt, Gemeindeverband).' },
    MUNICIPALITY: { description: 'Municipality (Gemeinde).' },
  },
});

@Directive('@tag(name: "public")')
@Directive('@key(fields: "ars")')
@ObjectType('Area', { description: 'An administrative area, from the state down to the municipality (Gebiet).' })
@Entity({ name: 'area' })
export class Area {
  @Field(() => ArsScalar, { description: 'The regional key of the area (Amtlicher Regionalschlüssel).' })
  @PrimaryColumn('text')
  ars!: string;

  @Field(() => String, { description: 'The official name.' })
  @Column('text')
  name!: string;

  @Field(() => AreaLevel, { description: 'The level.' })
  @Column('text')
  level!: AreaLevel;

  @Column('text', { nullable: true })
  parentArs!: string | null;

  @Column('uuid', { nullable: true })
  administeredById!: string | null;

  @Field(() => DateScalar, {
    nullable: true,
    description: 'The last day of an area that has ended, such as a municipality that became part of another.',
  })
  @Column('date', { nullable: true })
  validTo!: string | null;
}

export const AreaConnection = connection(() => Area, { name: 'Area', public: true });

@Directive('@tag(name: "public")')
@ObjectType('AreaLookup', { description: 'The result of looking for a place.' })
export class AreaLookup {
  @Field(() => Area, { nullable: true, description: 'The place, when exactly one fits.' })
  area!: Area | null;

  @Field(() => [Area], { description: 'All places that fit, best first.' })
  candidates!: Area[];

  @Field(() => Boolean, { description: 'True when the asker has to choose.' })
  ambiguous!: boolean;
}
