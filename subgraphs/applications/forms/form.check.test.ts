/** What a form's schema says is checked as it says, and nothing that an editor or an applicant writes keeps the process busy. */
import { newId } from '../../../kernel/ids';
import { areAnswers, formProblems, schemaProblem } from './form.check';
import { isMultiple } from './form.decimal';

type Json = Record<string, unknown>;
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });

function problems(schema: Json, answers: Json): string[] {
  expect(schemaProblem(schema)).toBeNull();
  return formProblems({ hash: newId(), schema }, answers).map(({ path, code }) => `${path} ${code}`);
}

/** The CPU that it takes, in milliseconds. */
function cpu<T>(work: () => T): { result: T; took: number } {
  const began = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(began);
  return { result, took: (user + system) / 1000 };
}

describe('multiples are those of decimal numbers', () => {
  const amount = object({ amount: { type: 'number', multipleOf: 0.01 } });
  test.each([19.99, 4.35, 1.1, 0.07, 0, -0, -19.99, 1e21, 123456789.01, 1.005e3, 9007199254740991, 1e308])(
    '%d is one of 0.01',
    value => {
      expect(problems(amount, { amount: value })).toEqual([]);
    },
  );
  test.each([4.355, 0.001, -4.355, 1e-9, 19.990000001, 5e-324, 1234567.891])('%d is none of 0.01', value => {
    expect(problems(amount, { amount: value })).toEqual(['/amount INVALID']);
  });
  test('of other numbers too', () => {
    for (const [value, of] of [
      [0.3, 0.1],
      [1.5e-7, 1e-8],
      [10, 2.5],
      [1e300, 1e-300],
      [0.000001, 1e-7],
      [7, 1],
    ] as const) {
      expect([value, of, isMultiple(value, of)]).toEqual([value, of, true]);
      expect([value, of, isMultiple(value, of * 11)]).toEqual([value, of, false]);
    }
  });
});

describe('formats', () => {
  test.each([
    ['date', '2026-02-28', '2026-02-30'],
    ['time', '12:00:00Z', '25:00:00Z'],
    ['date-time', '2026-02-28T12:00:00Z', '2026-02-28'],
    ['email', 'klara@amt.example', 'klara'],
    ['uri', 'https://amt.example/', 'amt'],
    ['uuid', '018f3c2e-7b1a-7c11-8a55-0123456789ab', '018f'],
    ['ipv4', '192.0.2.1', '192.0.2.256'],
    ['hostname', 'amt.example', '-amt'],
    ['duration', 'P3D', '3 Tage'],
  ])('%s is checked', (format, good, bad) => {
    const schema = object({ a: { type: 'string', format } });
    expect(problems(schema, { a: good })).toEqual([]);
    expect(problems(schema, { a: bad })).toEqual(['/a WRONG_FORMAT']);
  });

  test.each(['iban', 'phone', 'idn-email', 'Date', 'data', 'password', 'binary', '', '__proto__', 'toString'])(
    '"%s", which nobody would check, is not registered, wherever it stands',
    format => {
      const rule = { type: 'string', format };
      for (const schema of [
        object({ a: rule }),
        object({ a: { type: 'array', items: { anyOf: [{ type: 'number' }, rule] } } }),
        object({}, { $defs: { a: rule } }),
        object({}, { patternProperties: { a: rule } }),
        object({}, { if: { properties: { b: {} } }, else: object({ a: rule }) }),
        object({}, { additionalProperties: rule }),
        object({}, { propertyNames: rule }),
      ]) {
        expect(schemaProblem(schema)).toBe('format');
      }
    },
  );

  test('a field that is called format, and values that hold one, are none', () => {
    const schema = object({
      format: { type: 'string', enum: ['A4'], default: { format: 'x', pattern: '(' } },
      pattern: { const: { format: 'y' } },
    });
    expect(problems(schema, { format: 'A4' })).toEqual([]);
  });

  test('a long text in any format takes no time', () => {
    for (const format of ['url', 'uri', 'email', 'uri-template', 'regex', 'byte', 'hostname']) {
      for (const text of [
        `http://${':'.repeat(100_000)}`,
        'a@'.repeat(50_000),
        '{a'.repeat(50_000),
        '(a'.repeat(50_000),
      ]) {
        const { result, took } = cpu(() => problems(object({ a: { type: 'string', format } }), { a: text }));
        expect(result).toEqual(['/a WRONG_FORMAT']);
        expect(took).toBeLessThan(2_000);
      }
    }
  });
});

