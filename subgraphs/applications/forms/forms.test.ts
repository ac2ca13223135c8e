import { newId } from '../../../kernel/ids';
import { ANONYMOUS, staff } from '../../../tests/setup/subgraph';
import { AUTHORITY, type Stage, stage } from '../testing';
import { formProblems, schemaProblem } from './form.check';
import { formHash } from './form.service';

const REGISTER = `mutation ($input: RegisterFormInput!) { registerForm(input: $input) { form { id title hash schema uiSchema } refusal { code problems { path } } } }`;
const schema = {
  type: 'object',
  properties: { zebra: { type: 'string' }, apple: { type: 'number' } },
  required: ['zebra'],
};
const uiSchema = { order: ['zebra', 'apple'] };

describe('forms', () => {
  let at: Stage;
  const erika = staff({ authorityId: AUTHORITY, scopes: ['catalogue:edit'] });
  beforeAll(async () => {
    at = await stage();
    await at.subgraph.publish('identity', 'staff.changed', erika.staffMemberId, {
      staffMemberId: erika.staffMemberId,
      authorityId: AUTHORITY,
      departmentId: null,
      scopes: erika.scopes,
      active: true,
    });
  });
  afterAll(() => at.stop());

  const register = (given: object = {}, by = erika) =>
    at.subgraph
      .as(by)
      .query(REGISTER, { input: { title: 'Gewerbe', schema, uiSchema, idempotencyKey: newId(), ...given } });

  test('the same content is the same form, and anybody may read it, its fields in their order', async () => {
    const one = (await register()).data.registerForm.form;
    expect(one.hash).toBe(formHash(schema, uiSchema));
    expect((await register()).data.registerForm.form.id).toBe(one.id);
    expect((await register({ uiSchema: { order: [] } })).data.registerForm.form.id).not.toBe(one.id);
    const { data } = await at.subgraph
      .as(ANONYMOUS)
      .query('query ($id: ID!) { form(id: $id) { id schema } }', { id: one.id });
    expect(JSON.stringify(data.form.schema)).toBe(JSON.stringify(schema));
    const none = await at.subgraph.as(ANONYMOUS).query('query ($id: ID!) { form(id: $id) { id } }', { id: newId() });
    expect(none.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test('only editors of the catalogue register', async () => {
    expect((await register({}, at.max)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
    const left = staff({ authorityId: AUTHORITY, scopes: ['catalogue:edit'] });
    expect((await register({}, left)).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test('a schema that is none, is too large, points elsewhere or could run for ever is refused', async () => {
    const bad = [
      { type: 'string' },
      { type: 'object', properties: { a: { type: 'nonsense' } } },
      { type: 'object', properties: { a: { $ref: 'https://evil.example/schema' } } },
      { type: 'object', properties: { a: { type: 'string', pattern: '^(?=a)a$' } } },
      { type: 'object', properties: { a: { type: 'string', pattern: '(' } } },
      { type: 'object', patternProperties: { '(a)\\1': { type: 'string' } } },
      { type: 'object', properties: { a: { type: 'string', format: 'iban-de' } } },
      { type: 'object', properties: { a: { 'x-proven': { attribute: 'email', trustLevel: 'GREAT' } } } },
      { type: 'object', description: 'x'.repeat(70_000) },
    ];
    for (const one of bad) {
      expect((await register({ schema: one })).data.registerForm).toMatchObject({
        form: null,
        refusal: { code: 'BAD_SCHEMA' },
      });
    }
    let deep: object = { type: 'object' };
    for (let i = 0; i < 60; i++) deep = { type: 'object', properties: { a: deep } };
    expect(schemaProblem(deep)).toBe('size');
    expect((await register({ title: ' ' })).errors?.[0]?.extensions.field).toBe('input.title');
  });

  test('problems are JSON pointers into the answers, in both languages', () => {
    const form = {
      hash: newId(),
      schema: {
        type: 'object',
        properties: {
          'a/b': { type: 'object', properties: { 'c~d': { type: 'string', format: 'date' } }, required: ['e'] },
          list: { type: 'array', items: { type: 'integer', minimum: 1 } },
        },
        required: ['a/b'],
      },
    };
    expect(formProblems(form, {}).map(({ path, code }) => [path, code])).toEqual([['/a~1b', 'REQUIRED']]);
    const found = formProblems(form, { 'a/b': { 'c~d': '30.02.2026' }, list: [1, 0] });
    expect(found.map(({ path, code }) => [path, code]).sort()).toEqual([
      ['/a~1b/c~0d', 'WRONG_FORMAT'],
      ['/a~1b/e', 'REQUIRED'],
      ['/list/1', 'TOO_SMALL'],
    ]);
    expect(found.every(({ text }) => text.de !== text.en)).toBe(true);
    expect(formProblems(form, { 'a/b': { e: 1 }, __proto__: { x: 1 } })).toEqual([]);
  });
});
