/** GraphiQL at /graphql for browsers: from our own server only, the stories as tabs, and a menu to sign in with in development. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Express, RequestHandler } from 'express';
import { ruruHTML } from 'ruru/server';
import { serveStatic } from 'ruru/static';
import { isProduction, optionalSetting, setting } from '../../kernel/config';
import { NO_SESSION_COOKIE } from '../credential';
import { type Tab, tabsOf } from './tabs';

export interface PlaygroundOptions {
  /** False in plain mode: there is nobody to sign in, and the stories belong to another graph. */
  readonly signIn: boolean;
}

const ASSETS = '/playground/assets/';
const BAR_SCRIPT = '/playground/bar.js';
const BAR_STYLE = '/playground/bar.css';

export function servePlayground(app: Express, { signIn }: PlaygroundOptions): void {
  const personas = signIn && !isProduction() ? optionalSetting('PLAYGROUND_PERSONAS') : undefined;
  const stories = signIn ? read('stories.graphql') : '';
  app.use(serveStatic(ASSETS));
  app.get(BAR_SCRIPT, asset('text/javascript', read('bar.js')));
  app.get(BAR_STYLE, asset('text/css', read('bar.css')));
  app.get('/playground/favicon.svg', asset('image/svg+xml', read('favicon.svg')));
  if (personas) {
    app.get('/playground/personas', (_request, response) => void response.type('json').send(personas));
    // the cookie is HttpOnly, so no script can take it away itself; a form of another site cannot send this header
    app.post('/playground/sign-out', (request, response) => {
      if (request.headers['x-playground'] === undefined) return response.status(403).end();
      return response.setHeader('set-cookie', NO_SESSION_COOKIE).status(204).end();
    });
  }
  app.get('/graphql', (request, response, next) => {
    if (request.accepts(['json', 'html']) !== 'html') return next();
    const nonce = randomBytes(16).toString('base64');
    response.setHeader('content-security-policy', policy(nonce));
    response.setHeader('cache-control', 'no-store');
    response.vary('Accept');
    response.type('html').send(page(stories === '' ? [] : tabsOf(stories), nonce, personas !== undefined));
  });
}

/** Scripts of this server, and those of the page by their nonce; GraphiQL writes its styles into the page. */
function policy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self' 'unsafe-inline'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    "connect-src 'self' ws: wss:",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

function page(tabs: readonly Tab[], nonce: string, menu: boolean): string {
  const bar = menu
    ? `<header id="bar" data-return-url="${new URL('/graphql', setting('GATEWAY_PUBLIC_URL')).href}"></header>`
    : '';
  const html = ruruHTML({
    staticPath: ASSETS,
    endpoint: '/graphql',
    subscriptionEndpoint: '/graphql',
    // GraphiQL's own properties pass through, more of them than ruru's types name
    clientConfig: {
      ...(tabs.length > 0 && { defaultTabs: tabs }),
      defaultQuery: '',
      showPersistHeadersSettings: false,
      debugTools: [],
    } as unknown as NonNullable<Parameters<typeof ruruHTML>[0]['clientConfig']>,
    htmlParts: {
      metaTags: tags => `${tags}\n<link rel="icon" href="/playground/favicon.svg" />`,
      titleTag: '<title>Amtsgraph</title>',
      styleTags: tags => (menu ? `${tags}\n<link rel="stylesheet" href="${BAR_STYLE}" />` : tags),
      bodyContent: content => `${bar}\n${content}`,
      bodyScripts: scripts => (menu ? `${scripts}\n<script type="module" src="${BAR_SCRIPT}"></script>` : scripts),
    },
  });
  return html.replaceAll('<script', `<script nonce="${nonce}"`);
}

const read = (file: string): string => readFileSync(path.join(__dirname, file), 'utf8');

const asset =
  (type: string, content: string): RequestHandler =>
  (_request, response) =>
    void response.type(type).send(content);
