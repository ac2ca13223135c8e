/** The websites on which citizens find and start services. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';

export enum PortalGeneration {
  V1 = 'V1',
  V2 = 'V2',
}
registerEnumType(PortalGeneration, {
  name: 'PortalGeneration',
  description: 'The generation of the portal software.',
  valuesConfig: {
    V1: { description: 'Version 1.0.' },
    V2: { description: 'Version 2.0.' },
  },
});

export enum PortalState {
  ORDERED = 'ORDERED',
  PREPARING = 'PREPARING',
  ONLINE = 'ONLINE',
  RETIRED = 'RETIRED',
}
registerEnumType(PortalState, {
  name: 'PortalState',
  description: 'The state of a portal.',
  valuesConfig: {
    ORDERED: { description: 'Ordered in the shop.' },
    PREPARING: { description: 'Being set up, soon online.' },
    ONLINE: { description: 'Open to the public.' },
    RETIRED: { description: 'Closed.' },
  },
});

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('Portal', { description: 'The website on which citizens find and start services (Bürgerportal).' })
@Entity({ name: 'portal' })
export class Portal {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => String, { description: 'The name.' })
  @Column('text')
  name!: string;

  @Field(() => String, { description: 'The host name it answers under.' })
  @Column('text')
  host!: string;

  @Field(() => PortalGeneration, { description: 'The generation of the software.' })
  @Column('text')
  generation!: PortalGeneration;

  @Field(() => PortalState, { description: 'Ordered, being set up, online or closed.' })
  @Column('text')
  state!: PortalState;

  @Column('uuid')
  authorityId!: string;

  @Column('text', { array: true })
  featuredLeikaKeys!: string[];
}

export const PortalConnection = connection(() => Portal, { name: 'Portal', public: true });
