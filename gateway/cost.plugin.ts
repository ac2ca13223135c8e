/** Tells what an operation costs, to clients that ask for it with the header `GraphQL-Cost: report`. */
import type { ApolloServerPlugin } from '@apollo/server';
import type { Asked } from './edge';
import type { Engine } from './engine/engine';

export const tellCost = (engine: Engine): ApolloServerPlugin<Asked> => ({
  async requestDidStart() {
    return {
      async willSendResponse({ request, document, operation, queryHash: key, response: { body } }) {
        if (request.http?.headers.get('graphql-cost') !== 'report') return;
        if (body.kind !== 'single' || !document || !operation || !key) return;
        const { operationName = null, variables = {} } = request;
        const cost = engine.costOf({ document, operationName, key, variables });
        body.singleResult.extensions = { ...body.singleResult.extensions, cost };
      },
    };
  },
});
