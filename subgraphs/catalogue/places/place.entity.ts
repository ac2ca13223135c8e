/** The preflight: one service at one place. */
import { Directive, Field, ObjectType } from 'type-graphql';
import { ArsScalar, LeikaKeyScalar } from '../../../kernel/graph/scalars';

@Directive('@tag(name: "public")')
@Directive('@key(fields: "leikaKey ars")')
@ObjectType('ServiceAtPlace', {
  description: 'The preflight: one service at one place, answered by every subgraph that knows a part of it.',
})
export class ServiceAtPlace {
  @Field(() => LeikaKeyScalar, { description: 'The service (LeiKa-Schlüssel).' })
  leikaKey!: string;

  @Field(() => ArsScalar, { description: 'The place (Amtlicher Regionalschlüssel).' })
  ars!: string;
}
