/** People who work for an authority. */
import { Directive, Field, ID, Int, ObjectType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';
import { StaffRole } from './staff.roles';

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('StaffMember', { description: 'A person working for an authority (Sachbearbeitung).' })
@Entity({ name: 'staff_member' })
export class StaffMember {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  /** At the OpenID provider; null until the first sign-on. */
  @Column('text', { nullable: true })
  subject!: string | null;

  @Field(() => String, { description: 'The name to show.' })
  @Column('text')
  displayName!: string;

  /** Shown by the resolver, to staff only. */
  @Column('text')
  email!: string;

  /** The authority itself, so that a desk can start from it; the department only says who sits where. */
  @Column('uuid')
  authorityId!: string;

  @Column('uuid', { nullable: true })
  departmentId!: string | null;

  @Field(() => [StaffRole], { description: 'What the person may do.' })
  @Column('text', { array: true })
  roles!: StaffRole[];

  @Field(() => Boolean, { description: 'False when the person has left.' })
  @Column('boolean')
  active!: boolean;

  @Column('timestamptz')
  tokensSince!: Date;

  @Column('timestamptz')
  createdAt!: Date;
}

export const StaffMemberConnection = connection(() => StaffMember, { name: 'StaffMember', totalCount: true });