describe('patterns', () => {
  test.each([
    ['^([a-z]+ ?)+$', `${'a'.repeat(28)}!`],
    ['^(a+)+$', `${'a'.repeat(50_000)}!`],
    ['^(a|aa)+$', `${'a'.repeat(50_000)}!`],
    ['(x+x+)+y', 'x'.repeat(50_000)],
    ['^(.*)*$', `${'a'.repeat(50_000)}\n`],
    ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(50_000)],
    ['\\s+$', `${' '.repeat(50_000)}x`],
    ['(.*,){10}x', '1,'.repeat(25_000)],
  ])('%s never blocks', (pattern, text) => {
    const schemas = [
      object({ a: { type: 'string', pattern } }),
      object({
        a: { type: 'object', patternProperties: { [pattern]: { type: 'string' } }, additionalProperties: false },
      }),
      object({ a: { type: 'object', propertyNames: { pattern } } }),
    ];
    for (const [i, schema] of schemas.entries()) {
      const { result, took } = cpu(() => problems(schema, { a: i === 0 ? text : { [text]: '' } }));
      expect(result).toHaveLength(1);
      expect(took).toBeLessThan(3_000);
    }
  });

  test('that are many, on answers that are long, end with a word about it', () => {
    const slow = Object.fromEntries(
      Array.from({ length: 200 }, (_, i) => [`f${i}`, { type: 'string', pattern: `(a|b|c).{200}(d|e).{${i}}f$` }]),
    );
    const text = Array.from({ length: 600 }, (_, i) => 'abcdefgh'[(i * 7 + (i >> 3)) % 8]).join('');
    const answers = Object.fromEntries(Object.keys(slow).map(key => [key, text]));
    const { result, took } = cpu(() => problems(object(slow), answers));
    expect(result).toEqual([' TOO_LARGE']);
    expect(took).toBeLessThan(10_000);
  });

  test.each([
    ['^[0-9]{5}$', '24103', '2410'],
    ['^\\d{2,}$', '12', '٣٣'],
    ["^\\p{L}[\\p{L}\\p{M}' -]*$", 'Zoë', '1'],
    ['^\\p{Script=Greek}+$', 'αβ', 'ab'],
    ['^\\u00e4\\u{1F600}$', 'ä😀', 'a😀'],
    ['^.$', '😀', 'ab'],
    ['^a\\/b-c$', 'a/b-c', 'a/b'],
    ['^(?<year>\\d{4})$', '2026', '26'],
    ['Kiel', 'in Kiel, Markt', 'in Plön'],
    ['^\\S+$', 'ab', 'a\u00a0b'],
    ['^\\s+$', '\u00a0\u000b\u3000\ufeff\u2028', 'a'],
    ['^[^\\s,]+$', 'ab', 'a\u2003b'],
    ['^[\\s\\S]$', '\u00a0', ''],
    ['^[^\\S]$', '\u00a0', 'a'],
    ['^.$', 'ä', '\u2028'],
    ['^.+$', 'a b', 'a\rb'],
    ['^[.]\\.$', '..', 'a.'],
    ['^\\\\s$', '\\s', '\\ '],
  ])('%s means what it means to portals', (pattern, good, bad) => {
    const schema = object({ a: { type: 'string', pattern } });
    expect([new RegExp(pattern, 'u').test(good), new RegExp(pattern, 'u').test(bad)]).toEqual([true, false]);
    expect(problems(schema, { a: good })).toEqual([]);
    expect(problems(schema, { a: bad })).toEqual(['/a WRONG_FORMAT']);
  });

  test.each([
    '(',
    '(?=a)',
    '(?!a)b',
    '(?<!a)b',
    '(a)\\1',
    '\\k<a>',
    'a{1001}',
    '[z-a]',
    `(${'a{0,99}'.repeat(60)})`,
    'a'.repeat(501),
    '(?i)a',
    '\\Aa',
  ])('%s is not registered', pattern => {
    expect(schemaProblem(object({ a: { type: 'string', pattern } }))).toBe('pattern');
    expect(schemaProblem(object({}, { allOf: [{ patternProperties: { [pattern]: true } }] }))).toBe('pattern');
  });
});

