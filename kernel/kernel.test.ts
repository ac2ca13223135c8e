/** The small parts of the kernel that need no database. */
import fc from 'fast-check';
import { buildSchema, executeSync, parse } from 'graphql';
import { canonicalJson, checkChain, GENESIS, type Link, linkHash } from './chain';
import { addDays, dayOf } from './clock';
import { derive, knownSettings, optionalSetting, setting } from './config';
import { formatForClient } from './errors';
import { DateScalar, DateTimeScalar, JsonScalar } from './graph/scalars';
import { derivedId, isId, newId } from './ids';
import { languageOf } from './language';
import { lifecycle } from './lifecycle';
import { logger } from './log';
import { readCursor, signCursor } from './page';
import { ANONYMOUS, hasScopes, serviceOf, signPrincipal, verifyPrincipal } from './principal';
import { readTicket, signTicket } from './ticket';
import { stricterTrust, TrustLevel, trustGap, trustSuffices } from './trust';

describe('a lifecycle', () => {
  const door = lifecycle('Door', { de: 'Tür', en: 'Door' }, 'OPEN', {
    OPEN: { shut: 'SHUT' },
    SHUT: { open: 'OPEN', lock: 'LOCKED' },
    LOCKED: {},
  });

  test('goes only where its table leads, and names what is possible instead', () => {
    expect(door.step('SHUT', 'lock')).toBe('LOCKED');
    expect(() => door.step('OPEN', 'lock')).toThrow('INVALID_TRANSITION');
    const refused = (() => {
      try {
        door.step('SHUT', 'shut', ['open']);
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toMatchObject({ options: { allowedActions: ['open'] } });
  });

  test('prints itself as a picture', () => {
    expect(door.mermaid()).toContain('SHUT --> LOCKED: lock');
    expect(door.mermaid()).toContain('LOCKED --> [*]');
  });
});

describe('a hash chain', () => {
  const links: Link[] = [];
  for (const canonical of ['a', 'b', 'c']) {
    const previousHash = links.at(-1)?.hash ?? GENESIS;
    links.push({ sequence: links.length + 1, canonical, previousHash, hash: linkHash(previousHash, canonical) });
  }

  test('is valid as it was written', () => {
    expect(checkChain(links)).toEqual({ valid: true, length: 3, headHash: links[2]!.hash, brokenAt: null });
  });

  test.each([
    ['a changed entry', links.map(link => (link.sequence === 2 ? { ...link, canonical: 'x' } : link)), 2],
    ['a missing entry', [links[0]!, links[2]!], 3],
    ['two entries exchanged', [links[1]!, links[0]!, links[2]!], 2],
  ])('shows %s', (_, broken, brokenAt) => {
    expect(checkChain(broken)).toMatchObject({ valid: false, brokenAt });
  });

  test('writes the same content as the same text', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ä' }], a: undefined })).toBe('{"b":[1,{"c":"ä","d":null}]}');
  });
});

describe('a principal token', () => {
  const envelope = { principal: ANONYMOUS, requestId: 'r', language: 'de' as const };
  const secret = 'x'.repeat(32);

  test('tells one receiver who asks, for one body', async () => {
    const token = await signPrincipal(envelope, 'gateway', 'payment', secret, '{}');
    await expect(verifyPrincipal(token, 'gateway', 'payment', [secret], '{}')).resolves.toEqual(envelope);
    await expect(verifyPrincipal(token, 'gateway', 'payment', [secret], '{"a":1}')).rejects.toThrow();
    await expect(verifyPrincipal(token, 'gateway', 'payment', [secret])).rejects.toThrow();
    await expect(verifyPrincipal(token, 'gateway', 'identity', [secret], '{}')).rejects.toThrow();
    await expect(verifyPrincipal(token, 'catalogue', 'payment', [secret], '{}')).rejects.toThrow();
    await expect(verifyPrincipal(token, 'gateway', 'payment', ['y'.repeat(32)], '{}')).rejects.toThrow();
  });

  test('is accepted while either side has the new secret already, and not a moment after the old one is taken away', async () => {
    const next = 'n'.repeat(32);
    const old = signPrincipal(envelope, 'gateway', 'payment', secret, '{}');
    const fresh = signPrincipal(envelope, 'gateway', 'payment', next, '{}');
    for (const both of [
      [secret, next],
      [next, secret],
    ])
      for (const token of [old, fresh])
        await expect(verifyPrincipal(token, 'gateway', 'payment', both, '{}')).resolves.toEqual(envelope);
    await expect(verifyPrincipal(old, 'gateway', 'payment', [next], '{}')).rejects.toThrow();
    await expect(verifyPrincipal(fresh, 'gateway', 'payment', [], '{}')).rejects.toThrow();
  });

  test('of another kind is refused', async () => {
    const { decodeProtectedHeader, SignJWT, UnsecuredJWT } = await import('jose');
    const good = signPrincipal(envelope, 'gateway', 'payment', secret);
    const unsigned = new UnsecuredJWT({ p: ANONYMOUS, rid: 'r', lang: 'de' })
      .setIssuer('gateway')
      .setAudience('payment')
      .setExpirationTime('1m')
      .encode();
    await expect(verifyPrincipal(unsigned, 'gateway', 'payment', [secret])).rejects.toThrow();
    const untyped = await new SignJWT({ p: ANONYMOUS, rid: 'r', lang: 'de' })
      .setProtectedHeader({ alg: 'HS256', kid: decodeProtectedHeader(good).kid! })
      .setIssuer('gateway')
      .setAudience('payment')
      .setExpirationTime('1m')
      .sign(Buffer.from(derive(secret, 'principal')));
    await expect(verifyPrincipal(untyped, 'gateway', 'payment', [secret])).rejects.toThrow();
  });

  test('is refused when it is over, names nobody, or is changed anywhere', async () => {
    const { decodeJwt, decodeProtectedHeader, SignJWT } = await import('jose');
    const good = signPrincipal(envelope, 'gateway', 'payment', secret);
    const signed = (claims: object) =>
      new SignJWT({ ...decodeJwt(good), ...claims })
        .setProtectedHeader({ ...decodeProtectedHeader(good), alg: 'HS256' })
        .sign(Buffer.from(derive(secret, 'principal')));
    const verify = (token: string) => verifyPrincipal(token, 'gateway', 'payment', [secret]);
    const now = Math.floor(Date.now() / 1000);
    await expect(verify(await signed({ exp: now + 1 }))).resolves.toEqual(envelope);
    for (const wrong of [{ exp: now - 6 }, { exp: undefined }, { exp: `${now + 60}` }, { p: null }, { rid: undefined }])
      await expect(verify(await signed(wrong))).rejects.toThrow();
    for (const wrong of [{ aud: ['payment'] }, { aud: undefined }, { iss: undefined }])
      await expect(verify(await signed(wrong))).rejects.toThrow();
    for (const wrong of [
      '',
      '.',
      '..',
      `${good}.`,
      `${good}=`,
      good.slice(0, -1),
      `${good.split('.').slice(0, 2).join('.')}.`,
    ])
      await expect(verify(wrong)).rejects.toThrow();
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom('A', 'b', '_', '.'), async (at, other) => {
        fc.pre(good[at] !== other);
        await expect(verify(good.slice(0, at) + other + good.slice(at + 1))).rejects.toThrow();
      }),
      { numRuns: 500 },
    );
  });

  test('of a service names on whose behalf it asks, and never another service', () => {
    expect(serviceOf('payment', serviceOf('catalogue', ANONYMOUS))).toEqual({
      kind: 'service',
      subgraph: 'payment',
      onBehalfOf: ANONYMOUS,
    });
    expect(hasScopes(ANONYMOUS, [['staff:read']])).toBe(false);
  });
});

