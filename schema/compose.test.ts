/** Composition: what composes, and that errors and hints are both failures. */
import { buildSchema } from 'graphql';
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
