/** What payment asks other subgraphs. */
import type { Asks } from '../../kernel/ask';

export const asks = {
  /** Who receives the money, and what the payment is called. */
  price: `query Price($leikaKey: LeikaKey!, $ars: Ars!) {
    serviceAtPlace(leikaKey: $leikaKey, ars: $ars) {
      service { leikaKey title }
      responsibility { responsibility { id authority { id name } } }
    }
  }`,
  /** Which area a publisher of fee rules works for. */
  authorityArea: `query AuthorityArea($id: ID!) { authority(id: $id) { id area { ars } } }`,
} as const satisfies Asks;

export interface PriceAnswer {
  readonly serviceAtPlace: {
    readonly service: { readonly leikaKey: string; readonly title: string };
    readonly responsibility: {
      readonly responsibility: { readonly authority: { readonly id: string } | null } | null;
    };
  } | null;
}

export interface AuthorityAreaAnswer {
  readonly authority: { readonly id: string; readonly area: { readonly ars: string } } | null;
}
