/** A simulated line-of-business system (Fachverfahren): a trade register that is handed cases and acknowledges them on demand. */
import { fieldsOf, html, json, listen, web } from '../http';
import { bilingual, escaped, page } from '../page';
import { type Outcome, Platform, type PlatformAccess, PlatformError } from './platform';

export interface LineOfBusinessOptions extends PlatformAccess {
  /** 0 for any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

export interface LineOfBusiness {
  readonly url: string;
  stop(): Promise<void>;
}

interface Entry {
  readonly handoverId: string;
  readonly system: string;
  readonly contentHash: string;
  readonly receivedAt: Date;
  /** Whether the platform has taken an acknowledgement, and which. */
  state: 'RECEIVED' | 'ACKNOWLEDGED' | 'REJECTED';
  externalReference: string | null;
  outcome: Outcome | null;
}

const MOST = 1000;

/**
 * `POST /handovers` takes one, `GET /handovers` lists them, `POST /handovers/:id/acknowledge` acts at the platform.
 * @throws StartError when the port is taken
 */
export async function startLineOfBusiness(options: LineOfBusinessOptions): Promise<LineOfBusiness> {
  const register = new Register(new Platform(options));
  const server = await listen(
    'the line-of-business system',
    web((request, url) => register.answer(request, url)),
    options,
  );
  return { url: server.url, stop: server.stop };
}

class Register {
  private readonly entries = new Map<string, Entry>();
  private cases = 0;

  constructor(private readonly platform: Platform) {}

  answer(request: Request, url: URL): Response | Promise<Response> {
    const [, area, id, action, ...rest] = url.pathname.split('/');
    const { method } = request;
    if (area !== 'handovers' || rest.length > 0) return json({ code: 'NOT_FOUND' }, 404);
    if (!id && method === 'POST') return this.take(request);
    if (!id && method === 'GET') return this.list(request);
    const entry = id ? this.entries.get(decodeURIComponent(id)) : undefined;
    if (!entry) return json({ code: 'NOT_FOUND' }, 404);
    if (!action && method === 'GET') return json(entry);
    if (action === 'acknowledge' && method === 'POST') return this.acknowledge(entry, request);
    return json({ code: 'NOT_FOUND' }, 404);
  }

  private async take(request: Request): Promise<Response> {
    const { handoverId, system, contentHash } = (await fieldsOf(request)) ?? {};
    for (const [field, value] of Object.entries({ handoverId, system, contentHash })) {
      if (typeof value !== 'string' || value === '' || value.length > 200)
        return json({ code: 'BAD_INPUT', field }, 400);
    }
    const [key, name, hash] = [handoverId, system, contentHash].map(String) as [string, string, string];
    const known = this.entries.get(key);
    if (known && known.contentHash !== hash) return json({ code: 'HANDOVER_EXISTS', field: 'contentHash' }, 409);
    if (!known) {
      const [oldest] = this.entries.keys();
      if (this.entries.size >= MOST && oldest !== undefined) this.entries.delete(oldest);
      this.entries.set(key, {
        handoverId: key,
        system: name,
        contentHash: hash,
        receivedAt: new Date(),
        state: 'RECEIVED',
        externalReference: null,
        outcome: null,
      });
    }
    return json(this.entries.get(key), 202);
  }

  private list(request: Request): Response {
    const newestFirst = [...this.entries.values()].reverse();
    return request.headers.get('accept')?.includes('text/html') ? html(listPage(newestFirst)) : json(newestFirst);
  }

  /** Repeating one that the platform has taken answers the same and asks nothing. */
  private async acknowledge(entry: Entry, request: Request): Promise<Response> {
    const body = await fieldsOf(request);
    const { accepted = true, externalReference, rejectionReason } = body ?? {};
    if (body === null || typeof accepted !== 'boolean') return json({ code: 'BAD_INPUT', field: 'accepted' }, 400);
    for (const [field, value] of Object.entries({ externalReference, rejectionReason })) {
      if (value !== undefined && typeof value !== 'string') return json({ code: 'BAD_INPUT', field }, 400);
    }
    if (entry.state === 'RECEIVED') {
      const reference = accepted ? String(externalReference ?? this.nextCase()) : undefined;
      const reason = accepted ? undefined : String(rejectionReason ?? 'Der Vorgang ist hier nicht zuständig.');
      try {
        const outcome = await this.platform.acknowledge(entry.handoverId, {
          accepted,
          externalReference: reference,
          rejectionReason: reason,
        });
        if (outcome.refusal !== null) return json({ ...entry, outcome }, 409);
        entry.state = accepted ? 'ACKNOWLEDGED' : 'REJECTED';
        entry.externalReference = reference ?? null;
        entry.outcome = outcome;
      } catch (error) {
        if (!(error instanceof PlatformError)) throw error;
        return json({ code: 'PLATFORM_FAILED', step: error.step, details: error.details }, 502);
      }
    }
    return json(entry);
  }

  private nextCase(): string {
    this.cases += 1;
    return `GR-${new Date().getFullYear()}-${this.cases}`;
  }
}

const listPage = (entries: readonly Entry[]): string =>
  page(
    'Gewerberegister · Trade register',
    `<h1>${bilingual('Gewerberegister: übergebene Vorgänge', 'trade register: cases handed over')}</h1>
<p class="quiet">${bilingual('Nur für die Entwicklung.', 'Development only.')}</p>
<table>
<thead><tr><th scope="col">Übergabe</th><th scope="col">Eingang</th><th scope="col">Stand</th><th scope="col">Aktenzeichen</th></tr></thead>
<tbody>${entries.map(row).join('') || `<tr><td colspan="4">${bilingual('Noch keine.', 'None yet.')}</td></tr>`}</tbody>
</table>`,
  );

const row = (entry: Entry): string =>
  `<tr><td>${escaped(entry.handoverId)}</td><td>${escaped(entry.receivedAt.toISOString())}</td>` +
  `<td>${escaped(entry.state)}</td><td>${escaped(entry.externalReference ?? '–')}</td></tr>`;
