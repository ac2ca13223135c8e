/** Somebody who uses the platform as a client would: over HTTP and graphql-ws, with an access token of their own. */
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { Browser, signIn } from '../browser';
import type { Stack } from '../stack';
import type { MACHINES, PERSONAS } from './facts';
import { operation } from './operations';

// biome-ignore lint/suspicious/noExplicitAny: the player reads answers of thirty shapes and checks each by hand
export type Data = any;

/** Operation name → SQL statements that the subgraphs needed for its last run, as development's gateway tells. */
const statements = new Map<string, number>();
export const statementsByOperation = (): ReadonlyMap<string, number> => statements;
const nameOf = (query: string): string => /^\s*(?:query|mutation)\s+(\w+)/m.exec(query)?.[1] ?? 'unnamed';

/** Close codes after which graphql-ws comes back: the server goes away, is gone, restarts, or wants it later. */
const COMES_BACK = new Set<unknown>([1001, 1006, 1012, 1013]);

const areRetryable = (errors: readonly Data[]): boolean => errors.every(error => error.extensions?.retryable === true);

/** The story went another way than it should. */
export class Deviation extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Deviation';
  }
}

/** @throws Deviation unless `condition` holds */
export function check(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new Deviation(`It should be that ${sentence}.`);
}

/**
 * A live stream that keeps what it heard. An event that comes in part, because a subgraph was away at that moment, is
 * taken again from the cursor before it, as a careful client would.
 */
export class Watch {
  readonly heard: Data[] = [];
  /** The cursor of the last event. */
  cursor: string | null;
  private readonly waiting = new Set<() => void>();
  private ended: Error | undefined;
  private client: Client | undefined;
  private closed = false;

  constructor(
    private readonly graphUrl: string,
    private readonly token: string,
    private readonly query: string,
    private readonly variables: { after: string | null },
    private readonly field: string,
  ) {
    this.cursor = variables.after;
    this.open();
  }

  private open(): void {
    if (this.closed) return;
    const client = createClient({
      url: this.graphUrl.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { authorization: `Bearer ${this.token}` },
    });
    this.client = client;
    client.subscribe<Data>(
      { query: this.query, variables: { ...this.variables, after: this.cursor } },
      {
        next: message => {
          if (client !== this.client) return;
          const event = message.data?.[this.field];
          if (message.errors && areRetryable(message.errors) && this.cursor !== null) return this.again(client);
          if (!event || (message.errors && !areRetryable(message.errors))) {
            this.ended = new Deviation(`A live event came with ${JSON.stringify(message.errors)}`);
          } else {
            this.heard.push(event);
            this.cursor = event.cursor;
          }
          this.wake();
        },
        error: error => {
          if (client !== this.client) return;
          if (COMES_BACK.has((error as { code?: unknown }).code)) return this.again(client);
          this.ended = new Deviation(`The live stream ended: ${JSON.stringify(error)}`);
          this.wake();
        },
        complete: () => {
          if (client !== this.client) return; // another one goes on
          this.ended ??= new Deviation('The live stream is over');
          this.wake();
        },
      },
    );
  }

  private again(client: Client): void {
    this.client = undefined;
    client.terminate();
    void client.dispose();
    setTimeout(() => this.open(), 100);
  }

  /** The first event, heard already or still to come, that fits. */
  async until(fits: (event: Data) => boolean, sentence: string): Promise<Data> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const found = this.heard.find(fits);
      if (found) return found;
      if (this.ended) throw this.ended;
      await this.more(deadline, sentence);
    }
  }

  /** The stream has been ended by the platform, or ends still. */
  async untilOver(sentence: string): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!this.ended) await this.more(deadline, sentence);
  }

  private async more(deadline: number, sentence: string): Promise<void> {
    const kinds = this.heard.map(event => event.kind).join(', ');
    check(Date.now() < deadline, `${sentence}; heard were ${kinds || 'no events'}`);
    await new Promise<void>(resolve => {
      const timer = setTimeout(done, deadline - Date.now());
      const { waiting } = this;
      function done() {
        clearTimeout(timer);
        waiting.delete(done);
        resolve();
      }
      waiting.add(done);
    });
  }

  /** Drops the connection as a lost network would. */
  drop(): void {
    this.closed = true;
    this.client?.terminate();
    void this.client?.dispose();
  }

  private wake(): void {
    for (const one of [...this.waiting]) one();
  }
}

