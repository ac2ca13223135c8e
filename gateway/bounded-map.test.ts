/** What a bounded map forgets: by count and by weight, what was not used for the longest time first. */
import { BoundedMap } from './bounded-map';

const keysOf = (map: BoundedMap<string, number>) => [...map].map(([key]) => key).join('');

it('keeps so many entries, the last used ones', () => {
  const map = new BoundedMap<string, number>(3);
  for (const key of 'abc') map.set(key, 1);
  map.get('a');
  map.set('d', 1);
  expect(keysOf(map)).toBe('cad');
});

it('keeps so much weight, also when entries change, leave, or weigh too much by themselves', () => {
  const map = new BoundedMap<string, number>(100, 10, (_, value) => value);
  for (const key of 'abc') map.set(key, 4);
  expect(keysOf(map)).toBe('bc');
  map.set('c', 6);
  expect(keysOf(map)).toBe('bc');
  map.set('d', 4);
  expect(keysOf(map)).toBe('cd');
  map.delete('c');
  map.set('e', 6);
  expect(keysOf(map)).toBe('de');
  map.set('f', 11);
  expect(keysOf(map)).toBe('');
  map.set('g', 10);
  expect(keysOf(map)).toBe('g');
  map.clear();
  for (const key of 'hi') map.set(key, 5);
  map.get('h');
  map.set('j', 5);
  expect(keysOf(map)).toBe('hj');
});
