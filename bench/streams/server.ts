/** The measured side: a real gateway with its subgraphs in one process, which makes events when it is told to. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { SDL, startWorld } from '../../gateway/testing/world';
import type { Staff } from '../../kernel/principal';
import { compose } from '../../schema/compose';

export interface Told {
  readonly ask: 'event' | 'cpu' | 'memory';
}

/** Sessions that differ in nothing but the person. */
const SESSIONS = 1_000;
const EVENT = { kind: 'RECEIVED', application: 'p1' } as const;

async function main(): Promise<void> {
  // executing once per client asks the subgraphs a thousand times at once: nothing of that shall be refused here
  const world = await startWorld({ upstream: { timeoutMs: 60_000, connections: 2_000 } });
  const tokens: string[] = [];
  for (let n = 0; n < SESSIONS; n += 1) {
    world.people.principals.set(`staff${n}`, staff(`staff${n}`));
    tokens.push(await world.token(`staff${n}`, { exp: Math.floor(Date.now() / 1000) + 3_600 }));
  }
  if (process.argv[2] === 'each') world.gateway.replace(withoutMarks(world.subgraphs));
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('message', ({ ask }: Told) => {
    if (ask === 'event') world.log.add(EVENT.kind, EVENT.application);
    if (ask === 'memory') collect();
    const { user, system } = process.cpuUsage();
    process.send!(ask === 'cpu' ? user + system : process.memoryUsage().heapUsed + process.memoryUsage().external);
  });
  process.on('disconnect', () => process.exit(0));
  process.send!({ url: world.url, tokens });
}

/** Nothing may be shared: every client has its upstream, and each event is executed once per client. */
function withoutMarks(subgraphs: Record<string, { readonly name: string; readonly url: string }>): string {
  const parts = Object.values(subgraphs).map(({ name, url }) => ({
    name,
    url: `${url}/graphql`,
    sdl: SDL[name as keyof typeof SDL].replaceAll('@tag(name: "shared")', ''),
  }));
  return compose(parts).supergraph;
}

const staff = (name: string): Staff => ({
  kind: 'staff',
  sessionId: name,
  staffMemberId: name,
  authorityId: 'a1',
  departmentId: null,
  scopes: ['staff:read'],
});

void main();
