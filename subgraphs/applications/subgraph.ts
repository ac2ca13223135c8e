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
import { ArchiveRecord } from './casework/archive-record.entity';
import { CaseworkResolver } from './casework/casework.resolver';
import { checkInstalled } from './channels';
import { DeadlineExtension, LegalRuleRow } from './deadlines/deadline.entity';
import { DeadlineOfEventResolver, DeadlineResolver } from './deadlines/deadline.resolver';
import { Decision } from './decisions/decision.entity';
import { DecisionOfApplicationResolver, DecisionResolver } from './decisions/decision.resolver';
import { Delivery } from './deliveries/delivery.entity';
import { deliveryById } from './deliveries/delivery.loaders';
import { deliveryQueue } from './deliveries/delivery.queue';
import { ApplicationDeliveryResolver, DeliveryResolver } from './deliveries/delivery.resolver';
import { DocumentRequest, DocumentRequestAnswer } from './document-requests/document-request.entity';
import { documentRequestById } from './document-requests/document-request.loaders';
import {
  DocumentRequestAnswerResolver,
  DocumentRequestResolver,
  RequestsOfApplicationResolver,
} from './document-requests/document-request.resolver';
import { Document } from './documents/document.entity';
import { DocumentErasure, erasureQueue } from './documents/document.erasure';
import { documentById } from './documents/document.loaders';
import { DocumentResolver } from './documents/document.resolver';
import { fileRoutes } from './documents/file.routes';
import { startDraftExpiry } from './drafts/draft.expiry';
import { DraftResolver } from './drafts/draft.resolver';
import { Form } from './forms/form.entity';
import { formById } from './forms/form.loaders';
import { FormResolver } from './forms/form.resolver';
import { Handover } from './handovers/handover.entity';
import { handoverRoutes } from './handovers/handover.files';
import { handoverById } from './handovers/handover.loaders';
import { handoverQueue } from './handovers/handover.queue';
import { HandoverResolver, HandoversOfApplicationResolver } from './handovers/handover.resolver';
import { InboxResolver } from './inbox/inbox.resolver';
import { LiveResolver } from './inbox/live.resolver';
import { FollowUp, Note } from './notes/note.entity';
import { FollowUpResolver, NoteResolver, NotesOfApplicationResolver } from './notes/note.resolver';
import { PaymentReceipt } from './payment-receipts/payment-receipt.entity';
import { paymentReceiptQueue } from './payment-receipts/payment-receipt.service';
import { reactions } from './reactions';

const applications: Subgraph = {
  name: 'applications',
  resolvers: [
    ApplicationResolver,
    HistoryConnectionResolver,
    HistoryEntryResolver,
    FormResolver,
    DocumentResolver,
    DraftResolver,
    DeliveryResolver,
    ApplicationDeliveryResolver,
    InboxResolver,
    LiveResolver,
    CaseworkResolver,
    DeadlineResolver,
    DeadlineOfEventResolver,
    RequestsOfApplicationResolver,
    DocumentRequestResolver,
    DocumentRequestAnswerResolver,
    NotesOfApplicationResolver,
    NoteResolver,
    FollowUpResolver,
    DecisionOfApplicationResolver,
    DecisionResolver,
    HandoversOfApplicationResolver,
    HandoverResolver,
  ],
  references: {
    Application: ({ id }: { id: string }, ctx) => applicationById(ctx).load(id),
    Document: ({ id }: { id: string }, ctx) => documentById(ctx).load(id),
    Form: ({ id }: { id: string }, ctx) => formById(ctx).load(id),
    Delivery: ({ id }: { id: string }, ctx) => deliveryById(ctx).load(id),
    DocumentRequest: ({ id }: { id: string }, ctx) => documentRequestById(ctx).load(id),
    Handover: ({ id }: { id: string }, ctx) => handoverById(ctx).load(id),
  },
  entities: [
    Application,
    Form,
    Document,
    DocumentErasure,
    Delivery,
    ArchiveRecord,
    LegalRuleRow,
    DeadlineExtension,
    DocumentRequest,
    DocumentRequestAnswer,
    Note,
    FollowUp,
    Decision,
    Handover,
    PaymentReceipt,
  ],
  reactions,
  queues: [deliveryQueue, erasureQueue, handoverQueue, paymentReceiptQueue],
  asks,
  routes: (app, { db }) => {
    fileRoutes(app, db);
    handoverRoutes(app, { db });
  },
  background: ({ db }) => {
    checkInstalled();
    const stops = [startDraftExpiry(db)];
    return async () => {
      await Promise.all(stops.map(stop => stop()));
    };
  },
  sdl: 'extend enum RoutingChannel @tag(name: "public") extend enum TrustLevel @tag(name: "public")',
};
export default applications;
