/** ChainProof: the result of checking a hash chain, in the graph. */
import { Directive, Field, Int, ObjectType } from 'type-graphql';

@Directive('@shareable')
@ObjectType('ChainProof', { description: 'The result of checking a hash chain.' })
export class ChainProof {
  @Field(() => Boolean, { description: 'True when every entry follows from the one before.' })
  valid!: boolean;

  @Field(() => Int, { description: 'How many entries were checked.' })
  length!: number;

  @Field(() => String, { description: 'The hash of the newest entry, to be kept as proof.' })
  headHash!: string;

  @Field(() => Int, { nullable: true, description: 'The sequence number of the first broken entry.' })
  brokenAt!: number | null;
}
