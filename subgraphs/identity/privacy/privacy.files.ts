/** The copy as a file: a signed address for its owner, and the route behind it. JSON, or PDF with `?format=pdf`. */
import type { Express } from 'express';
import { now } from '../../../kernel/clock';
import { subgraphConfig } from '../../../kernel/config';
import type { Context } from '../../../kernel/context';
import type { Database } from '../../../kernel/database/database';
import { serviceOf } from '../../../kernel/principal';
import { readTicket, signTicket } from '../../../kernel/ticket';
import { trustSuffices } from '../../../kernel/trust';
import { type PrivacyRequest, PrivacyRequestKind } from './privacy.entity';
import { PrivacyRequestState } from './privacy.states';

const TICKET_SECONDS = 60;
const PURPOSE = 'privacy-copy';

/** Made for the asker: it ends with the session. */
interface CopyTicket {
  readonly id: string;
  readonly sessionId: string;
}

/** @returns null while there is no copy, and for a session that is less sure than what is in it */
export function copyUrl(request: PrivacyRequest, { asker }: Context): string | null {
  const { kind, state, expiresAt } = request;
  const isThere = kind === PrivacyRequestKind.EXPORT && state === PrivacyRequestState.COMPLETED;
  if (!isThere || !expiresAt || expiresAt <= now()) return null;
  if (asker.kind !== 'person' || !trustSuffices(asker.trustLevel, request.requiredTrustLevel)) return null;
  const content: CopyTicket = { id: request.id, sessionId: asker.sessionId };
  const ticket = signTicket('identity', PURPOSE, content, TICKET_SECONDS);
  return `${subgraphConfig('identity').publicUrl}/privacy/copies/${ticket}`;
}

export function privacyRoutes(app: Express, db: Database): void {
  app.get('/privacy/copies/:ticket', async (request, response) => {
    const ticket = readTicket<CopyTicket>('identity', PURPOSE, request.params.ticket);
    const isPdf = request.query.format === 'pdf';
    const bytes = ticket && (await copyOf(db, ticket, isPdf ? 'pdf' : 'data'));
    if (!bytes) {
      response.status(404).json({ error: 'NOT_FOUND' });
      return;
    }
    response.set({
      'content-type': isPdf ? 'application/pdf' : 'application/json',
      'content-disposition': `attachment; filename="${isPdf ? 'auskunft.pdf' : 'auskunft.json'}"`,
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
      'referrer-policy': 'no-referrer',
    });
    response.end(bytes);
  });
}

/** Judged anew: the session may have ended since the address was made, and the copy with its time. */
function copyOf(db: Database, { id, sessionId }: CopyTicket, column: 'data' | 'pdf'): Promise<string | Buffer | null> {
  return db.tx(serviceOf('identity'), async tx => {
    const [found]: { bytes: string | Buffer }[] = await tx.query(
      `SELECT copy.${column} AS bytes FROM privacy_copy AS copy JOIN privacy_request AS request ON request.id = copy.request_id
       WHERE request.id = $1 AND request.state = 'COMPLETED' AND request.expires_at > $3
         AND EXISTS (SELECT FROM session WHERE id = $2 AND ended_at IS NULL AND expires_at > $3)`,
      [id, sessionId, now()],
    );
    return found?.bytes ?? null;
  });
}