interface SignInInput {
  readonly minimumTrustLevel?: string;
  readonly method: string;
  readonly accountKind?: string;
  readonly returnUrl: string;
}

export class Player {
  private constructor(
    private readonly stack: Stack,
    readonly name: string,
    private readonly token: string | null,
    /** The browser they signed in with. */
    readonly browser: Browser,
  ) {}

  static nobody(stack: Stack): Player {
    return new Player(stack, 'nobody', null, new Browser());
  }

  /** The authorization-code circle with PKCE: startSignIn, the provider's page, the callback, a session cookie. */
  static signIn(stack: Stack, persona: (typeof PERSONAS)[number], input: SignInInput): Promise<Player> {
    return Player.nobody(stack).stepUp(persona, input);
  }

  /** The same once more in the same browser, for a higher level (or for the first time). */
  async stepUp(persona: (typeof PERSONAS)[number], input: SignInInput): Promise<Player> {
    const { startSignIn } = await this.do('Story06SignIn', { input });
    check(startSignIn.signIn, `a sign-in begins, not ${JSON.stringify(startSignIn.refusal)}`);
    const end = await signIn(this.browser, startSignIn.signIn.url, persona.subject, input.returnUrl);
    check(end.url.startsWith(input.returnUrl), `the browser comes back to ${input.returnUrl}, not ${end.url}`);
    const token = await this.browser.cookie('session', this.stack.gatewayUrl);
    check(token, `the browser of ${persona.name} has a session cookie`);
    return new Player(this.stack, persona.name, token, this.browser);
  }

  /** A machine signs in with its own credentials. */
  static async machine(stack: Stack, machine: (typeof MACHINES)[number]): Promise<Player> {
    const discovery = await fetch(`${stack.issuer}/.well-known/openid-configuration`);
    const { token_endpoint: endpoint } = (await discovery.json()) as { token_endpoint: string };
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${machine.clientId}:${machine.secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: machine.scope }),
    });
    check(response.ok, `the provider gives ${machine.clientId} a token, not status ${response.status}`);
    const { access_token: token } = (await response.json()) as { access_token: string };
    return new Player(stack, machine.clientId, token, new Browser());
  }

  /** An operation of the stories by name; any GraphQL error is a deviation. */
  async do(name: string, variables: object = {}): Promise<Data> {
    const { data, errors } = await this.ask(operation(name), variables);
    check(!errors, `${name} is answered without errors, not ${JSON.stringify(errors)}`);
    return data;
  }

  /** An operation of the stories that writes: a refusal is a deviation. */
  async write(name: string, input: object): Promise<Data> {
    const data = await this.do(name, { input });
    const [payload] = Object.values(data) as Data[];
    check(payload && !payload.refusal, `${name} is not refused with ${JSON.stringify(payload?.refusal)}`);
    return payload;
  }

  /** Asks again where the answer says that this may help: what writes carries a key, so that twice is once. */
  async ask(query: string, variables: object = {}): Promise<{ data: Data; errors?: Data[] }> {
    for (let tries = 1; ; tries++) {
      const answer = await this.send(query, variables);
      if (!answer.errors || !areRetryable(answer.errors) || tries > 5) return answer;
      await new Promise(resolve => setTimeout(resolve, 100 * tries));
    }
  }

  private async send(query: string, variables: object): Promise<{ data: Data; errors?: Data[] }> {
    const response = await fetch(this.stack.graphUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'accept-language': 'de',
        ...(this.token && { authorization: `Bearer ${this.token}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: Data; errors?: Data[] };
    const counted = response.headers.get('x-sql-statements');
    if (counted !== null) statements.set(nameOf(query), Number(counted));
    return answer;
  }

  watch(name: string, field: string, variables: { after: string | null; authorityId?: string }): Watch {
    check(this.token, `${this.name} is signed in`);
    return new Watch(this.stack.graphUrl, this.token, operation(name), variables, field);
  }
}

/** Asks again until an answer fits: for what another subgraph makes known a moment later. */
export async function eventually<T>(ask: () => Promise<T>, fits: (answer: T) => boolean, sentence: string): Promise<T> {
  const deadline = Date.now() + 30_000; // what a crash has left lying is taken up again within seconds
  for (let wait = 10; ; wait = Math.min(wait * 2, 250)) {
    const answer = await ask();
    if (fits(answer)) return answer;
    check(Date.now() < deadline, sentence);
    await new Promise(resolve => setTimeout(resolve, wait));
  }
}
