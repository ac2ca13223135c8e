/** Access tokens that must open nothing, each wrong in one respect: what an attacker would try. */
import { KeyObject, sign } from 'node:crypto';
import type { CryptoKey, JWTPayload } from 'jose';
import { issuerOf } from '../../kernel/config';
import { AUDIENCE, type TestIssuer } from './issuer';

const now = (): number => Math.floor(Date.now() / 1000);
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const foreignKey = async () => (await (await import('jose')).generateKeyPair('ES256')).privateKey;

/** Good claims; what is said beside them is what `staff` would be let in by. */
const claimsFor = (issuer: TestIssuer): JWTPayload => ({
  iss: issuer.url,
  aud: AUDIENCE,
  sub: 'max',
  exp: now() + 300,
});

/** As the provider itself would sign, with whatever header and payload; jose would not make some of these. */
async function signed(
  issuer: TestIssuer,
  header: object,
  payload: string,
  key: CryptoKey = issuer.key,
): Promise<string> {
  const input = `${base64({ alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...header })}.${payload}`;
  const signature = sign('sha256', Buffer.from(input), { key: KeyObject.from(key), dsaEncoding: 'ieee-p1363' });
  return `${input}.${signature.toString('base64url')}`;
}

async function ownKey(): Promise<{ key: CryptoKey; jwk: object }> {
  const { exportJWK, generateKeyPair } = await import('jose');
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  return { key: privateKey, jwk: await exportJWK(publicKey) };
}

type Wrong = (issuer: TestIssuer) => Promise<string>;

const changed =
  (claims: JWTPayload): Wrong =>
  issuer =>
    issuer.token({ sub: 'max', ...claims });

export const WRONG_TOKENS: readonly (readonly [what: string, token: Wrong])[] = [
  ['alg none', async issuer => `${base64({ alg: 'none', typ: 'at+jwt' })}.${base64(claimsFor(issuer))}.`],
  ['alg None', async issuer => `${base64({ alg: 'None', typ: 'at+jwt' })}.${base64(claimsFor(issuer))}.`],
  [
    'HS256 with the public key as the secret',
    issuer => issuer.token({}, { alg: 'HS256' }, Buffer.from(issuer.publicPem)),
  ],
  ['an algorithm of another kind of key', async issuer => signed(issuer, { alg: 'RS256' }, base64(claimsFor(issuer)))],
  [
    'a key of its own in the header jwk',
    async issuer => {
      const { key, jwk } = await ownKey();
      return signed(issuer, { jwk, kid: undefined }, base64(claimsFor(issuer)), key);
    },
  ],
  ['keys of its own at jku', async issuer => issuer.token({}, { jku: 'http://127.0.0.1:1/jwks' }, await foreignKey())],
  [
    'a certificate of its own at x5u',
    async issuer => issuer.token({}, { x5u: 'http://127.0.0.1:1/c' }, await foreignKey()),
  ],
  ['a key id of another key', async issuer => issuer.token({}, { kid: 'k1' }, await foreignKey())],
  ['an unknown key id', issuer => issuer.token({ sub: 'max' }, { kid: 'k9' })],
  [
    'a key id that leads into the file system',
    async issuer => issuer.token({}, { kid: '../../dev/null' }, await foreignKey()),
  ],
  ['a key id that is no text', async issuer => signed(issuer, { kid: { $ne: '' } }, base64(claimsFor(issuer)))],
  [
    'a critical header that nobody knows',
    async issuer => signed(issuer, { crit: ['x'], x: 1 }, base64(claimsFor(issuer))),
  ],
  [
    'a payload that is not encoded (b64)',
    async issuer => signed(issuer, { crit: ['b64'], b64: false }, base64(claimsFor(issuer))),
  ],
  ['another audience', changed({ aud: 'https://other.example' })],
  ['no audience', changed({ aud: undefined })],
  ['another issuer', changed({ iss: 'https://evil.example' })],
  ['another population’s issuer', issuer => issuer.token({ sub: 'max', iss: issuerOf('staff') })],
  ['no issuer', changed({ iss: undefined })],
  ['an ID token', issuer => issuer.token({ sub: 'max', nonce: 'n' }, { typ: 'JWT' })],
  ['a logout token', issuer => issuer.token({ sub: 'max' }, { typ: 'logout+jwt' })],
  ['no type', issuer => issuer.token({ sub: 'max' }, { typ: undefined })],
  ['no expiry', changed({ exp: undefined })],
  ['an expiry that has passed', changed({ exp: now() - 61 })],
  [
    'an expiry that is text',
    async issuer => signed(issuer, {}, base64({ ...claimsFor(issuer), exp: String(now() + 300) })),
  ],
  ['not valid yet', changed({ nbf: now() + 600 })],
  ['issued in the future', changed({ iat: now() + 600 })],
  ['bound to a key that is not shown (DPoP)', changed({ cnf: { jkt: 'x' } })],
  ['no subject', changed({ sub: undefined })],
  ['an empty subject', changed({ sub: '' })],
  ['a subject that is no text', async issuer => signed(issuer, {}, base64({ ...claimsFor(issuer), sub: 4 }))],
  [
    'another payload under the same signature',
    async issuer => {
      const [header, , signature] = (await issuer.token()).split('.');
      return `${header}.${base64(claimsFor(issuer))}.${signature}`;
    },
  ],
  [
    'a signature of zeros',
    async issuer => {
      const [header, payload] = (await issuer.token({ sub: 'max' })).split('.');
      return `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`;
    },
  ],
  ['no signature', async issuer => `${(await issuer.token({ sub: 'max' })).split('.').slice(0, 2).join('.')}.`],
  ['words', async () => 'let-me-in'],
  ['five parts, as if encrypted', async issuer => `${await issuer.token({ sub: 'max' })}.x.y`],
  ['more than 8 KiB', async issuer => `${await issuer.token({ sub: 'max' })}${'x'.repeat(9000)}`],
];
