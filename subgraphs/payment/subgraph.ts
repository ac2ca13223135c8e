/** Payment (OSI-Payment): what services cost, payments, refunds and their reconciliation. */
import { isId } from '../../kernel/ids';
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { asks } from './asks';
import { Case } from './cases/case.entity';
import { ApplicationResolver } from './cases/case.resolver';
import { Fee } from './fees/fee.entity';
import { feeById } from './fees/fee.loaders';
import { FeeResolver, ServiceAtPlace, ServiceAtPlaceResolver, serviceAtPlace } from './fees/fee.resolver';
import { Payment, PaymentChange } from './payments/payment.entity';
import { paymentById } from './payments/payment.loaders';
import { PaymentConnectionResolver, PaymentEventResolver, PaymentResolver } from './payments/payment.resolver';
import { reportRoutes } from './payments/report.route';
import { PaymentWatch } from './payments/watch.entity';
import { watchQueue } from './payments/watch.queue';
import { reactions } from './reactions';
import { Refund } from './refunds/refund.entity';
import { refundById } from './refunds/refund.loaders';
import { refundQueue } from './refunds/refund.outcome';
import { PaymentRefundsResolver, RefundResolver } from './refunds/refund.resolver';

const payment: Subgraph = {
  name: 'payment',
  resolvers: [
    FeeResolver,
    ServiceAtPlaceResolver,
    ApplicationResolver,
    PaymentResolver,
    PaymentConnectionResolver,
    PaymentEventResolver,
    PaymentRefundsResolver,
    RefundResolver,
  ],
  references: {
    Application: ({ id }: { id: string }) => (isId(id) ? { id } : null),
    Fee: ({ id }: { id: string }, ctx) => (isId(id) ? feeById(ctx).load(id) : null),
    Payment: ({ id }: { id: string }, ctx) => (isId(id) ? paymentById(ctx).load(id) : null),
    Refund: ({ id }: { id: string }, ctx) => (isId(id) ? refundById(ctx).load(id) : null),
    ServiceAtPlace: serviceAtPlace,
  },
  orphans: [ServiceAtPlace],
  sdl: 'extend enum CurrencyCode @tag(name: "public")',
  entities: [Fee, Case, Payment, PaymentChange, PaymentWatch, Refund],
  reactions,
  asks,
  queues: [watchQueue, refundQueue],
  routes: reportRoutes,
};

export default payment;
