/** Publishing and withdrawing. */
import { Field, ID, InputType, Int } from 'type-graphql';
import { payload } from '../../../kernel/graph/refusal.type';
import { DateScalar } from '../../../kernel/graph/scalars';
import { CatalogueEntry } from './entry.entity';

@InputType('PublishEntryInput', { description: 'Input of publishEntry.' })
export class PublishEntryInput {
  @Field(() => ID, { description: 'The draft.' })
  entryId!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

@InputType('WithdrawEntryInput', { description: 'Input of withdrawEntry.' })
export class WithdrawEntryInput {
  @Field(() => ID, { description: 'The entry.' })
  entryId!: string;

  @Field(() => DateScalar, { nullable: true, description: 'The last day of validity; today when left out.' })
  validTo?: string | null | undefined;

  @Field(() => String, { description: 'The reason.' })
  reason!: string;

  @Field(() => Int, { description: 'The version the asker has seen; another one is refused with VERSION_CONFLICT.' })
  expectedVersion!: number;
}

const anyEntry = () => CatalogueEntry as unknown as new () => CatalogueEntry;
export const PublishEntryPayload = payload('publishEntry', 'entry', anyEntry);
export const WithdrawEntryPayload = payload('withdrawEntry', 'entry', anyEntry);
