/** For what passes through Apollo Server: the request id in each answer, and its end in access log and numbers. */
import type { ApolloServerPlugin } from '@apollo/server';
import { asking } from '../request';
import { codesOf, operationEnded } from './operations';

const since = (began: number) => performance.now() - began;

export const seeOperations: ApolloServerPlugin = {
  async requestDidStart() {
    return {
      async willSendResponse({ operation, response }) {
        const { requestId, began } = asking.getStore()!;
        if (response.body.kind !== 'single') return;
        const { singleResult } = response.body;
        singleResult.extensions = { ...singleResult.extensions, requestId };
        operationEnded({
          name: operation?.name?.value,
          kind: operation?.operation ?? 'unknown',
          requestId,
          ms: since(began),
          codes: codesOf(singleResult.errors),
          answered: singleResult.data !== undefined,
        });
      },
    };
  },
};
