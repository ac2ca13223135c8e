/**
 * Null, by the specification: whatever subgraphs send, graphql-js itself, completing the same values, says what the answer is
 * and where an error belongs.
 */
import fc from 'fast-check';
import {
  execute,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { ANONYMOUS } from '../../kernel/principal';
import { compose } from '../../schema/compose';
import { Engine } from './engine';
import type { SubgraphAnswer } from './fetch';
import { parseJson } from './numbers';
import { readPlanned } from './reader';

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])';
const ASKED = { principal: ANONYMOUS, requestId: 'nulls', language: 'de' } as const;

/** What a subgraph sends, by its name. */
type Bodies = Readonly<Record<string, string>>;

function engineOf(sdls: Readonly<Record<string, string>>, bodies: () => Bodies, keep: () => boolean): Engine {
  const { supergraph } = compose(
    Object.entries(sdls).map(([name, sdl]) => ({ name, url: `http://${name}.example`, sdl: `${LINK} ${sdl}` })),
  );
  return new Engine(supergraph, async (subgraph, { reads = null }): Promise<SubgraphAnswer> => {
    const body = bodies()[subgraph]!;
    const planned = reads && keep() ? readPlanned(Buffer.from(body), reads) : null;
    return planned ? { data: planned } : (parseJson(body) as SubgraphAnswer);
  });
}

async function ask(engine: Engine, query: string) {
  const request = { document: parse(query), key: query, operationName: null, variables: {}, asked: ASKED };
  if (!query.startsWith('subscription')) return engine.execute(request);
  const live = engine.live(request);
  const event = { query: live.query, variables: {}, reads: null };
  // as it is pushed
  return live.join(
    await (engine as unknown as { fetch: (...all: unknown[]) => Promise<SubgraphAnswer> }).fetch(live.subgraph, event),
    ASKED,
  );
}

