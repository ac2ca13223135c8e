/** Whatever clients and subgraphs call things, the numbers for Prometheus stay few. */
import { countOperation, metricsText } from './metrics';

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
