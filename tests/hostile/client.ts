/** Those who attack the platform: over HTTP and graphql-ws, with what they may have and what they may not. */
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { type MACHINES, PERSONAS } from '../../dev/demo/facts';
import { type Data, Player } from '../../dev/demo/player';
import type { Stack } from '../../dev/stack';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Null when it is no JSON. */
  readonly body: Data;
  readonly headers: Headers;
  readonly ms: number;
}

/** What no client should ever see: code positions, SQL, tables, addresses within. */
const INSIDE =
  /\bat \S+ \(|\.ts:\d+|node_modules|\b(select|insert into|update|delete from) \w+ |relation \\?"|violates|invalid byte sequence|ECONN|terminating connection|QueryFailedError|127\.0\.0\.1/i;

export class Asker {
  constructor(
    private readonly graphUrl: string,
    readonly name: string,
    readonly token: string | null,
    /** Null for nobody and for machines. */
    readonly player: Player | null = null,
  ) {}

  /** One request, never repeated; fails when the answer is no JSON or shows the inside of the platform. */
  async ask(query: string, variables: object = {}, headers: Record<string, string> = {}): Promise<Answer> {
    const answer = await this.post(JSON.stringify({ query, variables }), headers);
    if (answer.body === null) throw new Error(`No JSON but ${answer.status} ${answer.text.slice(0, 300)}`);
    return answer;
  }

  /** Any body at all. */
  async post(body: string | Buffer, headers: Record<string, string> = {}, method = 'POST'): Promise<Answer> {
    const began = performance.now();
    const response = await fetch(this.graphUrl, {
      method,
      headers: {
        'content-type': 'application/json',
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...headers,
      },
      body: typeof body === 'string' ? body : new Uint8Array(body),
    });
    const text = await response.text();
    if (INSIDE.test(text)) throw new Error(`The inside shows: ${INSIDE.exec(text)?.[0]} in ${text.slice(0, 500)}`);
    let parsed: Data = null;
    try {
      parsed = JSON.parse(text);
    } catch {
      // told by `body: null`
    }
    return { status: response.status, text, body: parsed, headers: response.headers, ms: performance.now() - began };
  }

  /** A mutation `name(input: $input)`; its payload, or an Error when there is none. */
  async write(name: string, input: object, thing: string): Promise<Data> {
    const { body } = await this.ask(mutation(name, thing), { input });
    const payload = body.data?.[name];
    if (!payload) throw new Error(`${this.name}: ${name} gave ${JSON.stringify(body.errors)}`);
    return payload;
  }

  /** Like {@link write}, for what must succeed. */
  async done(name: string, input: object, thing: string): Promise<Data> {
    const payload = await this.write(name, input, thing);
    if (payload.refusal) throw new Error(`${this.name}: ${name} was refused with ${JSON.stringify(payload.refusal)}`);
    return payload;
  }

  socket(): Client {
    return createClient({
      url: this.graphUrl.replace(/^http/, 'ws'),
      webSocketImpl: WebSocket,
      // a lazy one closes when nothing is asked for a moment, and takes with it what is asked just then
      lazy: false,
      onNonLazyError: () => {},
      retryAttempts: 0,
      connectionParams: this.token ? { authorization: `Bearer ${this.token}` } : {},
    });
  }

  /** The first thing a subscription says: an event, its errors, or how the socket closed; `silent` after five seconds. */
  async firstWord(client: Client, query: string, variables: Record<string, unknown>): Promise<Data> {
    return new Promise(resolve => {
      const silent = setTimeout(() => {
        resolve({ silent: true });
        stop();
      }, 5_000);
      const say = (word: Data) => {
        clearTimeout(silent);
        resolve(word);
      };
      const stop = client.subscribe(
        { query, variables },
        {
          next: message => {
            say(message);
            setImmediate(stop); // the end may come with it: graphql-ws counts a stop and an end at once as two
          },
          error: error =>
            say(Array.isArray(error) ? { errors: error } : { closed: String((error as CloseEvent).code ?? error) }),
          complete: () => say({ complete: true }),
        },
      );
    });
  }
}

export const mutation = (name: string, thing: string): string =>
  `mutation ($input: ${name[0]!.toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { refusal { code message problems { path code message } allowedActions retryable } ${thing} } }`;

type Persona = (typeof PERSONAS)[number];
export const persona = (subject: Persona['subject']): Persona => PERSONAS.find(one => one.subject === subject)!;

export const nobody = (stack: Stack): Asker => new Asker(stack.graphUrl, 'nobody', null);

/** @param level of a citizen; ignored for staff */
export async function enter(stack: Stack, subject: Persona['subject'], level = 'SUBSTANTIAL'): Promise<Asker> {
  const who = persona(subject);
  const citizen = who.population === 'citizen';
  const player = await Player.signIn(stack, who, {
    ...(citizen && { minimumTrustLevel: level }),
    method: citizen ? (level === 'BASIC' ? 'PASSWORD' : 'EID') : 'STAFF_SIGN_ON',
    returnUrl: `${stack.gatewayUrl}/graphql`,
  });
  const token = (await player.browser.cookie('session', stack.gatewayUrl))!;
  return new Asker(stack.graphUrl, `${subject} ${citizen ? level : ''}`.trim(), token, player);
}

export async function enterMachine(stack: Stack, machine: (typeof MACHINES)[number]): Promise<Asker> {
  const discovery = await fetch(`${stack.issuer}/.well-known/openid-configuration`);
  const { token_endpoint: endpoint } = (await discovery.json()) as { token_endpoint: string };
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${machine.clientId}:${machine.secret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope: machine.scope }),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return new Asker(stack.graphUrl, machine.clientId, token);
}
