/** Directives in clients' documents: those that all subgraphs define, and those that they compose. */
import { type GraphQLResolveInfo, print } from 'graphql';
import { type Federation, sub } from './federation';

/** A field that answers with the directives it is asked with. */
const echo = (_parent: unknown, _args: unknown, _context: unknown, { fieldNodes }: GraphQLResolveInfo) =>
  fieldNodes.flatMap(({ directives = [] }) => directives.map(print)).join(' ');

const composing = (field: string, argument: string) => ({
  sdl: `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@composeDirective"])
    @link(url: "https://amt.example/reading/v1.0", import: ["@reading", { name: "@owner", as: "@desk" }]) @composeDirective(name: "@reading") @composeDirective(name: "@desk")
    directive @reading(level: Level!${argument}, by: reading__By) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
    directive @desk(name: String!) on FIELD | FIELD_DEFINITION
    enum Level { EASY FULL } input reading__By { name: String }
    type Query { ${field}: String @desk(name: "front") }`,
  resolvers: { Query: { [field]: echo } },
});

export const DIRECTIVES: Readonly<Record<string, Federation>> = {
  'directives that subgraphs compose, with a default in one of them': {
    subgraphs: { a: composing('a', ''), b: composing('b', ' = EASY') },
    answers: {
      '{ a @reading b @reading }': { a: '@reading(level: EASY)', b: '@reading(level: EASY)' },
      '{ a @reading(level: FULL) b @desk(name: "back") @reading(by: { name: "Ada" }) }': {
        a: '@reading(level: FULL)',
        b: '@desk(name: "back") @reading(by: {name: "Ada"}, level: EASY)',
      },
      'query ($by: reading__By) { ... @reading { a @reading(by: $by) } ...B @reading } fragment B on Query { b }': {
        a: '@reading(by: $by, level: EASY)',
        b: '',
      },
    },
  },
  'directives that all subgraphs define': {
    subgraphs: {
      a: sub('directive @calm(how: Int = 1) on FIELD type Query { a: String }', { Query: { a: echo } }),
      b: sub('directive @calm(how: Int = 1) on FIELD type Query { b: String }', { Query: { b: echo } }),
    },
    answers: { '{ a @calm b @calm(how: 3) }': { a: '@calm', b: '@calm(how: 3)' } },
  },
};
