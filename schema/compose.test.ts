/** Composition: what composes, and that errors and hints are both failures. */
import fs from 'node:fs';
import path from 'node:path';
import { buildSchema, type GraphQLSchema, isInterfaceType, isObjectType, parse } from 'graphql';
import { readRules } from './access';
import { compose } from './compose';

const LINK = (...names: string[]) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ${JSON.stringify(names)})`;
const at = (name: string, sdl: string) => ({ name, url: `http://localhost/${name}`, sdl });

describe('compose', () => {
  it('composes access rules, tags, subscriptions and entity interfaces, and prints what clients see with descriptions', () => {
    const { supergraph, api } = compose([
      at(
        'catalogue',
        `${LINK('@key', '@tag', '@authenticated', '@requiresScopes')}
        interface Entry @key(fields: "id") { id: ID! state: String }
        "A form (Formular)."
        type Form implements Entry @key(fields: "id") { id: ID! state: String secret: String @requiresScopes(scopes: [["catalogue:edit"]]) }
        type Draft implements Entry @key(fields: "id") @authenticated { id: ID! state: String }
        type Query { "All of them." entries: [Entry!] @tag(name: "public") }
        type Subscription { entryChanged(after: String): Entry }`,
      ),
      at(
        'identity',
        `${LINK('@key', '@interfaceObject')}
        type Entry @key(fields: "id") @interfaceObject { id: ID! editor: String }
        type Query { ping: String }`,
      ),
    ]);
    expect(supergraph).toContain('@join__graph(name: "catalogue", url: "http://localhost/catalogue")');
    expect(supergraph).toContain('@requiresScopes(scopes: [["catalogue:edit"]])');
    expect(api).toContain('"""A form (Formular)."""');
    expect(api).not.toMatch(/join__|@tag|@authenticated|_entities/);
    const schema = buildSchema(api);
    expect(Object.keys(schema.getSubscriptionType()!.getFields())).toEqual(['entryChanged']);
    expect(api).toContain('editor: String');
  });

  it('fails with every error when the subgraphs contradict each other', () => {
    const wrong = () =>
      compose([
        at('catalogue', 'type Query { one: String two: String }'),
        at('identity', 'type Query { one: Int two: Int }'),
      ]);
    expect(wrong).toThrow(/Query\.one/);
    expect(wrong).toThrow(/Query\.two/);
  });

  it('fails with a hint, because a hint is a mistake not made yet', () => {
    expect(() =>
      compose([
        at('catalogue', `${LINK('@shareable')} type Query { one: Money } type Money @shareable { cents: Int }`),
        at('identity', `${LINK('@shareable')} type Query { two: Money } type Money @shareable { cents: Int! }`),
      ]),
    ).toThrow(/hint INCONSISTENT/);
  });
});

it('every type and field of ours that asks for something says so to whoever reads the schema, and no other does', () => {
  const read = (file: string) => fs.readFileSync(path.join(__dirname, file), 'utf8');
  const rules = readRules(parse(read('supergraph.graphql')));
  const said = whatIsSaid(buildSchema(read('api.graphql')));
  const wanted = [...rules].map(([name, { scopes, policies }]) => {
    const words = [scopes?.flat() ?? [], policies?.flat() ?? []].flat();
    return [name, words.length > 0 ? words : ['sign-in']] as const;
  });
  expect(wanted.length).toBeGreaterThan(50);
  for (const [name, words] of wanted)
    for (const word of words) expect([name, said.get(name)]).toEqual([name, expect.stringContaining(word)]);
  expect([...said.keys()].sort()).toEqual(wanted.map(([name]) => name).sort());
});

/** `Type` or `Type.field` → what its description ends with, when that says what it needs. */
function whatIsSaid(schema: GraphQLSchema): Map<string, string> {
  const said = new Map<string, string>();
  const read = (name: string, description: string | null | undefined) => {
    const [line] = /^Needs (sign-in|scope|policy).*\.$/m.exec(description?.split('\n').at(-1) ?? '') ?? [];
    if (line) said.set(name, line);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    read(type.name, type.description);
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) read(`${type.name}.${field.name}`, field.description);
  }
  return said;
}
