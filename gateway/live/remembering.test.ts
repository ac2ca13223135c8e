/** Who joins a shared stream gets what came since it asked, or has to begin with a stream of its own. */
import { logger } from '../../kernel/log';
import { ANONYMOUS } from '../../kernel/principal';
import type { LivePlan } from '../engine/engine';
import type { Resumable } from './resume';
import { type Listener, type LiveEvent, SharedStream } from './shared-stream';
import type { StreamListener } from './upstream';

test('of more events than it remembers it does not pretend to have the first', () => {
  let upstream: StreamListener | undefined;
  let position: string | null = null;
  const resumable = {
    get position() {
      return position;
    },
    next: () => ({ query: '', variables: {} }),
    saw: ({ n }: { n: number }) => {
      position = String(n);
    },
  } as unknown as Resumable;
  const listener = (askedAt: number): Listener & { heard: LiveEvent[] } => {
    const heard: LiveEvent[] = [];
    const asked = { principal: ANONYMOUS, language: 'de', requestId: 'r', askedAt } as Listener['asked'];
    return { asked, asker: 'nobody', heard, push: event => void heard.push(event), end: () => {} };
  };
  const first = listener(performance.now());
  const options = {
    transportOf: () => (_: unknown, heard: StreamListener) => {
      upstream = heard;
      return () => {};
    },
    log: logger('gateway'),
  };
  const stream = new SharedStream({ subgraph: 's' } as LivePlan, resumable, first, options, () => {});
  stream.add(first);
  stream.open();
  const tell = (from: number, count: number) => {
    for (let n = from; n < from + count; n += 1) upstream!.next({ data: { n } });
  };
  tell(1, 1);
  const askedAt = performance.now();
  tell(2, 50);
  expect(stream.remembers(askedAt)).toBe(true);
  const second = listener(askedAt);
  stream.add(second);
  expect(second.heard).toHaveLength(50);
  tell(52, 50);
  expect(first.heard).toHaveLength(101);
  expect(stream.remembers(askedAt)).toBe(false); // 100 have come since, and 64 are kept
  expect(stream.remembers(performance.now())).toBe(true);
});
