/** Input of registerForm. */
import { Field, InputType } from 'type-graphql';
import { JsonScalar } from '../../../kernel/graph/scalars';

@InputType('RegisterFormInput', { description: 'Input of registerForm.' })
export class RegisterFormInput {
  @Field(() => String, { description: 'The title.' })
  title!: string;

  @Field(() => JsonScalar, { description: 'The JSON Schema (2020-12) of the answers.' })
  schema!: unknown;

  @Field(() => JsonScalar, { description: 'Order, widgets and texts of the fields.' })
  uiSchema!: unknown;

  @Field(() => String, {
    description: 'A key made by the client; repeating it with the same input gives the same answer.',
  })
  idempotencyKey!: string;
}
