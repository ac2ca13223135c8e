/** The public contract: what is tagged and no more, and never what needs sign-in. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, isInterfaceType, isObjectType, parse } from 'graphql';
import { readRules } from './access';
import { compose } from './compose';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@tag", "@authenticated"])';
const composed = (sdl: string) => compose([{ name: 'a', url: 'http://a', sdl: `${LINK} ${sdl}` }]).publicApi;

describe('a contract', () => {
  it('has what is tagged, whole types or single fields, and of arguments what it can', () => {
    const schema = buildSchema(
      composed(`scalar Secret input Filter @tag(name: "public") { text: String }
        type Query { open(filter: Filter, other: Hidden): Whole @tag(name: "public") part: Part @tag(name: "public") closed: Int lost: Untagged @tag(name: "public") }
        input Hidden { a: Int } type Whole @tag(name: "public") { a: Int secret: Secret mine: Int @authenticated } type Untagged { a: Int }
        type Part { a: Int @tag(name: "public") b: Int } type Unreached @tag(name: "public") { a: Int } type Mutation { change: Int @tag(name: "public") }`)!,
    );
    const fields = Object.values(schema.getTypeMap()).flatMap(type =>
      isObjectType(type) && !type.name.startsWith('__')
        ? Object.values(type.getFields()).map(
            field => `${type.name}.${field.name}(${field.args.map(({ name }) => name)})`,
          )
        : [],
    );
    expect(fields.sort()).toEqual(['Part.a()', 'Query.open(filter)', 'Query.part()', 'Whole.a()']);
  });

  it('is none when no query is tagged, and a mistake when a field would lose an argument it needs', () => {
    expect(composed('type Query { a: Int }')).toBeNull();
    expect(() => composed('type Query { a(b: B!): Int @tag(name: "public") } input B { c: Int }')).toThrow(
      'Query.a needs its argument b.',
    );
  });
});

test('the printed contract has no field of an application, nothing that needs sign-in, and nothing that changes', () => {
  const read = (name: string) => readFileSync(path.join(__dirname, name), 'utf8');
  const contract = buildSchema(read('public.graphql'));
  const rules = readRules(parse(read('supergraph.graphql')));
  expect(rules.size).toBeGreaterThan(50);
  const names = Object.values(contract.getTypeMap()).flatMap(type =>
    isObjectType(type) || isInterfaceType(type)
      ? [type.name, ...Object.keys(type.getFields()).map(field => `${type.name}.${field}`)]
      : [type.name],
  );
  expect(names).toContain('Query.serviceAtPlace');
  expect(
    names.filter(name => rules.has(name) || /^(Application|Account|Document|Message|Payment)\b/.test(name)),
  ).toEqual([]);
  expect([contract.getMutationType(), Object.keys(contract.getSubscriptionType()!.getFields())]).toEqual([
    undefined,
    ['catalogueChanged'],
  ]);
});
