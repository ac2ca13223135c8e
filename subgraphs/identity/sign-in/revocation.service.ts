/** Who signs out here is signed out at the provider as far as we go: our refresh token ends there too (RFC 7009). */
import { afterCommit, type Database, type Tx } from '../../../kernel/database/database';
import { wake } from '../../../kernel/events/outbox';
import { newId } from '../../../kernel/ids';
import { serviceOf } from '../../../kernel/principal';
import { backoffSeconds, type Queue } from '../../../kernel/queue';
import { revokeToken } from './openid.client';
import { heldToken } from './refresh.token';
import { TokenRevocation } from './revocation.entity';

const QUEUE = 'token revocations';

/** The provider is told after the commit. Harmless for sessions that hold no refresh token. */
export async function revokeLater(tx: Tx, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await tx.insert(
    TokenRevocation,
    sessionIds.map(sessionId => ({ id: newId(), version: 1, sessionId, attempts: 0, nextAttemptAt: new Date() })),
  );
  afterCommit(tx, () => wake(QUEUE));
}

/** It is tried until the session itself is forgotten, a day after its tokens have ended. */
export const revocationQueue: Queue<TokenRevocation> = {
  name: QUEUE,
  entity: TokenRevocation,
  table: 'token_revocation',
  due: 'true',
  async work(db, revocation) {
    const { id, sessionId, attempts } = revocation;
    const held = await asService(db, tx => heldToken(tx, sessionId));
    try {
      if (held) await revokeToken(held.population, held.token);
    } catch (error) {
      const again = new Date(Date.now() + backoffSeconds(attempts) * 1_000);
      await asService(db, tx => tx.update(TokenRevocation, { id }, { nextAttemptAt: again }));
      throw error;
    }
    await asService(db, async tx => {
      await tx.delete(TokenRevocation, { id });
      if (held)
        await tx.query(`DELETE FROM session_refresh WHERE session_id = $1 AND sealed_token = $2`, [
          sessionId,
          held.sealed,
        ]);
    });
  },
};

const asService = <T>(db: Database, work: (tx: Tx) => Promise<T>): Promise<T> => db.tx(serviceOf('identity'), work);
