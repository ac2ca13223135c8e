/** Traces of a subgraph: its part goes on with the gateway's, down to SQL, and holds no values. */
import { person, startTestSubgraph, type TestSubgraph } from '../tests/setup/subgraph';
import { subgraphConfig } from './config';
import { signPrincipal } from './principal';
import { bells, createBells } from './testing/bells';
import { startCollector } from './testing/collector';
import { beginSpan, startTracing, summaryOf } from './trace';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = 'b7ad6b7169203331';

describe('a subgraph', () => {
  let subgraph: TestSubgraph;
  let collector: Awaited<ReturnType<typeof startCollector>>;
  beforeAll(async () => {
    subgraph = await startTestSubgraph(bells);
    await createBells(subgraph);
    collector = await startCollector();
  });
  afterAll(async () => {
    delete process.env.OTEL_EXPORTER_OTLP_ENDPOINT;
    await subgraph.stop();
    await collector.stop();
  });

  async function cast(tone: string): Promise<number> {
    const { name } = bells;
    const query =
      'mutation ($tone: String!, $key: String!) { castBell(tone: $tone, idempotencyKey: $key) { bell { id tone } } }';
    const body = JSON.stringify({ query, variables: { tone, key: tone } });
    const asked = { principal: person(), requestId: 'request-4711', language: 'de' } as const;
    const token = signPrincipal(asked, 'gateway', name, subgraphConfig(name).secret, body);
    const headers = {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      traceparent: `00-${TRACE}-${PARENT}-01`,
    };
    const response = await fetch(`${subgraph.url}/graphql`, { method: 'POST', headers, body });
    const answer = (await response.json()) as { data: { castBell: { bell: { tone: string } } } };
    expect(answer.data.castBell.bell.tone).toBe(tone);
    return response.status;
  }

  it('sends nothing while no collector is set', async () => {
    const stop = await startTracing('bells');
    await cast('unseen');
    expect(beginSpan('x', 'server', {})).toBeUndefined();
    await stop();
    expect(collector.spans).toEqual([]);
  });

  it('goes on with the trace of the gateway, down to each statement, without a value', async () => {
    process.env.OTEL_EXPORTER_OTLP_ENDPOINT = collector.url;
    const stop = await startTracing('bells');
    await cast('KANARIENVOGEL');
    await stop();
    const served = collector.spans.find(({ name }) => name === 'graphql');
    expect(served).toMatchObject({ process: 'bells', traceId: TRACE, parentSpanId: PARENT });
    const statements = collector.spans.filter(({ parentSpanId }) => parentSpanId === served?.spanId);
    expect(statements.map(({ name }) => name)).toEqual(expect.arrayContaining(['INSERT catalogue.bell', 'COMMIT']));
    expect(collector.text()).toContain('request-4711');
    expect(collector.text()).not.toContain('KANARIENVOGEL');
  });
});

it.each([
  [`SELECT * FROM "applications"."application" WHERE "id" = 'secret'`, 'SELECT applications.application'],
  ['insert into outbox (a) values (1)', 'INSERT outbox'],
  ['WITH x AS (SELECT 1) UPDATE deadline SET a = 2', 'WITH deadline'],
  [`SELECT set_config('app.kind', $1, true)`, 'SELECT'],
  ['COMMIT', 'COMMIT'],
])('%s is called %s', (sql, summary) => {
  expect(summaryOf(sql)).toBe(summary);
});
