/** What this subgraph asks the others before a transaction, to freeze the answer in its rows; and the answers' shapes. */
import type { Asks } from '../../kernel/ask';
import type { TrustLevel } from '../../kernel/trust';
import type { RoutingChannel } from '../../schema/channels';
import type { RequiredDocument } from './application/application.entity';
import type { Proven } from './forms/form.proofs';

export const asks = {
  preflight: `query Preflight($leikaKey: LeikaKey!, $ars: Ars!) {
    serviceAtPlace(leikaKey: $leikaKey, ars: $ars) {
      service { leikaKey title }
      area { ars name }
      requiredTrustLevel
      requiredDocuments { code name mandatory mimeTypes maxByteSize }
      onlineServiceVersion { id form { id } }
      processingDays
      singleContact { id name }
      feeOverride { amountMinor }
      fee { total { amountMinor } prepaymentRequired }
      responsibility {
        on
        responsibility {
          id version channel channelAddress processingDays
          authority { id name area { ars } }
          departmentRules { path equals department { id name } }
        }
        fallbackAuthority { id name }
        refusal { code message retryable }
      }
    }
  }`,
  /** What is still to be paid, and how the applicant is called. */
  amountDue: `query AmountDue($id: ID!) { application(id: $id) { id amountDue { amountMinor } applicant { id displayName } } }`,
  /** How surely the facts about the applicant are proven; asked by us for ourselves, because an agent does not see them. */
  proven: `query Proven($accountId: ID!) { account(id: $accountId) { id attributes { name trustLevel } } }`,
  /** How payee and payer are called, for the receipt of a payment that came before submission. */
  receiptParties: `query ReceiptParties($applicationId: ID!, $authorityId: ID!) {
    application(id: $applicationId) { id applicant { id displayName } }
    authority(id: $authorityId) { id name }
  }`,
  authority: `query AskedAuthority($id: ID!) { authority(id: $id) { id name kind area { ars } parent { id name area { ars } } } }`,
} as const satisfies Asks;

interface Named {
  readonly id: string;
  readonly name: string;
}

/** An authority and the area it works for, whose holidays count. */
interface Placed extends Named {
  readonly area?: { readonly ars: string } | null;
}

export interface AskedResponsibility {
  readonly id: string;
  readonly version: number;
  readonly channel: RoutingChannel;
  readonly channelAddress: string | null;
  readonly processingDays: number | null;
  readonly authority: Placed;
  /** The first that fits names the department; `path` null always fits. */
  readonly departmentRules: readonly { path: string | null; equals: unknown; department: Named }[];
}

export interface Preflight {
  readonly service: { leikaKey: string; title: string };
  readonly area: { ars: string; name: string };
  readonly requiredTrustLevel: TrustLevel;
  readonly requiredDocuments: readonly RequiredDocument[];
  readonly onlineServiceVersion: { id: string; form: { id: string } | null } | null;
  readonly processingDays: number | null;
  readonly singleContact: Named | null;
  readonly feeOverride: { amountMinor: number } | null;
  /** Null when payment did not answer. */
  readonly fee: { total: { amountMinor: number } | null; prepaymentRequired: boolean } | null;
  readonly responsibility: {
    readonly on: string;
    readonly responsibility: AskedResponsibility | null;
    readonly fallbackAuthority: Named | null;
    readonly refusal: { code: string; message: string; retryable: boolean } | null;
  };
}

export interface PreflightAnswer {
  readonly serviceAtPlace: Preflight | null;
}

export interface AmountDueAnswer {
  readonly application: {
    readonly id: string;
    readonly amountDue: { amountMinor: number } | null;
    readonly applicant: { id: string; displayName: string | null } | null;
  } | null;
}

export interface ProvenAnswer {
  readonly account: { readonly id: string; readonly attributes: readonly Proven[] | null } | null;
}

export interface AuthorityAnswer {
  readonly authority: (Placed & { readonly kind: string; readonly parent: Placed | null }) | null;
}

export interface ReceiptPartiesAnswer {
  readonly application: {
    readonly id: string;
    readonly applicant: { id: string; displayName: string | null } | null;
  } | null;
  readonly authority: Named | null;
}
