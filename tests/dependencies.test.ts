/** docs/dependencies.md gives a reason for each dependency, and for nothing else. */
import fs from 'node:fs';
import path from 'node:path';

const read = (name: string) => fs.readFileSync(path.join(__dirname, '..', name), 'utf8');
const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;

/** The names in a section's table; `*` stands for the rest of a name. */
function listed(heading: string): string[] {
  const section =
    read('docs/dependencies.md')
      .split(/^## /m)
      .find(text => text.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (?!package|---)([^|]+) \|/gm)].flatMap(([, names]) =>
    names!.split(',').map(name => name.trim().replace('\\*', '*')),
  );
}

const covers = (pattern: string, name: string): boolean =>
  pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

test.each([
  ['At run time', ['dependencies']],
  ['For development only', ['devDependencies', 'optionalDependencies']],
])('%s', (heading, kinds) => {
  const patterns = listed(heading);
  const names = kinds.flatMap(kind => Object.keys(manifest[kind]!));
  expect(patterns.length).toBeGreaterThan(5);
  expect(names.filter(name => !patterns.some(pattern => covers(pattern, name)))).toEqual([]);
  expect(patterns.filter(pattern => !names.some(name => covers(pattern, name)))).toEqual([]);
});

test('each version is exact', () => {
  const versions = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(kind =>
    Object.entries(manifest[kind]!),
  );
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});