describe('signed texts', () => {
  test('a cursor fits its own list and subgraph only', () => {
    const cursor = signCursor('payment', 'fees', ['2026-01-01', 'x']);
    expect(readCursor('payment', 'fees', cursor)).toEqual(['2026-01-01', 'x']);
    expect(() => readCursor('payment', 'payments', cursor)).toThrow();
    expect(() => readCursor('catalogue', 'fees', cursor)).toThrow();
    expect(() => readCursor('payment', 'fees', `${cursor.slice(0, -2)}AA`)).toThrow();
    expect(() => readCursor('payment', 'fees', '💥')).toThrow();
  });

  test('a ticket ends with its time and fits its purpose only', () => {
    const ticket = signTicket('applications', 'upload', { id: '1' }, 60);
    expect(readTicket('applications', 'upload', ticket)).toEqual({ id: '1' });
    expect(readTicket('applications', 'download', ticket)).toBeNull();
    expect(readTicket('applications', 'upload', `${ticket}x`)).toBeNull();
    expect(readTicket('applications', 'upload', signTicket('applications', 'upload', {}, -1))).toBeNull();
  });
});

describe('values', () => {
  test('ids are UUIDs that sort by time, or follow from their parts', () => {
    const ids = [newId(), newId(), newId()];
    expect([...ids].sort()).toEqual(ids);
    expect(derivedId('a', 'b')).toBe(derivedId('a', 'b'));
    expect(derivedId('a', 'b')).not.toBe(derivedId('ab'));
    expect(isId(derivedId('a'))).toBe(true);
    expect(isId('1; DROP TABLE x')).toBe(false);
  });

  test('days are those of Berlin', () => {
    expect(dayOf(new Date('2026-06-30T22:30:00Z'))).toBe('2026-07-01');
    expect(dayOf(new Date('2026-12-31T22:30:00Z'))).toBe('2026-12-31');
    expect(addDays('2028-02-28', 2)).toBe('2028-03-01');
  });

  test('a day or moment out of the years 1000 to 9999, and JSON that cannot be stored or is too deep to walk, are malformed', () => {
    for (const day of ['0000-01-01', '0999-12-31']) expect(() => DateScalar.parseValue(day)).toThrow('no Date');
    expect(DateScalar.parseValue('9999-12-31')).toBe('9999-12-31');
    for (const moment of ['9999-12-31T23:59:59-00:01', '1000-01-01T00:00:00+00:01', '0000-06-01T00:00:00Z']) {
      expect(() => DateTimeScalar.parseValue(moment)).toThrow('no DateTime');
    }
    expect(DateTimeScalar.parseValue('9999-12-31T23:59:59Z').toISOString()).toBe('9999-12-31T23:59:59.000Z');
    const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}1${']'.repeat(levels)}`);
    const bad = ['a\u0000', { 'a\u0000': 1 }, ['\ud800'], { a: [Number.POSITIVE_INFINITY] }, deep(65), deep(20_000)];
    for (const value of bad) expect(() => JsonScalar.parseValue(value)).toThrow('no JSON');
    const good = JSON.parse('{"__proto__": {"x": [1e308, "👩‍🔧", null, true]}, "\u202e": -1}');
    expect(JsonScalar.parseValue(good)).toBe(good);
    expect(JsonScalar.parseValue(deep(64))).toEqual(deep(64));
  });

  test('an unknown trust level held counts as the lowest, an unknown need as the highest', () => {
    expect(trustSuffices(undefined, TrustLevel.LOW)).toBe(false);
    expect(trustSuffices(TrustLevel.SUBSTANTIAL, undefined)).toBe(false);
    expect(trustSuffices(TrustLevel.HIGH, undefined)).toBe(true);
    expect(stricterTrust(TrustLevel.LOW, TrustLevel.SUBSTANTIAL)).toBe(TrustLevel.SUBSTANTIAL);
    expect(stricterTrust(TrustLevel.LOW, null)).toBe(TrustLevel.HIGH);
  });

  test('the language is German unless English is preferred', () => {
    expect(languageOf(undefined)).toBe('de');
    expect(languageOf('fr,en;q=0.8,de;q=0.5')).toBe('en');
    expect(languageOf('en;q=0.3, de')).toBe('de');
  });
});

describe('settings', () => {
  const environment = { ...process.env };
  afterEach(() => {
    process.env = { ...environment };
  });

  test('production refuses to start with development keys and without its own', () => {
    process.env.NODE_ENV = 'production';
    for (const [name] of [...knownSettings()].filter(([, { mandatory }]) => mandatory)) {
      delete process.env[name];
      expect(() => setting(name)).toThrow(`${name} must be set in production`);
      process.env[name] = 'development-only-something-that-is-long-enough';
      expect(() => setting(name)).toThrow('development value');
    }
  });

  test('a malformed value is named, an unknown name is a mistake of ours', () => {
    process.env.GATEWAY_PORT = 'x';
    expect(() => setting('GATEWAY_PORT')).toThrow('GATEWAY_PORT is malformed');
    expect(() => optionalSetting('GATEWAY_PROT')).toThrow('not a known setting');
  });
});

test.each([
  ['Variable "$ars" got invalid value "9"; This is no Ars.', 'ars'],
  [
    'Variable "$input" got invalid value "; at \\"a\\"; Field \\"b\\" is" at "input.items[0].text"; …',
    'input.items[0].text',
  ],
  ['Variable "$input" got invalid value {}; Field "ars" of required type "Ars!" was not provided.', 'input.ars'],
  ['Variable "$input" got invalid value { a: 1 } at "input.in"; Field "a" is not defined by type "In".', 'input.in.a'],
  ['Variable "$input" of required type "In!" was not provided.', 'input'],
])('a coercion error names its place: %s', (message, field) => {
  const formatted = { message, extensions: { code: 'BAD_USER_INPUT' } };
  expect(formatForClient(formatted, null, {}, logger('test')).extensions).toMatchObject({ code: 'BAD_INPUT', field });
});

test('that more variables are wrong than graphql-js counts is an error of the request', () => {
  const schema = buildSchema('type Query { a(b: [Int!]): Int }');
  const document = parse('query($b: [Int!]) { a(b: $b) }');
  const variableValues = { b: Array.from({ length: 60 }, () => 'x') };
  const { errors } = executeSync({ schema, document, variableValues });
  const shown = errors!.map(error =>
    formatForClient({ ...error.toJSON(), extensions: { code: 'INTERNAL_SERVER_ERROR' } }, error, {}, logger('test')),
  );
  expect(shown.at(-1)!.extensions).toEqual({ code: 'BAD_INPUT', field: 'variables', retryable: false });
});

test('an error nobody knows shows a reference and nothing of what it was', () => {
  const shown = formatForClient(
    { message: 'relation "secret" does not exist', extensions: { code: 'INTERNAL_SERVER_ERROR' }, path: ['a'] },
    new Error('relation "secret" does not exist'),
    { requestId: 'r', language: 'en' },
    logger('test'),
  );
  expect(shown.extensions).toMatchObject({ code: 'INTERNAL', requestId: 'r', retryable: true });
  expect(JSON.stringify(shown)).not.toContain('secret');
});

test('tickets and cursors outlive a change of secrets, for as long as the old one is accepted', () => {
  const before = { ...process.env };
  try {
    const ticket = signTicket('payment', 'upload', { a: 1 }, 60);
    const cursor = signCursor('payment', 'list', [7]);
    process.env.PAYMENT_SECRET_ALSO = setting('PAYMENT_SECRET');
    process.env.PAYMENT_SECRET = 'the-new-secret-of-the-payment-subgraph';
    expect(readTicket('payment', 'upload', ticket)).toEqual({ a: 1 });
    expect(readCursor('payment', 'list', cursor)).toEqual([7]);
    delete process.env.PAYMENT_SECRET_ALSO;
    expect(readTicket('payment', 'upload', ticket)).toBeNull();
    expect(() => readCursor('payment', 'list', cursor)).toThrow();
  } finally {
    process.env = before;
  }
});

test('what a trust level lacks names the level needed, the level now, and the means; what is unknown counts against the asker', () => {
  expect(trustGap(TrustLevel.LOW, TrustLevel.HIGH)).toEqual({
    required: 'HIGH',
    current: 'LOW',
    means: 'Online-Ausweis (eID), eIDAS',
  });
  expect(trustGap(null, undefined)).toMatchObject({ required: 'HIGH', current: 'BASIC' });
  expect(trustGap('LEVEL-9' as TrustLevel, 'LEVEL-9' as TrustLevel)).toMatchObject({
    required: 'HIGH',
    current: 'BASIC',
  });
});
