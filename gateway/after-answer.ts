/** What follows from an answer before it leaves: a changed session is forgotten, a cookie is taken back, development counts. */
import type { ApolloServerPlugin } from '@apollo/server';
import { Kind } from 'graphql';
import { isProduction } from '../kernel/config';
import { NO_SESSION_COOKIE } from './credential';
import type { Asked } from './edge';
import type { Principals } from './principal';
import { asking } from './request';

/** Mutations after which the same token stands for something else. */
const CHANGE_SESSION = new Set(['actFor', 'endSession']);

/** The asker's own next request must not be judged by what was known before; identity's word to all replicas may be on its way. */
export const forgetChangedSessions = (principals: Principals | null): ApolloServerPlugin<Asked> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ operation, contextValue: { principal }, response }) {
        if (operation?.operation !== 'mutation' || !principals) return;
        const names = operation.selectionSet.selections.flatMap(one =>
          one.kind === Kind.FIELD ? [one.name.value] : [],
        );
        if (!names.some(name => CHANGE_SESSION.has(name)) || !('sessionId' in principal)) return;
        principals.sessionChanged(principal.sessionId);
        if (names.includes('endSession') && asking.getStore()?.signedInByCookie) {
          response.http.headers.set('set-cookie', NO_SESSION_COOKIE);
        }
      },
    };
  },
});

/** Development's answers say how many SQL statements they have cost. */
export const tellStatements: ApolloServerPlugin<Asked> = {
  async requestDidStart() {
    return {
      async willSendResponse({ response }) {
        if (!isProduction()) response.http.headers.set('x-sql-statements', String(asking.getStore()?.statements ?? 0));
      },
    };
  },
};