describe('references', () => {
  test('to a part, and of a part to itself for what it holds, are followed', () => {
    const tree = {
      type: 'object',
      properties: { name: { type: 'string' }, parts: { type: 'array', items: { $ref: '#/$defs/tree' } } },
      required: ['name'],
    };
    const schema = object({ a: { $ref: '#/$defs/tree' }, 'b/c': { $ref: '#/properties/a' } }, { $defs: { tree } });
    expect(problems(schema, { a: { name: 'x', parts: [{ name: 'y', parts: [{}] }] } })).toEqual([
      '/a/parts/0/parts/0/name REQUIRED',
    ]);
  });

  test.each<[string, Json]>([
    ['in a circle', object({}, { allOf: [{ $ref: '#' }] })],
    [
      'in a circle of several',
      object(
        { a: { $ref: '#/$defs/b' } },
        { $defs: { b: { anyOf: [{ $ref: '#/$defs/c' }] }, c: { not: { $ref: '#/$defs/b' } } } },
      ),
    ],
    ['in a circle through conditions', object({}, { if: true, else: { dependentSchemas: { a: { $ref: '#' } } } })],
    ['to itself', object({ a: { $ref: '#/properties/a' } })],
    ['to nowhere', object({ a: { $ref: '#/$defs/none' } })],
    ['to a value', object({ a: { $ref: '#/properties/b/default' }, b: { default: { $ref: '#' } } })],
    ['to the outside', object({ a: { $ref: 'https://evil.example/schema' } })],
    ['to a file', object({ a: { $ref: 'file:///etc/passwd' } })],
    ['that only the check finds', object({ a: { $dynamicRef: '#a' } }, { $dynamicAnchor: 'a' })],
    ['under another name', object({ a: { $id: 'https://evil.example/', $ref: '#/properties' } })],
  ])('%s are not registered', (_, schema) => {
    expect(schemaProblem(schema)).toBe('reference');
  });

  test('that double without end are not followed without end', () => {
    const $defs = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [
        `d${i}`,
        i === 59 ? { type: 'string' } : { allOf: [{ $ref: `#/$defs/d${i + 1}` }, { $ref: `#/$defs/d${i + 1}` }] },
      ]),
    );
    const { result, took } = cpu(() => problems(object({ a: { $ref: '#/$defs/d0' } }, { $defs }), { a: 1 }));
    expect(result).toEqual([' TOO_LARGE']);
    expect(took).toBeLessThan(5_000);
  });
});

test('a form whose check would answer later is not registered', () => {
  for (const value of [true, false, 1]) {
    expect(schemaProblem({ ...object({ a: { type: 'string' } }), $async: value })).toBe('schema');
    expect(schemaProblem(object({ a: { type: 'string', $async: value } }))).toBe('schema');
  }
});

test('numbers beyond all bounds are answered, and no form asks for them', () => {
  const huge = JSON.parse('1e400');
  expect(problems(object({ a: { type: 'number', multipleOf: 0.01 } }), { a: huge })).toEqual(['/a WRONG_TYPE']);
  expect(problems(object({ a: { type: 'integer' } }), { a: huge })).toEqual(['/a WRONG_TYPE']);
  expect(problems(object({ a: { multipleOf: 0.01 } }), { a: huge })).toEqual([]); // no number of JSON Schema
  expect(schemaProblem(object({ a: { multipleOf: huge } }))).toBe('schema');
});

test('long lists are checked in bounded time and memory', () => {
  const unique = object({ a: { type: 'array', uniqueItems: true } });
  const many = Array.from({ length: 14_000 }, (_, i) => [i]);
  expect(areAnswers({ a: many })).toBe(true);
  expect(problems(unique, { a: [[1], [2], [1]] })).toEqual(['/a INVALID']);
  expect(
    problems(unique, {
      a: [
        { b: 1, c: 2 },
        { c: 2, b: 1 },
      ],
    }),
  ).toEqual(['/a INVALID']);
  const distinct = cpu(() => problems(unique, { a: many }));
  expect(distinct.result).toEqual([]);
  expect(distinct.took).toBeLessThan(3_000);
  const strict = object({
    a: { type: 'array', items: { allOf: Array.from({ length: 2_000 }, () => ({ type: 'string' })) } },
  });
  const wrong = cpu(() => problems(strict, { a: Array.from({ length: 60_000 }, () => 1) }));
  expect(wrong.result).toEqual([' TOO_LARGE']);
  expect(wrong.took).toBeLessThan(3_000);
  const fifty = problems(object({ a: { type: 'array', items: { type: 'string' } } }), {
    a: Array.from({ length: 60_000 }, () => 1),
  });
  expect(fifty).toHaveLength(50);
});

test('a large form compiles in bounded time', () => {
  const fields = Object.fromEntries(
    Array.from({ length: 1_500 }, (_, i) => [`f${i}`, { type: 'string', format: 'date' }]),
  );
  const { result, took } = cpu(() => problems(object(fields), { f0: 'x', f1499: 'x' }));
  expect(result).toEqual(['/f0 WRONG_FORMAT', '/f1499 WRONG_FORMAT']);
  expect(took).toBeLessThan(20_000);
});
