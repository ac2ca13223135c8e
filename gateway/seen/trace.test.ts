/** Traces of the gateway: one for each operation, one span for each fetch, handed on by W3C Trace Context. */
import { startCollector } from '../../kernel/testing/collector';
import { startTracing } from '../../kernel/trace';
import { startWorld, type World } from '../testing/world';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';
let world: World;
let collector: Awaited<ReturnType<typeof startCollector>>;

beforeAll(async () => {
  world = await startWorld();
  collector = await startCollector();
});
afterAll(async () => {
  delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
  await world?.stop();
  await collector?.stop();
});
beforeEach(() => {
  collector.spans.length = 0;
  for (const { requests } of Object.values(world.subgraphs)) requests.length = 0;
});

const QUERY = 'query Case($id: ID!) { application(id: $id) { id service { title } } }';
const ask = async (headers: Record<string, string> = {}, id = 'p1') =>
  world.ask(QUERY, { token: await world.token('max'), variables: { id }, headers });

it('hands nothing on while no collector is set, not even what a client sends', async () => {
  await ask({ traceparent: `00-${TRACE}-${PARENT}-01` });
  expect(world.subgraphs.applications.requests[0]?.headers).not.toHaveProperty('traceparent');
});

it('goes on with the client’s trace through every fetch, names the operation, and holds no variable', async () => {
  process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
  const stop = await startTracing('gateway');
  await ask({ traceparent: `00-${TRACE}-${PARENT}-01` });
  await ask({}, 'KANARIENVOGEL');
  await ask({ traceparent: '00-nonsense' });
  await stop();
  const mine = collector.spans.filter(({ traceId }) => traceId === TRACE);
  const operation = mine.find(({ parentSpanId }) => parentSpanId === PARENT);
  expect(operation).toMatchObject({ process: 'gateway', name: 'query Case' });
  const fetches = mine.filter(({ parentSpanId }) => parentSpanId === operation?.spanId);
  expect(fetches.map(({ name }) => name).sort()).toEqual(['fetch applications', 'fetch catalogue']);
  const [first] = world.subgraphs.applications.requests;
  const sent = fetches.find(({ name }) => name === 'fetch applications');
  expect(first?.headers.traceparent).toBe(`00-${TRACE}-${sent?.spanId}-01`);
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(3);
  expect(collector.text()).not.toContain('KANARIENVOGEL');
});

it('marks what a subgraph did not answer', async () => {
  const stop = await startTracing('gateway');
  await world.kill('catalogue');
  await ask();
  await stop();
  const failed = collector.spans.find(({ name }) => name === 'fetch catalogue');
  expect(failed?.status?.code).toBe(2);
  expect(failed?.attributes).toContainEqual({ key: 'outcome', value: { stringValue: 'connection' } });
});
