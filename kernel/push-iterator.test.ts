/** The iterator that is pushed into: it ends at once, keeps order, and is bounded. */
import { type PushTarget, pushIterator, TooSlow } from './push-iterator';

function source(limit?: number) {
  let target: PushTarget<number> | undefined;
  let stopped = 0;
  const events = pushIterator<number>(given => {
    target = given;
    return () => {
      stopped += 1;
    };
  }, limit);
  return {
    events,
    push: (value: number) => target!.push(value),
    end: (error?: unknown) => target!.end(error),
    stopped: () => stopped,
  };
}

describe('pushIterator', () => {
  it('hands over what was pushed before and after it was waited for, in order', async () => {
    const { events, push, end } = source();
    push(1);
    push(2);
    expect([(await events.next()).value, (await events.next()).value]).toEqual([1, 2]);
    const waiting = events.next();
    push(3);
    expect((await waiting).value).toBe(3);
    push(4);
    end();
    expect(await events.next()).toEqual({ value: 4, done: false });
    expect(await events.next()).toEqual({ value: undefined, done: true });
  });

  it('ends at once for a reader who leaves while waiting, and closes its source once', async () => {
    const { events, stopped } = source();
    const waiting = events.next();
    await events.return();
    await events.return();
    expect((await waiting).done).toBe(true);
    expect(stopped()).toBe(1);
  });

  it('tells the reader, once, why it ended', async () => {
    const { events, end } = source();
    end(new Error('broken'));
    await expect(events.next()).rejects.toThrow('broken');
    expect((await events.next()).done).toBe(true);
  });

  it('ends a reader that is too slow after what was waiting, and closes its source', async () => {
    const { events, push, stopped } = source(2);
    for (const value of [1, 2, 3]) push(value);
    expect(stopped()).toBe(1);
    expect([(await events.next()).value, (await events.next()).value]).toEqual([1, 2]);
    await expect(events.next()).rejects.toBeInstanceOf(TooSlow);
  });

  it('may end while it starts', async () => {
    let stopped = false;
    const events = pushIterator<number>(({ end }) => {
      end();
      return () => {
        stopped = true;
      };
    });
    expect((await events.next()).done).toBe(true);
    expect(stopped).toBe(true);
  });
});
