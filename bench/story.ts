/** The time of each step of the story, over many plays on one warm stack, and the SQL statements its operations need. */
import { MUSTERSTADT } from '../dev/demo/facts';
import { statementsByOperation } from '../dev/demo/player';
import { Story } from '../dev/demo/story';
import { startStack } from '../dev/stack';
import type { Row } from './main';

const percentile = (values: readonly number[], part: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
};

export async function measureStory(plays: number): Promise<Row[]> {
  const stack = await startStack({ dataDir: 'data/bench', place: MUSTERSTADT });
  const times = new Map<string, number[]>();
  try {
    for (let play = 0; play <= plays; play++) {
      const seen = new Map<string, number>();
      const began = performance.now();
      const steps = await new Story(stack, MUSTERSTADT).play();
      if (play === 0) continue; // warms up
      for (const { name, ms } of [...steps, { name: 'whole story', ms: performance.now() - began }]) {
        const nth = (seen.get(name) ?? 0) + 1;
        seen.set(name, nth);
        const key = nth > 1 ? `${name} (${nth})` : name;
        times.set(key, [...(times.get(key) ?? []), ms]);
      }
    }
  } finally {
    await stack.stop();
  }
  return [...times].map(([name, all]) => ({
    step: name,
    'p50 ms': percentile(all, 0.5).toFixed(1),
    'p95 ms': percentile(all, 0.95).toFixed(1),
    'SQL statements': statementsOf(name) ?? '',
  }));
}

/** Steps are named after the operation they play; `Story24 fetch` plays Story24Fetch. */
function statementsOf(step: string): number | undefined {
  const [story = '', part] = step.split(' ');
  if (!/^Story\d\d$/.test(story) || (part && part !== 'fetch')) return undefined;
  const played = [...statementsByOperation()].filter(([operation]) => operation.startsWith(story));
  return played.find(([operation]) => operation.endsWith('Fetch') === (part === 'fetch'))?.[1];
}
