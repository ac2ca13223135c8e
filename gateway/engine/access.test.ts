/** Access rules at the gateway: what is refused is null with its reason and place, costs no fetch, and the rest is answered. */
import { buildSubgraphSchema } from '@apollo/subgraph';
import { buildSchema, type ExecutionResult, execute, parse, printSchema } from 'graphql';
import { ANONYMOUS, type Principal } from '../../kernel/principal';
import { TrustLevel } from '../../kernel/trust';
import { compose } from '../../schema/compose';
import { startWorld, type World } from '../testing/world';
import { Access } from './access';
import { Engine } from './engine';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires", "@authenticated", "@requiresScopes", "@policy"])';
const SDL = {
  forms: `${LINK}
    interface Entry { id: ID! title: String }
    interface Note { text: String }
    union Found = Form | Draft
    type Form implements Entry & Note @key(fields: "id") { id: ID! title: String text: String @authenticated editor: Editor related: [Entry] }
    type Draft implements Entry & Note @key(fields: "id") @authenticated { id: ID! title: String @requiresScopes(scopes: [["edit", "read"], ["admin"]]) text: String @authenticated }
    type Editor @key(fields: "id") { id: ID! }
    scalar Secret @requiresScopes(scopes: [["admin"]])
    type Query { entries: [Entry] found: [Found!] notes: [Note] form: Form! draft: Draft key: Secret sealed: Form! @policy(policies: [["trust:high"], ["nobody-meets-this"]]) }
    type Mutation { open: String shut: String! @authenticated }
    type Subscription { changed: Form draftChanged: Draft }`,
  people: `${LINK}
    type Editor @key(fields: "id") { id: ID! name: String @requiresScopes(scopes: [["read"]]) city: String }
    type Query { me: String @authenticated }`,
} as const;

const FORM = { __typename: 'Form', id: 'f', title: 'Gewerbe', text: 'Notiz', editor: { id: 'e' } };
const DRAFT = { __typename: 'Draft', id: 'd', title: 'Entwurf', text: 'Notiz' };
const RESOLVERS = {
  Query: {
    entries: () => [FORM, DRAFT],
    found: () => [FORM, DRAFT],
    notes: () => [FORM, DRAFT],
    form: () => ({ ...FORM, related: [FORM, DRAFT] }),
    draft: () => DRAFT,
    key: () => '4711',
    sealed: () => FORM,
    me: () => 'me',
  },
  Mutation: { open: () => 'opened', shut: () => 'shut' },
  Editor: { __resolveReference: ({ id }: { id: string }) => ({ id, name: 'Erika', city: 'Musterstadt' }) },
};

const staff = (...scopes: string[]): Principal => ({
  kind: 'staff',
  sessionId: 's',
  staffMemberId: 'm',
  authorityId: 'a',
  departmentId: null,
  scopes,
});
const person = (trustLevel: TrustLevel): Principal => ({
  kind: 'person',
  sessionId: 's',
  accountId: 'p',
  actingFor: 'p',
  services: null,
  readOnly: false,
  trustLevel,
});

const { supergraph, api } = compose(Object.entries(SDL).map(([name, sdl]) => ({ name, url: `http://${name}`, sdl })));
const schemas = Object.fromEntries(
  Object.entries(SDL).map(([name, sdl]) => {
    const known = Object.entries(RESOLVERS).filter(([type]) => sdl.includes(`type ${type} `));
    return [name, buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: fieldsOf(sdl, known) as never })];
  }),
);
function fieldsOf(sdl: string, resolvers: readonly [string, object][]) {
  return Object.fromEntries(
    resolvers.map(([type, fields]) => [
      type,
      Object.fromEntries(Object.entries(fields).filter(([field]) => field.startsWith('__') || sdl.includes(field))),
    ]),
  );
}

const fetched: string[] = [];
const engine = new Engine(supergraph, async (subgraph, { query, variables }) => {
  fetched.push(`${subgraph}: ${query}`);
  const answer = await execute({ schema: schemas[subgraph]!, document: parse(query), variableValues: variables });
  return JSON.parse(JSON.stringify(answer));
});
beforeEach(() => {
  fetched.length = 0;
});

const requestOf = (text: string, principal: Principal, variables: Record<string, unknown> = {}) => ({
  document: parse(text),
  key: text,
  operationName: null,
  variables,
  asked: { principal, requestId: 'access-1', language: 'de' as const },
});
const codes = ({ errors = [] }: ExecutionResult) =>
  errors.map(({ path, extensions }) => [path?.join('.'), extensions.code]);
async function ask(text: string, principal: Principal, variables?: Record<string, unknown>) {
  const answer = await engine.execute(requestOf(text, principal, variables));
  return { data: JSON.parse(JSON.stringify(answer.data ?? null)), refused: codes(answer) };
}

