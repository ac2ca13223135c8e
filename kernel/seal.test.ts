/** Sealing: only the reader opens it, and nobody once the salt is forgotten. */
import { subgraphConfig } from './config';
import { newSalt, seal, sealingKey, unseal } from './seal';

test('what is sealed for one reader is opened by that reader alone', () => {
  const salt = newSalt();
  const value = { name: 'Klara Müller', list: [1, 'zwei', null] };
  const sealed = seal(sealingKey('identity', salt), value);
  expect(unseal('identity', salt, sealed)).toEqual(value);
  expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('Klara');
  expect(seal(sealingKey('identity', salt), value)).not.toBe(sealed);
  expect(() => unseal('identity', newSalt(), sealed)).toThrow();
  expect(() => unseal('payment', salt, sealed)).toThrow();
});

test('what was changed on its way does not open', () => {
  const salt = newSalt();
  const sealed = Buffer.from(seal(sealingKey('identity', salt), 'text'), 'base64url');
  for (const place of [0, 50, 60, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[place] = changed[place]! ^ 1;
    expect(() => unseal('identity', salt, changed.toString('base64url'))).toThrow();
  }
});

test('what was sealed before the secret changed opens as long as the one before is accepted', () => {
  const before = process.env.IDENTITY_SECRET;
  const salt = newSalt();
  const sealed = seal(sealingKey('identity', salt), 'text');
  try {
    process.env.IDENTITY_SECRET_ALSO = subgraphConfig('identity').secret;
    process.env.IDENTITY_SECRET = 'another-secret-that-is-long-enough-for-it';
    expect(unseal('identity', salt, sealed)).toBe('text');
    delete process.env.IDENTITY_SECRET_ALSO;
    expect(() => unseal('identity', salt, sealed)).toThrow();
  } finally {
    delete process.env.IDENTITY_SECRET_ALSO;
    if (before === undefined) delete process.env.IDENTITY_SECRET;
    else process.env.IDENTITY_SECRET = before;
  }
});
