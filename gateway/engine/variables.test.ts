import { buildSchema, getOperationAST, getVariableValues, parse } from 'graphql';
import { Variables } from './variables';

const schema = buildSchema(`
  input Range { from: Int! to: Int = 5 }
  enum Sort { UP DOWN }
  type Query { a(id: ID, n: Int, s: Sort, l: [Int!], r: Range): Int }
`);
const TYPES = [
  'ID',
  'ID!',
  'Int',
  'Int!',
  'Int = 3',
  'Int! = 3',
  'Sort',
  'Sort!',
  '[Int!]',
  '[Int!]!',
  'Range',
  'Range!',
];
const VALUES = [undefined, null, 'x', 7, 7.5, true, 'UP', [1], [null], ['a'], {}, { from: 1 }, { from: 1, more: 2 }];

it('says what GraphQL.js says of each value in the place of each type, the second time too', () => {
  const variables = new Variables(schema);
  const outcomes = { fine: 0, wrong: 0 };
  for (const type of [...TYPES, 'Query', 'Nowhere']) {
    const operation = getOperationAST(parse(`query ($v: ${type}) { a }`))!;
    const { variableDefinitions = [] } = operation;
    for (const given of [{}, ...VALUES.map(v => ({ v }))]) {
      const { errors = [] } = getVariableValues(schema, variableDefinitions, given, { maxErrors: 5 });
      for (const time of [1, 2])
        expect({ type, given, time, said: variables.problems(operation, given).map(String) }).toEqual({
          type,
          given,
          time,
          said: errors.map(String),
        });
      outcomes[errors.length > 0 ? 'wrong' : 'fine'] += 1;
    }
  }
  expect(outcomes).toEqual({ fine: 37, wrong: 159 });
});
