/** Inputs of the privacy mutations. */
import { Field, InputType } from 'type-graphql';

const KEY = 'A key made by the client; repeating it with the same input gives the same answer.';

@InputType('RequestDataExportInput', { description: 'Input of requestDataExport.' })
export class RequestDataExportInput {
  @Field(() => String, { description: KEY })
  idempotencyKey!: string;
}

@InputType('RequestErasureInput', { description: 'Input of requestErasure.' })
export class RequestErasureInput {
  @Field(() => String, { description: 'Must repeat the display name of the account.' })
  confirmation!: string;

  @Field(() => String, { description: KEY })
  idempotencyKey!: string;
}
