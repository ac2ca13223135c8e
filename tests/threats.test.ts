/** docs/threats.md says the truth: each attack names tests that are there under these titles. */
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..');

const rows = fs
  .readFileSync(path.join(ROOT, 'docs', 'threats.md'), 'utf8')
  .split('\n')
  .filter(line => /^\| [A-Z]\d+ \|/.test(line))
  .map(line => line.split('|').map(cell => cell.trim()))
  .map(([, name, , , tests]) => ({ name: name!, tests: tests!.split('<br>') }));

test('all attacks on the gateway, between the processes, on live streams, on sign-in, by files, by directories and on decisions are there', () => {
  const counts = Object.entries({ G: 9, F: 9, W: 5, I: 3, U: 5, D: 1, N: 5 });
  const names = counts.flatMap(([letter, count]) => Array.from({ length: count }, (_, i) => `${letter}${i + 1}`));
  expect(rows.map(({ name }) => name)).toEqual(names);
});

test.each(rows)('$name has its tests', ({ tests }) => {
  for (const one of tests) {
    const [, file, title] = /^`([^`]+)`: (.+)$/.exec(one) ?? [];
    expect([one, file !== undefined]).toEqual([one, true]);
    const titles = [...fs.readFileSync(path.join(ROOT, file!), 'utf8').matchAll(/['"`](.+?)['"`], (?:async )?\(/g)];
    expect([one, titles.some(([, found]) => found!.includes(title!))]).toEqual([one, true]);
  }
});