describe('a refused field', () => {
  it('is null with code and path, is not fetched, and the rest is answered', async () => {
    const text = '{ form { id title note: text editor { city n: name } } me }';
    expect(await ask(text, ANONYMOUS)).toEqual({
      data: { form: { id: 'f', title: 'Gewerbe', note: null, editor: { city: 'Musterstadt', n: null } }, me: null },
      refused: [
        ['form.note', 'UNAUTHENTICATED'],
        ['form.editor.n', 'UNAUTHENTICATED'],
        ['me', 'UNAUTHENTICATED'],
      ],
    });
    expect(fetched.join()).not.toMatch(/\b(text|name|me)\b/);
    expect(await ask(text, staff('read'))).toEqual({
      data: {
        form: { id: 'f', title: 'Gewerbe', note: 'Notiz', editor: { city: 'Musterstadt', n: 'Erika' } },
        me: 'me',
      },
      refused: [],
    });
  });

  it('costs no fetch when it is all that a subgraph was needed for', async () => {
    await ask('{ form { id editor { name } } }', staff());
    expect(fetched).toHaveLength(1);
    await ask('{ me draft { id } key }', ANONYMOUS);
    expect(fetched).toHaveLength(1);
  });

  it('needs any of the lists of scopes, with all of its members', async () => {
    const title = async (...scopes: string[]) => (await ask('{ draft { id title } }', staff(...scopes))).refused;
    expect(await title('edit')).toEqual([['draft.title', 'FORBIDDEN']]);
    expect(await title('edit', 'read')).toEqual([]);
    expect(await title('admin')).toEqual([]);
  });

  it('that cannot be null takes the answer with it, and then nothing is fetched or changed', async () => {
    expect(await ask('{ sealed { id } form { id } }', person(TrustLevel.SUBSTANTIAL))).toEqual({
      data: null,
      refused: [['sealed', 'FORBIDDEN']],
    });
    expect(await ask('mutation { open shut }', ANONYMOUS)).toEqual({
      data: null,
      refused: [['shut', 'UNAUTHENTICATED']],
    });
    expect(fetched).toEqual([]);
    expect((await ask('{ sealed { id } }', person(TrustLevel.HIGH))).data).toEqual({ sealed: { id: 'f' } });
  });

  it('may be one of a scalar that is guarded wherever it stands', async () => {
    expect((await ask('{ key }', staff('read'))).refused).toEqual([['key', 'FORBIDDEN']]);
    expect((await ask('{ key }', staff('admin'))).data).toEqual({ key: '4711' });
  });

  it('is refused by a fragment, an alias, a condition and a default value too', async () => {
    const text = `query ($no: Boolean = false) { ...R } fragment R on Query { a: form { ...F @skip(if: $no) } }
      fragment F on Form { b: text @include(if: true) ... on Note { text } }`;
    expect(await ask(text, ANONYMOUS)).toEqual({
      data: { a: { b: null, text: null } },
      refused: [
        ['a.b', 'UNAUTHENTICATED'],
        ['a.text', 'UNAUTHENTICATED'],
      ],
    });
    expect((await ask(text, ANONYMOUS, { no: true })).data).toEqual({ a: {} });
  });
});

describe('a refused type', () => {
  it('is null wherever it turns up behind an interface or a union, and its neighbours are answered', async () => {
    const expected = [{ id: 'f', title: 'Gewerbe' }, null];
    expect(await ask('{ entries { id title } }', ANONYMOUS)).toEqual({
      data: { entries: expected },
      refused: [['entries.1', 'UNAUTHENTICATED']],
    });
    expect(fetched.join()).toContain('...on Form');
    expect(fetched.join()).not.toContain('...on Draft');
    expect((await ask('{ form { related { id title } } }', ANONYMOUS)).data).toEqual({ form: { related: expected } });
    expect(await ask('{ found { ... on Form { id } ... on Draft { id } } }', ANONYMOUS)).toEqual({
      data: { found: null },
      refused: [['found.1', 'UNAUTHENTICATED']],
    });
    expect(await ask('{ entries { id ... on Draft { title } } }', staff('read'))).toEqual({
      data: { entries: [{ id: 'f' }, { id: 'd', title: null }] },
      refused: [['entries.1.title', 'FORBIDDEN']],
    });
  });

  it('lets a field of an interface through for those types whose field is not refused', async () => {
    expect(await ask('{ entries { id title } }', staff('read'))).toEqual({
      data: {
        entries: [
          { id: 'f', title: 'Gewerbe' },
          { id: 'd', title: null },
        ],
      },
      refused: [['entries.1.title', 'FORBIDDEN']],
    });
    expect(fetched.join()).not.toMatch(/Draft \{[^}]*title/);
  });

  it('is refused at the field when it is all that the field can be', async () => {
    expect(await ask('{ draft { id title } }', ANONYMOUS)).toEqual({
      data: { draft: null },
      refused: [['draft', 'UNAUTHENTICATED']],
    });
    expect(fetched).toEqual([]);
  });

  it('makes no query grow beyond measure', async () => {
    const nested = (depth: number): string =>
      depth === 0 ? 'title' : `... on Form { related { title ${nested(depth - 1)} } }`;
    const wide = `{ entries { ${Array.from({ length: 1500 }, () => nested(2)).join(' ')} } }`;
    expect((await ask(wide, ANONYMOUS)).refused).toEqual([[undefined, 'QUERY_TOO_COMPLEX']]);
  });
});

