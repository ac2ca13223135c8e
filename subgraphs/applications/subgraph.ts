/** applications (OZG-Cloud): the case, from the draft to the archive. */
import type { Subgraph } from '../../kernel/server/subgraph.server';
import { Application } from './application/application.entity';
import { applicationById } from './application/application.loaders';
import {
  ApplicationResolver,
  HistoryConnectionResolver,
  HistoryEntryResolver,
} from './application/application.resolver';
import { asks } from './asks';
import { Delivery } from './deliveries/delivery.entity';
import { deliveryById } from './deliveries/delivery.loaders';
import { deliveryQueue } from './deliveries/delivery.queue';
import { ApplicationDeliveryResolver, DeliveryResolver } from './deliveries/delivery.resolver';
import { Document } from './documents/document.entity';
import { DocumentErasure, erasureQueue } from './documents/document.erasure';
import { documentById } from './documents/document.loaders';
import { startDraftExpiry } from './drafts/draft.expiry';
import { DraftResolver } from './drafts/draft.resolver';
import { Form } from './forms/form.entity';
import { formById } from './forms/form.loaders';
import { FormResolver } from './forms/form.resolver';
import { InboxResolver } from './inbox/inbox.resolver';
import { LiveResolver } from './inbox/live.resolver';
import { reactions } from './reactions';

const applications: Subgraph = {
  name: 'applications',
  resolvers: [
    ApplicationResolver,
    HistoryConnectionResolver,
    HistoryEntryResolver,
    FormResolver,
    DraftResolver,
    DeliveryResolver,
    ApplicationDeliveryResolver,
    InboxResolver,
    LiveResolver,
  ],
  references: {
    Application: ({ id }: { id: string }, ctx) => applicationById(ctx).load(id),
    Document: ({ id }: { id: string }, ctx) => documentById(ctx).load(id),
    Form: ({ id }: { id: string }, ctx) => formById(ctx).load(id),
    Delivery: ({ id }: { id: string }, ctx) => deliveryById(ctx).load(id),
  },
  entities: [Application, Form, Document, DocumentErasure, Delivery],
  reactions,
  queues: [deliveryQueue, erasureQueue],
  asks,
  background: ({ db }) => {
    const stops = [startDraftExpiry(db)];
    return async () => {
      await Promise.all(stops.map(stop => stop()));
    };
  },
  sdl: 'extend enum RoutingChannel @tag(name: "public")',
};
export default applications;
