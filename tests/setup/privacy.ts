/** For the tests of each part in a copy or deletion: asks as identity would, and opens what is answered. */
import { newId } from '../../kernel/ids';
import { newSalt, sealingKey, unseal } from '../../kernel/seal';
import type { Events } from '../../schema/events';
import type { TestSubgraph } from './subgraph';

type Answered = Events['privacy.answered'];

/** @returns the answers to this question, in order; `copy` is what they hold, opened */
export async function asking(subgraph: TestSubgraph, kind: 'EXPORT' | 'ERASURE', accountId: string) {
  const salt = newSalt();
  const requestId = newId();
  await subgraph.publish('identity', 'privacy.requested', accountId, {
    requestId,
    round: 1,
    kind,
    accountId,
    sealFor: sealingKey('identity', salt),
  });
  const parts = (await subgraph.published('privacy.answered'))
    .map(({ payload }) => payload as unknown as Answered)
    .filter(payload => payload.requestId === requestId);
  const sealed = parts.map(part => part.sealed ?? '').join('');
  return {
    parts,
    first: parts[0]!,
    // biome-ignore lint/suspicious/noExplicitAny: each part has a shape of its own
    copy: kind === 'EXPORT' ? unseal<any>('identity', salt, sealed) : null,
  };
}