describe('a subscription', () => {
  const TEXT = 'subscription { changed { id text editor { city name } } }';
  const event = {
    data: { changed: { __typename: 'Form', id: 'f', text: 'Notiz', editor: { __typename: 'Editor', id: 'e' } } },
  };
  const now = (principal: Principal) => ({ principal, requestId: 'access-2', language: 'de' as const });

  it('is refused when its root is', () => {
    expect(() => engine.live(requestOf('subscription { draftChanged { id } }', ANONYMOUS))).toThrow(
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) }),
    );
  });

  it('does not ask for what is refused, and has null in its place in every event', async () => {
    const live = engine.live(requestOf(TEXT, ANONYMOUS));
    expect(live.query).not.toContain('text');
    const answer = await live.join(event, now(ANONYMOUS));
    expect(codes(answer)).toEqual([
      ['changed.text', 'UNAUTHENTICATED'],
      ['changed.editor.name', 'UNAUTHENTICATED'],
    ]);
    expect(fetched.join()).not.toContain('name');
  });

  it('gives what is allowed at the moment of the event, and never more than when it began', async () => {
    const live = engine.live(requestOf(TEXT, staff('read')));
    expect(JSON.stringify(await live.join(structuredClone(event), now(staff('read'))))).toContain('Erika');
    expect(codes(await live.join(structuredClone(event), now(staff())))).toEqual([
      ['changed.editor.name', 'FORBIDDEN'],
    ]);
    const draft = engine.live(requestOf('subscription { draftChanged { id } }', staff()));
    await expect(draft.join({ data: { draftChanged: { id: 'd' } } }, now(ANONYMOUS))).rejects.toThrow();
    const less = engine.live(requestOf(TEXT, ANONYMOUS));
    expect(codes(await less.join(structuredClone(event), now(staff('read'))))).toEqual([
      ['changed.text', 'UNAUTHENTICATED'],
      ['changed.editor.name', 'UNAUTHENTICATED'],
    ]);
  });
});

it('counts the rule of an interface for its types where none of them has one', () => {
  const schema = buildSchema(
    'interface I { a: Int } type T implements I { a: Int } type U implements I { a: Int } type Query { i: I t: T }',
  );
  const rule = { authenticated: true, scopes: null, policies: null };
  const access = (...names: string[]) => new Access(schema, new Map(names.map(name => [name, rule])));
  const rulesFor = (text: string, ...names: string[]) => access(...names).rulesIn(parse(text)).length;
  expect([rulesFor('{ t { a } }', 'I.a'), rulesFor('{ t { a } }', 'I.a', 'U.a')]).toEqual([1, 0]);
  expect([rulesFor('{ t { a } }', 'I'), rulesFor('{ i { a } }', 'I', 'U')]).toEqual([1, 1]);
});

it('says its rules in the descriptions, so that playground and introspection show them', () => {
  for (const text of [api, printSchema(engine.schema)]) {
    expect(text).toContain('"""Needs sign-in."""');
    expect(text).toContain('"""Needs scope `edit` with `read` or `admin`."""');
    expect(text).toContain('"""Needs policy `trust:high` or `nobody-meets-this`."""');
  }
});

describe('through the gateway', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world?.stop());

  it('a refusal has its text, and no subgraph hears of it', async () => {
    const { status, data, errors } = await world.ask('{ services { leikaKey } account(id: "klara") { id } }', {
      headers: { 'accept-language': 'en' },
    });
    expect([status, data]).toEqual([200, { account: null, services: [expect.anything(), expect.anything()] }]);
    expect(errors).toEqual([
      {
        message: 'Please sign in.',
        path: ['account'],
        extensions: { code: 'UNAUTHENTICATED', retryable: false, requestId: expect.any(String) },
      },
    ]);
    expect(world.subgraphs.identity.requests).toEqual([]);
  });

  it('an event on a socket has null for what is refused', async () => {
    const client = world.socket(await world.token('klara'));
    const events = client.iterate<{ inboxChanged: unknown }>({
      query: 'subscription { inboxChanged { application { id notes } } }',
    });
    const first = events.next();
    await world.log.read();
    world.log.add('SUBMITTED', 'p1');
    expect((await first).value).toMatchObject({
      data: { inboxChanged: { application: { id: 'p1', notes: null } } },
      errors: [{ path: ['inboxChanged', 'application', 'notes'], extensions: { code: 'FORBIDDEN' } }],
    });
    await events.return?.();
  });
});
