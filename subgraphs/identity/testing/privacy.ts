/** The other subgraphs' part in a request for one's data, for tests. */
import { seal } from '../../../kernel/seal';
import { TrustLevel } from '../../../kernel/trust';
import type { Events, Retained } from '../../../schema/events';
import { PRIVACY_PARTS } from '../../../schema/privacy';
import type { TestIdentity } from './identity';

export type Asked = Events['privacy.requested'];

interface Answering {
  readonly data?: unknown;
  readonly retained?: readonly Retained[];
  readonly running?: boolean;
  readonly requiredTrustLevel?: TrustLevel;
}

/** @param identity runs when they are called */
export function parts(identity: () => TestIdentity) {
  /** Waits for the question to the parts. */
  async function asked(requestId: string, round = 1): Promise<Asked> {
    for (let tries = 0; tries < 400; tries++) {
      const found = (await identity().published('privacy.requested')).map(({ payload }) => payload as unknown as Asked);
      const one = found.find(payload => payload.requestId === requestId && payload.round === round);
      if (one) return one;
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    throw new Error('The parts were not asked.');
  }

  /** What the other subgraphs would answer, in two pieces when there is something to seal. */
  async function answer(question: Asked, given: Partial<Record<string, Answering>> = {}): Promise<void> {
    for (const subgraph of PRIVACY_PARTS) {
      const {
        data = { of: subgraph },
        retained = [],
        running = false,
        requiredTrustLevel = TrustLevel.BASIC,
      } = given[subgraph] ?? {};
      const sealed = question.kind === 'EXPORT' ? seal(question.sealFor, data) : null;
      const pieces = sealed === null ? [null] : [sealed.slice(0, 40), sealed.slice(40)];
      for (const [i, piece] of pieces.entries()) {
        const { requestId, round, accountId } = question;
        const part = { requestId, round, subgraph, piece: i + 1, pieces: pieces.length, sealed: piece };
        const said = { ...part, retained, running, requiredTrustLevel };
        await identity().publish(subgraph, 'privacy.answered', accountId, said);
        await identity().publish(subgraph, 'privacy.answered', accountId, said); // at least once
      }
    }
  }

  async function until(id: string, state: string): Promise<void> {
    for (let tries = 0; tries < 400; tries++) {
      const [row] = await identity().sql<{ state: string }>(
        `SELECT state FROM identity.privacy_request WHERE id = $1`,
        [id],
      );
      if (row?.state === state) return;
      await new Promise(resolve => setTimeout(resolve, 25));
    }
    throw new Error(`The request did not become ${state}.`);
  }

  return { asked, answer, until };
}
