/** A hostile client, a process of its own: repeats one attack on one gateway at a bounded rate and tells how it was answered. */
import { Agent, request } from 'undici';
import WebSocket from 'ws';

/** So many times a second; twenty megabytes are sent less often. */
const PER_SECOND = 40;
const HUGE_BYTES = 20 * 1024 * 1024;
const SOCKETS_PER_STEP = 25;
const SOCKETS = 3_000;

export type Attack = keyof typeof ATTACKS;

/** How many answers there were of each kind: a status, `closed` by the other side, `open` for a socket. */
export type Answers = Record<string, number>;

const agent = new Agent({ connections: 8, bodyTimeout: 20_000, headersTimeout: 20_000 });
const answers: Answers = {};
const count = (what: string | number) => {
  answers[what] = (answers[what] ?? 0) + 1;
};
const sockets: WebSocket[] = [];
let url = '';
let token = '';
let nth = 0;

async function post(body: string | Buffer, type = 'application/json'): Promise<void> {
  try {
    const { statusCode, body: answer } = await request(`${url}/graphql`, {
      method: 'POST',
      dispatcher: agent,
      headers: { 'content-type': type, authorization: `Bearer ${token}` },
      body,
    });
    await answer.dump();
    count(statusCode);
  } catch {
    count('closed');
  }
}

const asking = (query: string, more: object = {}) => JSON.stringify({ query, ...more });
const times = (n: number, part: (i: number) => string) => Array.from({ length: n }, (_, i) => part(i)).join(' ');

const BATCH = `[${Array(500).fill('{"query":"{__typename}"}').join(',')}]`;
const HUGE = Buffer.alloc(HUGE_BYTES, ' ');
const BOMB = asking(
  `{ ...F0 } ${times(24, i => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F24 on Query { __typename }`,
);
const ALIASES = asking(`{ ${times(10_000, i => `a${i}: __typename`)} }`);
const THREAD = 'query T($id: ID!) { thread(id: $id) { subject } }';

const ATTACKS = {
  'batch arrays': () => post(BATCH),
  '20 MB bodies': () => (nth % 20 === 0 ? post(HUGE) : undefined),
  'wrong charset': () => post(Buffer.from(asking('{ __typename }'), 'utf16le'), 'application/json; charset=utf-16'),
  '3,000 sockets': () => {
    for (let i = 0; i < SOCKETS_PER_STEP && sockets.length < SOCKETS; i++) openSocket();
  },
  'fragment bombs': () => post(BOMB),
  '10,000 aliases': () => post(ALIASES),
  'unknown operations': () => post(asking(THREAD, { operationName: `X${nth}` })),
  'wrong variables': () => post(asking(THREAD, { variables: { id: { a: [[[[nth]]]] }, b: 'x'.repeat(10_000) } })),
} satisfies Record<string, () => unknown>;

function openSocket(): void {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  socket.on('open', () => count('open'));
  socket.on('unexpected-response', (_, { statusCode }) => count(statusCode ?? 'closed'));
  socket.on('close', () => count('closed'));
  socket.on('error', () => {});
  sockets.push(socket);
}

process.on('message', (told: { url: string; token: string; attack: Attack } | 'stop') => {
  if (told === 'stop') {
    for (const socket of sockets) socket.terminate();
    process.send!(answers);
    return;
  }
  ({ url, token } = told);
  const attack = ATTACKS[told.attack];
  setInterval(() => {
    nth += 1;
    void attack();
  }, 1_000 / PER_SECOND);
});
process.on('disconnect', () => process.exit(0));
process.send!({ attacks: Object.keys(ATTACKS) });
