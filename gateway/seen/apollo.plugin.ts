/** The request id in each answer, and its end in access log and numbers; as a plugin for what passes through Apollo Server. */
import type { ApolloServerPlugin } from '@apollo/server';
import type { GraphQLFormattedError, OperationDefinitionNode } from 'graphql';
import { asking } from '../request';
import { codesOf, operationEnded, requestRefused } from './operations';

export interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly GraphQLFormattedError[] | undefined;
  extensions?: Record<string, unknown>;
}

/** @param operation missing when the request did not come so far  @param answer as it goes to the client; gets the request id */
export function seeAnswer(operation: OperationDefinitionNode | undefined, answer: Answer): void {
  const { requestId, began, span } = asking.getStore()!;
  answer.extensions = { ...answer.extensions, requestId };
  operationEnded({
    name: operation?.name?.value,
    kind: operation?.operation ?? 'unknown',
    requestId,
    ms: performance.now() - began,
    codes: codesOf(answer.errors),
    answered: answer.data !== undefined,
    span,
  });
}

export const seeOperations: ApolloServerPlugin = {
  /** Another method, a list of operations, what another site could send: refused before it is an operation. */
  async invalidRequestWasReceived() {
    requestRefused(asking.getStore()!, ['BAD_REQUEST']);
  },
  async requestDidStart() {
    return {
      async willSendResponse({ operation, response }) {
        if (response.body.kind === 'single') seeAnswer(operation, response.body.singleResult);
      },
    };
  },
};