describe('one subgraph, and graphql-js for a judge', () => {
  const THING = `
    int: Int int1: Int! float: Float float1: Float! text: String text1: String! id: ID id1: ID! is: Boolean is1: Boolean!
    state: State state1: State! any: Anything any1: Anything!
    ints: [Int] ints1: [Int!] ints2: [Int!]! grid: [[Int!]!] states: [State!] anys: [Anything!]
    thing: Thing thing1: Thing! things: [Thing] things1: [Thing!] things2: [Thing!]! one: One one1: One! ones: [One!]`;
  const SDL = `
    scalar Anything
    enum State { OPEN CLOSED }
    interface One { int1: Int! }
    type Left implements One { int1: Int! left: String! }
    type Right implements One { int1: Int! right: [ID!]! }
    type Thing { ${THING} }
    type Query { ${THING} }
    type Subscription { thing: Thing thing1: Thing! }`;
  const LEAVES = `int int1 float float1 text text1 id id1 is is1 state state1 any any1 ints ints1 ints2 grid states anys`;
  const ONE = '{ __typename int1 ... on Left { left } ... on Right { right } }';
  const FLAT = `{ ${LEAVES} one ${ONE} one1 ${ONE} ones ${ONE} }`;
  const DEEP = `{ ${LEAVES} thing ${FLAT} thing1 ${FLAT} things ${FLAT} things1 ${FLAT} things2 ${FLAT} one ${ONE} one1 ${ONE} ones ${ONE} }`;
  const PLAIN = `{ ${LEAVES} thing { ${LEAVES} } things1 { ${LEAVES} } things2 { renamed: int1 state text1 } }`;
  const QUERIES = [
    `query ${DEEP}`,
    `query ${PLAIN}`,
    `subscription { thing ${DEEP} }`,
    `subscription { thing1 ${PLAIN} }`,
  ];

  const leaves = () => ({
    ...{ int: 1, int1: -2, float: 1.5, float1: 2, text: 'a', text1: 'ä', id: 'x', id1: 'y', is: true, is1: false },
    ...{ state: 'OPEN', state1: 'CLOSED', any: { a: [1] }, any1: 'b', ints: [1, null], ints1: [1], ints2: [2, 3] },
    ...{ grid: [[1], [2, 3]], states: ['OPEN'], anys: [1, 'a'] },
  });
  const one = (n: number) =>
    n % 2 ? { __typename: 'Left', int1: n, left: 'l' } : { __typename: 'Right', int1: n, right: ['1', '2'] };
  const flat = () => ({ ...leaves(), one: one(1), one1: one(2), ones: [one(3), one(4)] });
  const deep = () => ({
    ...leaves(),
    ...{ thing: flat(), thing1: flat(), things: [flat(), null], things1: [flat(), flat()], things2: [flat()] },
    ...{ one: one(1), one1: one(2), ones: [one(3), one(4)] },
  });
  const plain = () => ({
    ...leaves(),
    thing: leaves(),
    things1: [leaves()],
    things2: [{ renamed: 1, state: null, text1: 'c' }],
  });
  const DATA = [deep, plain, () => ({ thing: deep() }), () => ({ thing1: plain() })];

  /** A value that is wrong somewhere; undefined leaves the field out. */
  const OTHERS = [
    ...[null, null, null, undefined, 0, 7, -1, 1.5, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 40, 2 ** 60, 1e300],
    ...['', 'x', '7', 'OPEN', 'HIDDEN', true, false, [], [null], [1], ['OPEN', null], [[null]], [[1, null]], {}],
    ...[{ int1: 1 }, { __typename: 'Nobody', int1: 1 }, [{}], [null, {}]],
  ];

  let body = '';
  let keep = true;
  const engine = engineOf(
    { one: SDL },
    () => ({ one: body }),
    () => keep,
  );

  /** What the specification makes of the data. Nothing is coerced but a number for an ID, which is text by its nature. */
  const complete: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, { path, returnType }) =>
    strict(Object.getOwnPropertyDescriptor(source, path.key)?.value, returnType);

  function strict(value: unknown, type: GraphQLOutputType): unknown {
    const nullable = getNullableType(type) as GraphQLOutputType;
    if (value === null || value === undefined) return null;
    if (isListType(nullable)) return Array.isArray(value) ? value.map(one => strict(one, nullable.ofType)) : wrong();
    if (isLeafType(nullable)) return isLegal(value, nullable.name, isEnumType(nullable)) ? value : wrong();
    const isThing = typeof value === 'object' && !Array.isArray(value);
    const typename = isThing ? (value as { __typename?: string }).__typename : undefined;
    const isKnown = typename === undefined ? isObjectType(nullable) : typename !== 'Nobody';
    return isThing && isKnown ? value : wrong();
  }
  const wrong = () => new Error('wrong');
  const isLegal = (value: unknown, type: string, isEnum: boolean): boolean => {
    if (isEnum) return ['OPEN', 'CLOSED'].includes(value as string);
    if (type === 'Int') return Number.isInteger(value) && Math.abs((value as number) + 0.5) < 2 ** 31;
    if (type === 'Float') return typeof value === 'number';
    if (type === 'Boolean') return typeof value === 'boolean';
    if (type === 'String') return typeof value === 'string';
    if (type === 'ID')
      return typeof value === 'string' || (Number.isInteger(value) && Math.abs(value as number) < 1e21);
    return true;
  };

  function expected(query: string, data: object) {
    const { schema } = engine;
    const rootValue = data;
    // a subscription's event is completed as a query is
    const document = parse(query.replace('subscription', 'query'));
    const root = query.startsWith('subscription') ? schema.getSubscriptionType() : schema.getQueryType();
    const typeResolver = (value: unknown) => String((value as { __typename: unknown }).__typename);
    const asked = Object.create(schema, { getRootType: { value: () => root } }) as typeof schema;
    return execute({ schema: asked, document, rootValue, fieldResolver: complete, typeResolver }) as {
      data: unknown;
      errors?: readonly { path?: readonly unknown[] }[];
    };
  }

  /** Where an object does not say what it is, graphql-js blames the object, and the engine its `__typename`. */
  const places = (errors: readonly { readonly path?: readonly unknown[] | undefined }[] = []) =>
    errors.map(({ path = [] }) => JSON.stringify(path.at(-1) === '__typename' ? path.slice(0, -1) : path)).sort();

  /** Every place in a value. */
  const placesIn = (value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] =>
    typeof value === 'object' && value !== null
      ? [path, ...Object.entries(value).flatMap(([key, below]) => placesIn(below, [...path, key]))]
      : [path];

  function put(data: unknown, path: readonly (string | number)[], value: unknown): void {
    let at = data as Record<string, unknown>;
    for (const part of path.slice(0, -1)) at = at[part] as Record<string, unknown>;
    at[path.at(-1)!] = value;
  }

  it.each([0, 1, 2, 3])('answers what is as it should be, without an error (%#)', async index => {
    const data = DATA[index]!();
    body = JSON.stringify({ data });
    for (keep of [true, false]) expect(await ask(engine, QUERIES[index]!)).toEqual({ data });
    expect(expected(QUERIES[index]!, data)).toEqual({ data });
  });

  it('has null and an error exactly where the specification has them', async () => {
    let wrongs = 0;
    const property = fc.asyncProperty(
      fc.nat(QUERIES.length - 1),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...OTHERS)), { minLength: 1, maxLength: 3 }),
      async (index, changes) => {
        const data = DATA[index]!();
        for (const [at, value] of changes) {
          const all = placesIn(data)
            .slice(1)
            .filter(path => path.at(-1) !== '__typename');
          put(data, all[at % all.length]!, value);
        }
        body = JSON.stringify({ data });
        const sent = JSON.parse(body).data;
        const right = expected(QUERIES[index]!, sent);
        wrongs += right.errors ? 1 : 0;
        for (keep of [true, false]) {
          const got = await ask(engine, QUERIES[index]!);
          expect(textual(got.data)).toEqual(textual(right.data));
          expect(places(got.errors)).toEqual(places(right.errors));
        }
      },
    );
    await fc.assert(property, { numRuns: 3000, seed: 11 });
    expect(wrongs).toBeGreaterThan(1000);
  });

  const textual = (value: unknown) => JSON.parse(JSON.stringify(value));

  it.each([
    ['null for Int!', '{ int1 }', { int1: null }, null, ['int1']],
    ['text for Int', '{ int }', { int: 'x' }, { int: null }, ['int']],
    ['2⁴⁰ for Int', '{ int }', { int: 2 ** 40 }, { int: null }, ['int']],
    ['a broken number for Int', '{ int }', { int: 1.5 }, { int: null }, ['int']],
    ['a number for String', '{ text }', { text: 5 }, { text: null }, ['text']],
    ['a value that an enum does not have', '{ state }', { state: 'LOST' }, { state: null }, ['state']],
    ['null in a list of Int!', '{ ints2 }', { ints2: [1, null] }, null, ['ints2', 1]],
    ['an object for a scalar', '{ text }', { text: {} }, { text: null }, ['text']],
    ['a list for an object', '{ thing { int } }', { thing: [] }, { thing: null }, ['thing']],
    ['an object for a list', '{ ints }', { ints: {} }, { ints: null }, ['ints']],
    ['an unknown type', '{ one { int1 } }', { one: { __typename: 'No', int1: 1 } }, { one: null }, ['one']],
    ['nothing', '{ thing1 { text1 } }', { thing1: {} }, null, ['thing1', 'text1']],
  ])('%s is null with an error', async (_, query, sent, data, path) => {
    body = JSON.stringify({ data: sent });
    for (keep of [true, false]) {
      const answer = await ask(engine, query);
      expect(answer.data).toEqual(data);
      expect(places(answer.errors)).toEqual([JSON.stringify(path)]);
    }
  });

  it('a number is no text, but for an ID, which is text to the client', async () => {
    body = '{"data":{"id":7,"id1":12345678901234567890}}';
    for (keep of [true, false])
      expect(await ask(engine, '{ id id1 }')).toEqual({ data: { id: '7', id1: '12345678901234567890' } });
  });

  it('hides what is not for clients without an error, but not where there must be something', async () => {
    const sdl = `type Query { a: State a1: State! b: One b1: One! } enum State { OPEN SECRET @inaccessible }
      interface One { n: Int } type Left implements One { n: Int } type Secret implements One @inaccessible { n: Int }`;
    const hiding = engineOf(
      { one: sdl },
      () => ({ one: body }),
      () => keep,
    );
    for (const [query, sent, data, path] of [
      ['{ a }', '{"a":"SECRET"}', { a: null }, []],
      ['{ a1 }', '{"a1":"SECRET"}', null, ['a1']],
      ['{ b { n } }', '{"b":{"__typename":"Secret","n":1}}', { b: null }, []],
      ['{ b1 { n } }', '{"b1":{"__typename":"Secret","n":1}}', null, ['b1']],
    ] as const) {
      body = `{"data":${sent}}`;
      for (keep of [true, false]) {
        const answer = await ask(hiding, query);
        expect([answer.data, places(answer.errors)]).toEqual([data, path.map(part => `["${part}"]`)]);
      }
    }
  });

  it('does not tell of more than a thousand', async () => {
    body = JSON.stringify({ data: { ints: Array(5000).fill('x') } });
    const { data, errors } = await ask(engine, '{ ints }');
    expect(data?.ints).toHaveLength(5000);
    expect(errors).toHaveLength(1000);
  });
});

