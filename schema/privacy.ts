/** A copy or the deletion of somebody's data, across subgraphs: who has a part in it, and how a part is answered. */
import type { Tx } from '../kernel/database/database';
import type { Reactions } from '../kernel/events/reactions';
import { seal } from '../kernel/seal';
import { TrustLevel } from '../kernel/trust';
import { type Events, publish, type Retained, reactTo } from './events';

/** Who holds data of accounts, besides identity which collects; the catalogue knows nobody. */
export const PRIVACY_PARTS = ['applications', 'messaging', 'payment'] as const;
export type PrivacyPart = (typeof PRIVACY_PARTS)[number];

export interface Copy {
  /** JSON for people and machines: what is held about the account. */
  readonly data: object;
  /** The level that everything in it may be read with; the lowest when left out. */
  readonly requiredTrustLevel?: TrustLevel;
}

export interface Kept {
  readonly retained: readonly Retained[];
  /** True while something of the account still runs; deletion is asked again the next day. */
  readonly running: boolean;
}

/** What one subgraph does, each in the transaction that answers. */
export interface PrivacyWork {
  copy(tx: Tx, accountId: string): Promise<Copy>;
  /** Erases what may go and says what must stay; again on what is erased already does no harm. */
  erase(tx: Tx, accountId: string): Promise<Kept>;
}

/** An event stays small: a copy goes in pieces of so many characters. */
const PIECE = 200_000;

export const privacyReactions = (subgraph: PrivacyPart, work: PrivacyWork): Reactions =>
  reactTo({
    'privacy.requested': (tx, asked) => (asked.kind === 'EXPORT' ? tellCopy : tellErasure)(tx, subgraph, work, asked),
  });

type Asked = Events['privacy.requested'];

async function tellCopy(tx: Tx, subgraph: PrivacyPart, work: PrivacyWork, asked: Asked): Promise<void> {
  const { data, requiredTrustLevel = TrustLevel.BASIC } = await work.copy(tx, asked.accountId);
  const sealed = seal(asked.sealFor, data);
  const pieces = Math.ceil(sealed.length / PIECE);
  for (let piece = 1; piece <= pieces; piece++) {
    await publish(tx, 'privacy.answered', asked.accountId, {
      requestId: asked.requestId,
      round: asked.round,
      subgraph,
      piece,
      pieces,
      sealed: sealed.slice((piece - 1) * PIECE, piece * PIECE),
      retained: [],
      running: false,
      requiredTrustLevel,
    });
  }
}

async function tellErasure(tx: Tx, subgraph: PrivacyPart, work: PrivacyWork, asked: Asked): Promise<void> {
  const { retained, running } = await work.erase(tx, asked.accountId);
  await publish(tx, 'privacy.answered', asked.accountId, {
    requestId: asked.requestId,
    round: asked.round,
    subgraph,
    piece: 1,
    pieces: 1,
    sealed: null,
    retained: [...retained],
    running,
    requiredTrustLevel: TrustLevel.BASIC,
  });
}
