/** Everybody listens to everything live while things happen in Klara's case: what each hears, and where that is too much. */
import { type Client, createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { eventually } from '../../dev/demo/player';
import { type SubgraphName, subgraphConfig } from '../../kernel/config';
import { newId } from '../../kernel/ids';
import { signPrincipal } from '../../kernel/principal';
import type { Stock } from '../hostile/stock';
import { key, MARKER, type World } from '../hostile/world';
import type { Asker } from './askers';
import { mayRead } from './expectation';
import { isOutsider } from './judging';
import { coordinatesIn, type Question, questionsOf } from './questions';

interface Scene {
  readonly urlOf: (name: SubgraphName) => string;
  readonly world: World;
  readonly known: Stock;
}

export interface Ear {
  readonly asker: Asker;
  readonly question: Question;
  /** About a thing that does not exist. */
  readonly inVain: boolean;
  readonly heard: unknown[];
  /** How the stream ended, if it did. */
  end: string | null;
}

export interface Told {
  readonly leaks: string[];
  readonly coordinates: ReadonlySet<string>;
}

export async function eavesdrop(askers: readonly Asker[], scene: Scene): Promise<Told> {
  const questions = questionsOf('subscription', scene.known, {});
  const clients: Client[] = [];
  const ears: Ear[] = [];
  for (const asker of askers.filter(({ invalid }) => !invalid)) {
    for (const to of new Set(questions.map(question => question.to))) {
      const client = await clientOf(asker, to, scene.urlOf(to));
      clients.push(client);
      for (const question of questions.filter(one => one.to === to)) {
        ears.push(listen(client, asker, question, false));
        if (question.unknown) ears.push(listen(client, asker, question, true));
      }
    }
  }
  try {
    // what was heard twice in each subgraph by those concerned has passed everybody who listened by then
    for (let round = 1; round <= 2; round++) {
      await happen(scene);
      for (const [who, name] of CONCERNED) {
        const ear = ears.find(one => one.asker.name === who && one.question.name.startsWith(name) && !one.inVain)!;
        await eventually(
          async () => ear,
          ({ heard, end }) => heard.length >= round || end !== null,
          `${who} hears ${name}`,
        );
        if (ear.end !== null) throw new Error(`For ${who}, ${name} has ended with ${ear.end}.`);
      }
    }
    return judge(ears);
  } finally {
    await Promise.all(clients.map(client => client.dispose()));
  }
}

const CONCERNED = [
  ['a caseworker of the authority', 'inboxChanged'],
  ['a caseworker of the authority', 'authorityThreadsChanged authorityId'],
  ['the owner', 'mailboxChanged'],
  ['the owner', 'paymentChanged'],
] as const;

async function happen({ world, known }: Scene): Promise<void> {
  const { max, klara, thea } = world;
  const applicationId = known.application;
  const note = { applicationId, text: `Leise ${MARKER}`, idempotencyKey: key() };
  await insist(() => max.done('addNote', note, 'note { id }'));
  const words = { title: `Noch etwas ${MARKER}`, body: `Vertraulich ${MARKER}` };
  const message = { applicationId, ...words, idempotencyKey: key() };
  await insist(() => klara.done('sendMessage', message, 'message { id }'));
  const query = 'query ($id: ID!) { payment(id: $id) { refundable { amountMinor currency } } }';
  const { body } = await thea.ask(query, { id: known.payment });
  const refund = {
    paymentId: known.payment,
    amount: { amountMinor: 1, currency: 'EUR' },
    expectedRefundable: body.data.payment.refundable,
    reason: `Zu viel ${MARKER}`,
    idempotencyKey: key(),
  };
  await insist(() => thea.done('refundPayment', refund, 'refund { id }'));
}

/** A loaded machine may say SUBGRAPH_UNAVAILABLE, which may be repeated: the key makes it happen once. */
const insist = <T>(deed: () => Promise<T>): Promise<T | null> =>
  eventually(
    () => deed().catch(() => null),
    done => done !== null,
    'the platform answers',
  );

/** One after the other: eighty sockets that open at once would wait for the database longer than they may. */
async function clientOf({ principal }: Asker, to: SubgraphName, url: string): Promise<Client> {
  const { secret } = subgraphConfig(to);
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 3,
    shouldRetry: () => true,
    onNonLazyError: () => {},
    connectionParams: async () => ({
      principal: await signPrincipal({ principal, language: 'de', requestId: newId() }, 'gateway', to, secret),
    }),
  });
  await new Promise<void>(resolve => client.on('connected', () => resolve()));
  return client;
}

function listen(client: Client, asker: Asker, question: Question, inVain: boolean): Ear {
  const ear: Ear = { asker, question, inVain, heard: [], end: null };
  const variables = inVain ? question.unknown! : question.foreign;
  client.subscribe(
    { query: question.query, variables },
    {
      next: message => {
        const codes = message.errors?.map(one => String(one.extensions?.code)).join();
        if (codes && !message.data) ear.end = codes;
        else ear.heard.push(message);
      },
      error: error => {
        ear.end = Array.isArray(error)
          ? error.map(one => one.extensions?.code ?? one.message).join()
          : `closed ${(error as { code?: number }).code}`;
      },
      complete: () => {
        ear.end ??= 'complete';
      },
    },
  );
  return ear;
}

export function judge(ears: readonly Ear[]): Told {
  const leaks = new Set<string>();
  const coordinates = new Set<string>();
  for (const { asker, question, inVain, heard, end } of ears) {
    const said = JSON.stringify(heard);
    const where = `${asker.name}: ${question.name}`;
    const secret = [MARKER, 'Klara'].find(text => said.includes(text));
    const mayHear = question.name.startsWith('catalogueChanged');
    if (isOutsider(asker) && (secret || (heard.length > 0 && !mayHear))) leaks.add(`${where} hears ${said}`);
    const other = ears.find(one => one.asker === asker && one.question === question && one.inVain !== inVain);
    if (isOutsider(asker) && other && other.end !== end) leaks.add(`${where} ends with ${end}, or with ${other.end}`);
    coordinatesIn(heard, (coordinate, isNull) => {
      coordinates.add(coordinate);
      if (!isNull && !mayRead(asker, coordinate)) leaks.add(`${asker.name}: ${coordinate} live`);
    });
  }
  return { leaks: [...leaks], coordinates };
}
