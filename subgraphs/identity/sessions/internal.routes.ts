/** What only the gateway may ask: whose token is this, and whose rights have just changed? */
import type { Express } from 'express';
import type { StoredEvent } from '../../../kernel/events/stream';
import { gatewayOnly } from '../../../kernel/server/internal';
import type { Serving } from '../../../kernel/server/subgraph.server';
import type { Events } from '../../../schema/events';
import { principalOf } from './principal.service';
import type { Claims } from './session.claims';

/** Whose rights have changed: the gateway forgets what it holds of them. */
interface Revocation {
  readonly sessionId?: string;
  readonly accountId?: string;
  readonly staffMemberId?: string;
}

const HEARTBEAT_MS = 10_000;

/** Committed events, so that it does not matter which replica wrote them. */
const REVOCATIONS: { [T in keyof Events]?: (payload: Events[T]) => Revocation } = {
  'session.changed': ({ sessionId }) => ({ sessionId }),
  'session.ended': ({ sessionId, accountId, staffMemberId }) => ({
    ...(sessionId && { sessionId }),
    ...(accountId && { accountId }),
    ...(staffMemberId && { staffMemberId }),
  }),
  'mandate.changed': ({ agentAccountId }) => ({ accountId: agentAccountId }),
  'staff.changed': ({ staffMemberId }) => ({ staffMemberId }),
  'substitution.changed': ({ substituteStaffMemberId }) => ({ staffMemberId: substituteStaffMemberId }),
};

const revocationOf = ({ type, payload }: StoredEvent): Revocation =>
  (REVOCATIONS[type as keyof Events] as (payload: unknown) => Revocation)(payload);

export function internalRoutes(app: Express, { db, stream, leaving }: Serving): void {
  app.post('/internal/principal', ...gatewayOnly('identity'), async (req, res) => {
    const { claims } = (req.body ?? {}) as { claims?: Claims };
    const well = typeof claims?.iss === 'string' && typeof claims.sub === 'string' && typeof claims.exp === 'number';
    const known = well ? await principalOf(db, claims) : null;
    if (known) res.json(known);
    else res.status(401).json({ error: 'UNAUTHENTICATED' });
  });

  app.get('/internal/revocations', ...gatewayOnly('identity'), async (_req, res) => {
    const closed = new AbortController();
    res.on('close', () => closed.abort());
    const { head } = await stream.positions(); // before the first byte: what comes after it is not missed
    res.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
    const tell = (revocation: Revocation) => res.write(`${JSON.stringify(revocation)}\n`);
    tell({});
    const heartbeat = setInterval(() => tell({}), HEARTBEAT_MS);
    try {
      const over = AbortSignal.any([closed.signal, leaving]);
      for await (const event of stream.read(head, Object.keys(REVOCATIONS), over)) tell(revocationOf(event));
    } finally {
      clearInterval(heartbeat);
      res.end();
    }
  });
}
