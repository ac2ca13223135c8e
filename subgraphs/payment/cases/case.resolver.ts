/** What payment adds to an application. */
import { Ctx, Directive, FieldResolver, Resolver, Root } from 'type-graphql';
import type { Context } from '../../../kernel/context';
import { euro, Money } from '../../../kernel/graph/money.type';
import { Application } from '../foreign';
import { Payment } from '../payments/payment.entity';
import { paymentsOfCase } from '../payments/payment.loaders';
import { amountDueOf } from './case.loaders';

@Resolver(() => Application)
export class ApplicationResolver {
  @Directive('@authenticated')
  @FieldResolver(() => [Payment], {
    nullable: true,
    description: 'The payments for this application, newest first.',
  })
  payments(@Root() application: Application, @Ctx() ctx: Context): Promise<Payment[] | null> {
    return paymentsOfCase(ctx).load(application.id);
  }

  @Directive('@authenticated')
  @FieldResolver(() => Money, {
    nullable: true,
    description: 'What is still to be paid; zero when nothing is, null means unknown.',
  })
  async amountDue(@Root() application: Application, @Ctx() ctx: Context): Promise<Money | null> {
    const due = await amountDueOf(ctx).load(application.id);
    return due === null ? null : euro(due);
  }
}
