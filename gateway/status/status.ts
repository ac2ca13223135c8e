/** The status page at `/`, and the documents and pictures it links to. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express } from 'express';
import { now } from '../../kernel/clock';
import { type Language, languageOf } from '../../kernel/language';
import type { EventsLeft } from '../health';
import { statusPage } from './page';

export interface StatusOptions {
  /** The text of the supergraph. */
  readonly supergraph: string;
  /** Which subgraphs answer? */
  readonly subgraphs: () => Promise<ReadonlyMap<string, boolean>>;
  /** What they have left undone of the events of others. */
  readonly eventsLeft: () => Promise<ReadonlyMap<string, EventsLeft>>;
  readonly playground: boolean;
  readonly cases: boolean;
}

const DOCS = path.join(__dirname, '..', '..', 'docs');
const FAVICON = path.join(__dirname, '..', 'playground', 'favicon.svg');
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

export function serveStatus(
  app: Express,
  { supergraph, subgraphs, eventsLeft, playground, cases }: StatusOptions,
): void {
  const version = createHash('sha256').update(supergraph).digest('hex').slice(0, 12);
  const style = readFileSync(path.join(__dirname, 'status.css'), 'utf8');
  const documents = serveFolder(app, ['', 'how-to', 'adr'], 'md', 'text/plain');
  const pictures = serveFolder(app, ['lifecycles'], 'svg', 'image/svg+xml');
  app.get('/status/favicon.svg', (_request, response) => void response.type('image/svg+xml').sendFile(FAVICON));
  app.get('/', async (request, response) => {
    const nonce = randomBytes(16).toString('base64');
    const [found, left] = await Promise.all([subgraphs(), eventsLeft()]);
    let deadLetters = 0;
    for (const one of left.values()) deadLetters += one.deadLetters;
    const status = { version, at: now(), subgraphs: found, deadLetters, playground, cases, documents, pictures };
    const policy = `default-src 'none'; style-src 'nonce-${nonce}'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`;
    response.setHeader('content-security-policy', policy);
    response.setHeader('cache-control', 'no-store');
    response.vary('Accept-Language');
    response
      .type('html')
      .send(statusPage(status, wanted(request.query.lang, request.get('accept-language')), style, nonce));
  });
}

const wanted = (asked: unknown, header: string | undefined): Language =>
  asked === 'de' || asked === 'en' ? asked : languageOf(header);

/** Serves the files of an ending, read once: a list of addresses, so that no path can lead elsewhere. @returns address → name */
function serveFolder(app: Express, folders: readonly string[], ending: string, type: string): Map<string, string> {
  const served = new Map<string, string>();
  for (const folder of folders) {
    const place = path.join(DOCS, folder);
    if (!existsSync(place)) continue;
    for (const file of readdirSync(place).sort()) {
      if (!file.endsWith(`.${ending}`)) continue;
      const text = readFileSync(path.join(place, file), 'utf8');
      const address = path.posix.join('/docs', folder, file);
      const title = /^# (.+)$/m.exec(text)?.[1] ?? file.slice(0, -ending.length - 1);
      served.set(address, ending === 'md' ? title : file.slice(0, -ending.length - 1).replaceAll('-', ' '));
      app.get(address, (_request, response) => {
        response.setHeader('content-security-policy', PICTURE_POLICY);
        response.type(`${type}; charset=utf-8`).send(text);
      });
    }
  }
  return served;
}
