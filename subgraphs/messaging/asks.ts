/** What messaging asks the rest of the graph. */

/** The files that may be attached to a message about an application, as far as the asker sees them. */
export const documents = `query documents($id: ID!) {
  application(id: $id) {
    id
    documents {
      id
      purpose
      state
    }
  }
}`;

export interface DocumentsAnswer {
  readonly application: { readonly documents: { id: string; purpose: string; state: string }[] } | null;
}
