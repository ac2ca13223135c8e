/** Inputs of the mutations on threads. */
import { Field, ID, InputType } from 'type-graphql';

@InputType('MarkThreadReadInput', { description: 'Input of markThreadRead.' })
export class MarkThreadReadInput {
  @Field(() => ID, { description: 'The thread.' })
  threadId!: string;

  @Field(() => ID, { description: 'The newest message that was read.' })
  upToMessageId!: string;
}
