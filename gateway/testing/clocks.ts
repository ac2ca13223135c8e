/** Timers of a test that it lets run out itself, while sockets and everything else go on as they are. */

const FAKEABLE: readonly FakeableAPI[] = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
  'setTimeout',
  'clearTimeout',
];

/** Until `jest.useRealTimers()`; `jest.advanceTimersByTime(ms)` lets them run. */
export function holdTimers(...held: FakeableAPI[]): void {
  jest.useFakeTimers({ now: Date.now(), doNotFake: FAKEABLE.filter(name => !held.includes(name)) });
}