describe('several subgraphs', () => {
  const cases = `
    type Case @key(fields: "id") { id: ID! title: String! owner: Person! helper: Person }
    type Person @key(fields: "id", resolvable: false) { id: ID! }
    type Query { cases: [Case!]! first: Case }`;
  const people = `
    type Person @key(fields: "id") { id: ID! name: String! nick: String town: Town! }
    type Town { name: String! }
    type Query { nobody: String! }`;
  let bodies: Bodies = {};
  let keep = true;
  const engine = engineOf(
    { cases, people },
    () => bodies,
    () => keep,
  );
  const person = (id: string) => ({ __typename: 'Person', id });
  const CASES = JSON.stringify({
    data: {
      cases: [
        { title: 'a', owner: person('1') },
        { title: 'b', owner: person('2') },
      ],
    },
  });
  const QUERY = '{ cases { title owner { name nick } } }';
  const UNAVAILABLE = '{"data":null,"errors":[{"message":"gone","extensions":{"code":"SUBGRAPH_UNAVAILABLE"}}]}';

  const answered = async (query: string, sent: Bodies) => {
    bodies = sent;
    const all = [];
    for (keep of [true, false]) {
      const { data, errors = [] } = await ask(engine, query);
      all.push({
        data: JSON.parse(JSON.stringify(data)),
        errors: errors.map(({ message, path }) => [message, path?.join('.')]),
      });
    }
    expect(all[0]).toEqual(all[1]);
    return all[0]!;
  };
  const NULL = 'A subgraph has nothing to say where its schema says that there is always a value.';

  it('tells where an entity is missing that something needs', async () => {
    const { data, errors } = await answered(QUERY, {
      cases: CASES,
      people: '{"data":{"_entities":[{"name":"A","nick":null},null]}}',
    });
    expect(data).toEqual(null);
    expect(errors).toEqual([[NULL, 'cases.1.owner.name']]);
  });

  it('lets be null what may be', async () => {
    const people = '{"data":{"_entities":[null,{"nick":"B"}]}}';
    const { data, errors } = await answered('{ cases { owner { nick } } }', { cases: CASES, people });
    expect(data).toEqual({ cases: [{ owner: { nick: null } }, { owner: { nick: 'B' } }] });
    expect(errors).toEqual([]);
  });

  it.each([
    [
      'of the field',
      '{"data":{"_entities":[{"name":"A","nick":null,"town":{"name":"K"}},{"name":null,"town":{"name":"K"}}]},"errors":[{"message":"no","path":["_entities",1,"name"]}]}',
      'cases.1.owner.name',
    ],
    [
      'of the entity',
      '{"data":{"_entities":[{"name":"A","nick":null,"town":{"name":"K"}},null]},"errors":[{"message":"no","path":["_entities",1]}]}',
      'cases.1.owner',
    ],
    [
      'of another field of the entity',
      '{"data":{"_entities":[{"name":"A","nick":null,"town":{"name":"K"}},null]},"errors":[{"message":"no","path":["_entities",1,"town","name"]}]}',
      'cases.1.owner.town.name',
    ],
    ['of the whole fetch', UNAVAILABLE.replace('gone', 'no'), 'cases'],
    ['of all entities', '{"data":null,"errors":[{"message":"no","path":["_entities"]}]}', 'cases'],
  ])('says nothing twice: an error %s', async (_, people, path) => {
    const { data, errors } = await answered('{ cases { title owner { name nick town { name } } } }', {
      cases: CASES,
      people,
    });
    expect(data).toEqual(null);
    expect(errors).toEqual([['no', path]]);
  });

  it('what failed elsewhere excuses nothing here', async () => {
    const { data, errors } = await answered(QUERY, { cases: CASES.replace('"a"', 'null'), people: UNAVAILABLE });
    expect(data).toEqual(null);
    expect(errors).toEqual([
      ['gone', 'cases'],
      [NULL, 'cases.0.title'],
    ]);
  });

  it('an error without a place excuses nothing either', async () => {
    const { data, errors } = await answered('{ first { title } }', {
      cases: '{"data":{"first":{"title":null}},"errors":[{"message":"no"}]}',
    });
    expect(data).toEqual({ first: null });
    expect(errors).toEqual([
      ['no', undefined],
      [NULL, 'first.title'],
    ]);
  });

  it('nulls that a subgraph has passed up and explained are not told again', async () => {
    const error = (path: string) => `"errors":[{"message":"no","path":${path}}]`;
    expect(
      await answered('{ cases { title } first { title } }', {
        cases: `{"data":null,${error('["cases",0,"title"]')}}`,
      }),
    ).toEqual({ data: null, errors: [['no', 'cases.0.title']] });
    expect(
      await answered('{ first { title owner { id } } }', {
        cases: `{"data":{"first":null},${error('["first","owner"]')}}`,
      }),
    ).toEqual({ data: { first: null }, errors: [['no', 'first.owner']] });
  });

  it('knows the place of an error under the name that the client gave it', async () => {
    const { errors } = await answered('{ cases { id: title owner { id: name } } }', {
      cases: JSON.stringify({ data: { cases: [{ id: 'a', title: 'a', owner: person('1') }] } }),
      people: '{"data":{"_entities":[{}]}}',
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]![1]).toMatch(/^cases\.0\./);
  });
});
