/** A small browser without a screen, for the demo and the tests: cookies, redirects and forms as a person's would have. */

import { CookieJar } from 'tough-cookie';
import { timeLimit } from '../kernel/limit';

export interface Form {
  /** Absolute address. */
  readonly action: string;
  readonly method: 'get' | 'post';
  /** Names and values of its inputs and buttons; buttons of one name give the last. */
  readonly fields: Readonly<Record<string, string>>;
}

export interface Page {
  /** Where the browser ended up. */
  readonly url: string;
  /** Null when the address was reached but not asked for: it is elsewhere, or where the caller wanted to stop. */
  readonly status: number | null;
  readonly html: string;
  readonly forms: readonly Form[];
}

export interface Until {
  /** Stops before asking for this address (its query does not matter). */
  readonly until?: string;
}

const MOST_REDIRECTS = 20;
const TIMEOUT_MS = 15_000;

export class Browser {
  readonly jar = new CookieJar();

  /** Opens an address and follows redirects, but never asks another machine. */
  open(url: string, options: Until = {}): Promise<Page> {
    return this.go(url, { method: 'GET' }, options);
  }

  /** Sends a form with some of its fields changed. */
  submit(form: Form, fields: Record<string, string> = {}, options: Until = {}): Promise<Page> {
    const values = new URLSearchParams({ ...form.fields, ...fields });
    if (form.method === 'post') return this.go(form.action, { method: 'POST', body: values }, options);
    const url = new URL(form.action);
    url.search = values.toString();
    return this.open(url.href, options);
  }

  /** @returns the cookie of that name which the browser would send to `url` */
  async cookie(name: string, url: string): Promise<string | undefined> {
    return (await this.jar.getCookies(url)).find(cookie => cookie.key === name)?.value;
  }

  private async go(start: string, first: RequestInit, { until }: Until): Promise<Page> {
    let url = start;
    let request = first;
    for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
      if (!isLoopback(url) || (until !== undefined && samePlace(url, until))) {
        return { url, status: null, html: '', forms: [] };
      }
      const cookie = await this.jar.getCookieString(url);
      const response = await fetch(url, {
        ...request,
        headers: { accept: 'text/html', ...(cookie && { cookie }) },
        redirect: 'manual',
        signal: timeLimit('BROWSER_TIMEOUT_MS', TIMEOUT_MS),
      });
      for (const set of response.headers.getSetCookie()) await this.jar.setCookie(set, url, { ignoreError: true });
      const location = response.headers.get('location');
      if (location === null || response.status < 300 || response.status > 399) {
        const html = await response.text();
        return { url, status: response.status, html, forms: formsOf(html, url) };
      }
      await response.body?.cancel();
      url = new URL(location, url).href;
      if (response.status !== 307 && response.status !== 308) request = { method: 'GET' };
    }
    throw new Error(`More than ${MOST_REDIRECTS} redirects, the last to ${new URL(url).origin}.`);
  }
}

/**
 * Signs in as a persona at the development OpenID provider.
 * @param url what `startSignIn` answered  @param returnUrl where to stop if that is on this machine
 * @returns the last page: its `url` is where a person's browser would be; the cookie `session` is in the jar
 * @throws Error when no sign-in page is shown
 */
export async function signIn(browser: Browser, url: string, subject: string, returnUrl?: string): Promise<Page> {
  const until = returnUrl === undefined ? {} : { until: returnUrl };
  const login = await browser.open(url, until);
  const form = login.forms.find(each => 'persona' in each.fields);
  if (!form)
    throw new Error(
      `No sign-in page but status ${login.status} at ${new URL(login.url).origin}${new URL(login.url).pathname}.`,
    );
  return browser.submit(form, { persona: subject }, until);
}

function isLoopback(url: string): boolean {
  const { hostname, protocol } = new URL(url);
  return /^https?:$/.test(protocol) && (/(^|\.)localhost$/.test(hostname) || /^127\.|^\[::1\]$/.test(hostname));
}

function samePlace(a: string, b: string): boolean {
  const [one, other] = [new URL(a), new URL(b)];
  return one.origin === other.origin && one.pathname === other.pathname;
}

/** Enough HTML for pages of our own: forms with inputs and buttons whose attributes are quoted. */
function formsOf(html: string, base: string): Form[] {
  return [...html.matchAll(/<form\b([^>]*)>(.*?)<\/form>/gs)].map(([, head = '', body = '']) => {
    const fields: Record<string, string> = {};
    for (const [, attributes = ''] of body.matchAll(/<(?:input|button)\b([^>]*)>/g)) {
      const name = attribute(attributes, 'name');
      if (name !== undefined) fields[name] = attribute(attributes, 'value') ?? '';
    }
    return {
      action: new URL(attribute(head, 'action') ?? base, base).href,
      method: attribute(head, 'method')?.toLowerCase() === 'post' ? 'post' : 'get',
      fields,
    };
  });
}

function attribute(text: string, name: string): string | undefined {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(text)?.[1];
  return value?.replace(/&(amp|lt|gt|quot|#39);/g, (_, entity: string) => CHARACTERS[entity] ?? '');
}

const CHARACTERS: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };
