/** What follows from an answer before it leaves, whichever way it took: a changed session is forgotten, a cookie is taken back, development counts. */
import type { ApolloServerPlugin } from '@apollo/server';
import { Kind, type OperationDefinitionNode } from 'graphql';
import { isProduction } from '../kernel/config';
import type { Principal } from '../kernel/principal';
import { NO_SESSION_COOKIE } from './credential';
import type { Asked } from './edge';
import type { Principals } from './principal';
import { asking } from './request';

export interface Answered {
  /** Missing when the request did not come so far. */
  readonly operation: OperationDefinitionNode | undefined;
  readonly principal: Principal;
  setHeader(name: string, value: string): void;
}

/** Mutations after which the same token stands for something else. */
const CHANGE_SESSION = new Set(['actFor', 'endSession']);

export class Afterwards {
  private readonly tellsStatements = !isProduction();

  constructor(private readonly principals: Principals | null) {}

  of(answered: Answered): void {
    if (answered.operation?.operation === 'mutation') this.forgetChangedSession(answered.operation, answered);
    if (this.tellsStatements) answered.setHeader('x-sql-statements', String(asking.getStore()?.statements ?? 0));
  }

  /** For what Apollo Server answers. */
  readonly plugin: ApolloServerPlugin<Asked> = {
    requestDidStart: async () => ({
      willSendResponse: async ({ operation, contextValue: { principal }, response: { http } }) =>
        this.of({ operation, principal, setHeader: (name, value) => http.headers.set(name, value) }),
    }),
  };

  /** The asker's own next request must not be judged by what was known before; identity's word to all replicas may be on its way. */
  private forgetChangedSession({ selectionSet }: OperationDefinitionNode, { principal, setHeader }: Answered): void {
    const names = selectionSet.selections.flatMap(one => (one.kind === Kind.FIELD ? [one.name.value] : []));
    if (!this.principals || !names.some(name => CHANGE_SESSION.has(name)) || !('sessionId' in principal)) return;
    this.principals.sessionChanged(principal.sessionId);
    if (names.includes('endSession') && asking.getStore()?.credential?.from === 'cookie')
      setHeader('set-cookie', NO_SESSION_COOKIE);
  }
}
