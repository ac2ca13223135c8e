/** Public bodies and their departments. */
import { Directive, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { connection } from '../../../kernel/graph/page.type';

export enum AuthorityKind {
  MUNICIPALITY = 'MUNICIPALITY',
  ASSOCIATION = 'ASSOCIATION',
  DISTRICT = 'DISTRICT',
  STATE = 'STATE',
  FEDERAL = 'FEDERAL',
  DEPARTMENT = 'DEPARTMENT',
}
registerEnumType(AuthorityKind, {
  name: 'AuthorityKind',
  description: 'The kind of an authority.',
  valuesConfig: {
    MUNICIPALITY: { description: 'Municipality (Gemeinde, Stadt).' },
    ASSOCIATION: { description: 'Joint administration (Amt).' },
    DISTRICT: { description: 'District (Kreis).' },
    STATE: { description: 'State authority (Landesbehörde).' },
    FEDERAL: { description: 'Federal authority (Bundesbehörde).' },
    DEPARTMENT: { description: 'Department inside an authority (Fachabteilung).' },
  },
});

@Directive('@tag(name: "public")')
@ObjectType('Contact', { description: 'How to reach an authority.' })
export class Contact {
  @Field(() => String, { nullable: true, description: 'Street, postcode and town.' })
  address!: string | null;

  @Field(() => String, { nullable: true, description: 'Telephone number.' })
  phone!: string | null;

  @Field(() => String, { nullable: true, description: 'E-mail address.' })
  email!: string | null;

  @Field(() => String, { nullable: true, description: 'Website.' })
  website!: string | null;

  @Field(() => String, { nullable: true, description: 'Opening hours in words.' })
  openingHours!: string | null;
}

@Directive('@tag(name: "public")')
@Directive('@key(fields: "id")')
@ObjectType('Authority', {
  description: 'A public body or one of its departments (zuständige Stelle, Organisationseinheit).',
})
@Entity({ name: 'authority' })
export class Authority {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  @PrimaryColumn('uuid')
  id!: string;

  @Field(() => Int, { description: 'Counts up with every change; send it back as expectedVersion.' })
  @Column('int')
  version!: number;

  @Field(() => String, { description: 'The name.' })
  @Column('text')
  name!: string;

  @Field(() => AuthorityKind, { description: 'The kind.' })
  @Column('text')
  kind!: AuthorityKind;

  @Column('text')
  ars!: string;

  @Column('uuid', { nullable: true })
  parentId!: string | null;

  @Field(() => Contact, { description: 'How to reach it.' })
  @Column('jsonb')
  contact!: Partial<Contact>;

  @Field(() => Boolean, { description: 'True for the point of single contact (Einheitlicher Ansprechpartner).' })
  @Column('boolean')
  isPointOfSingleContact!: boolean;

  @Field(() => String, { nullable: true, description: 'Its id in the XZuFi exchange format.' })
  @Column('text', { nullable: true })
  xzufiId!: string | null;
}

export const AuthorityConnection = connection(() => Authority, { name: 'Authority', public: true });
