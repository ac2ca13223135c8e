import { hasBadProof, proofsIn } from './form.proofs';

const rule = (trustLevel: unknown, attribute: unknown = 'dateOfBirth') => ({ 'x-proven': { attribute, trustLevel } });

test('rules are found at every depth and in every branch, with the place of the answer', () => {
  const schema = {
    properties: {
      'a/b': rule('LOW'),
      person: { properties: { birthdate: rule('HIGH') } },
      'x-proven': { type: 'string' },
    },
    allOf: [{ if: {}, else: { properties: { name: rule('SUBSTANTIAL', 'fullName') } } }],
    $defs: { 'x-proven': rule('BASIC', 'email') },
    default: rule('HIGH'),
  };
  expect(proofsIn(schema)).toEqual([
    { path: '/a~1b', attribute: 'dateOfBirth', needed: 'LOW' },
    { path: '/person/birthdate', attribute: 'dateOfBirth', needed: 'HIGH' },
    { path: '/name', attribute: 'fullName', needed: 'SUBSTANTIAL' },
    { path: '', attribute: 'email', needed: 'BASIC' },
  ]);
  expect(hasBadProof(schema)).toBe(false);
  expect(proofsIn(undefined)).toEqual([]);
});

test('a rule of an unknown level needs the highest one, and a malformed rule is about the answer it stands beside', () => {
  const needed = (beside: object) => proofsIn({ properties: { birthdate: beside } });
  expect(needed(rule('GREAT'))).toEqual([{ path: '/birthdate', attribute: 'dateOfBirth', needed: 'HIGH' }]);
  expect(needed({ 'x-proven': true })).toEqual([{ path: '/birthdate', attribute: 'birthdate', needed: 'HIGH' }]);
});

test.each([[rule('GREAT')], [rule('LOW', 7)], [{ 'x-proven': true }]])('%j is no rule', beside => {
  expect(hasBadProof({ properties: { birthdate: beside } })).toBe(true);
  expect(hasBadProof({ properties: { birthdate: rule('LOW') } })).toBe(false);
});
