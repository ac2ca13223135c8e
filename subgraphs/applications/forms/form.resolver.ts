/** Forms in the graph. */
import { Arg, Ctx, Directive, ID, Mutation, Query, Resolver } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { notFound } from '../../../kernel/errors';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { Form } from './form.entity';
import { RegisterFormInput } from './form.inputs';
import { formById } from './form.loaders';
import { registerForm } from './form.service';

const RegisterFormPayload = payload('registerForm', 'form', () => Form);

@Resolver()
export class FormResolver {
  @Directive('@tag(name: "public")')
  @Query(() => Form, { nullable: true, description: 'One form.' })
  async form(@Arg('id', () => ID, { description: 'The form.' }) id: string, @Ctx() ctx: Context): Promise<Form> {
    const form = await formById(ctx).load(id);
    if (!form) throw notFound();
    return form;
  }

  @Directive('@requiresScopes(scopes: [["catalogue:edit"]])')
  @Mutation(() => RegisterFormPayload, {
    nullable: true,
    description: 'Registers a form for use in an online service; the same content gives the same form.',
  })
  registerForm(
    @Arg('input', () => RegisterFormInput, { description: 'What is to be done.' }) input: RegisterFormInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'form', () => registerForm(ctx, input));
  }
}
