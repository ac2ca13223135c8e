/** Whatever clients and subgraphs call things, the numbers for Prometheus stay few. */
import { countOperation, knowOperations, metricsText } from './metrics';
import { shownName } from './operations';

const labels = async (name: string): Promise<Set<string>> =>
  new Set([...(await metricsText()).matchAll(new RegExp(`${name}="([^"]*)"`, 'g'))].map(([, value]) => value!));

describe('codes of errors', () => {
  it.each(['klara@example.org', 'Straße 5', 'A'.repeat(49), ''])('%j is none', async code => {
    countOperation('A', 'query', 'partial', 1, [code]);
    expect(await labels('code')).not.toContain(code);
  });

  it('are told apart as long as there are few, and are one number beyond that', async () => {
    const codes = Array.from(
      { length: 300 },
      (_, i) => `CODE_${[...String(i)].map(digit => 'ABCDEFGHIJ'[+digit]).join('')}`,
    );
    countOperation('A', 'query', 'partial', 1, ['FORBIDDEN', ...codes]);
    const told = await labels('code');
    expect(told.size).toBeLessThanOrEqual(61);
    expect(told).toContain('FORBIDDEN');
    expect(told).toContain('other');
  });
});

describe('names of operations', () => {
  const count = (name: string) => countOperation(name, 'query', 'ok', 1, []);

  it.each(['A'.repeat(65), 'klara@example.org', 'Größe', '', 'a b'])('%j is none for the numbers', async name => {
    count(name);
    expect(await labels('operation')).not.toContain(name);
  });

  it('are told apart as long as there are few; those of trusted documents always are', async () => {
    for (let i = 0; i < 1_000; i += 1) count(`Made${i}`);
    expect((await labels('operation')).size).toBeLessThanOrEqual(201);
    knowOperations(['Registered']);
    count('Registered');
    expect(await labels('operation')).toContain('Registered');
  });

  it.each([
    ['A'.repeat(100_000), 'A'.repeat(64)],
    ['x"}\n{"level":"info"}', 'x?????level???info??'],
    ['\u001b[31mred', '??31mred'],
    ['Inbox_2', 'Inbox_2'],
    [undefined, undefined],
  ])('%j stands in logs and traces as %j', (name, shown) => {
    expect(shownName(name)).toBe(shown);
  });
});
