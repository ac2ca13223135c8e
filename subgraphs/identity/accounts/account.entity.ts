/** Accounts of persons and organisations, their proven facts and their members. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { DateTimeScalar } from '../../../kernel/graph/scalars';
import { TrustLevel } from '../../../kernel/graph/trust.type';
import { IdentificationMethod } from '../sessions/identification.entity';

export enum AccountKind {
  PERSON = 'PERSON',
  ORGANISATION = 'ORGANISATION',
}
registerEnumType(AccountKind, {
  name: 'AccountKind',
  description: 'The kind of an account.',
  valuesConfig: {
    PERSON: { description: 'A natural person (Servicekonto).' },
    ORGANISATION: { description: 'An organisation (Unternehmenskonto).' },
  },
});

export enum OrganisationRole {
  ADMINISTRATOR = 'ADMINISTRATOR',
  REPRESENTATIVE = 'REPRESENTATIVE',
  READER = 'READER',
}
registerEnumType(OrganisationRole, {
  name: 'OrganisationRole',
  description: 'What somebody in an organisation may do.',
  valuesConfig: {
    ADMINISTRATOR: { description: 'May manage members and mandates.' },
    REPRESENTATIVE: { description: 'May apply and read the mailbox.' },
    READER: { description: 'May read only.' },
  },
});

@ObjectType('VerifiedAttribute', { description: 'One proven fact about an account holder.' })
@Entity({ name: 'verified_attribute' })
export class VerifiedAttribute {
  @PrimaryColumn('uuid')
  accountId!: string;

  @Field(() => String, { description: 'The name of the fact, such as givenName.' })
  @PrimaryColumn('text')
  name!: string;

  @Field(() => String, {
    description: 'The proven value; a date of birth as YYYY-MM-DD, with zeros for what is unknown of it (1990-05-00).',
  })
  @Column('text')
  value!: string;

  @Field(() => TrustLevel, { description: 'How surely it is proven.' })
  @Column('text')
  trustLevel!: TrustLevel;

  @Field(() => IdentificationMethod, { description: 'How it was proven.' })
  @Column('text')
  method!: IdentificationMethod;

  @Field(() => DateTimeScalar, { description: 'When it was proven.' })
  @Column('timestamptz')
  verifiedAt!: Date;
}

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Account', {
  description:
    'The account of a person or an organisation (Servicekonto, Unternehmenskonto); others than its holder, agents and the authority in charge see only that it exists.',
})
@Entity({ name: 'account' })
export class Account {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => AccountKind, { description: 'A person or an organisation.' })
  @Column('text')
  kind!: AccountKind;

  /** Shown by the resolver, to those who may see it. */
  @Column('text')
  displayName!: string;

  /** For a desk: the case that shows it the name, null where none does; undefined for all others. */
  shownBy?: { readonly applicationId: string; readonly reference: string | null } | null;

  /** Tokens issued before it are refused. */
  @Column('timestamptz')
  tokensSince!: Date;

  @Column('timestamptz')
  createdAt!: Date;

  /** When everything about its holder was erased. */
  @Column('timestamptz', { nullable: true })
  erasedAt!: Date | null;

  @Column('date')
  lastSeenOn!: string;

  /** When its holder was told that it will be erased because nobody uses it. */
  @Column('date', { nullable: true })
  idleNoticeOn!: string | null;
}

@ObjectType('OrganisationMember', { description: 'A person in an organisation.' })
@Entity({ name: 'organisation_member' })
export class OrganisationMember {
  @PrimaryColumn('uuid')
  organisationId!: string;

  @PrimaryColumn('uuid')
  accountId!: string;

  @Field(() => OrganisationRole, { description: 'What they may do.' })
  @Column('text')
  role!: OrganisationRole;

  @Field(() => DateTimeScalar, { description: 'Since when.' })
  @Column('timestamptz')
  since!: Date;

  /** The provider of organisations says so at each sign-in. */
  @Column('boolean')
  fromProvider!: boolean;

  /** They have acted for it, or the provider names them; before that, whoever enters an id would read a name. */
  @Column('boolean')
  hasActed!: boolean;
}
