import { createHmac, randomBytes } from 'node:crypto';
import { macOf } from './mac';

const ofNode = (secret: string, text: string) => createHmac('sha256', secret).update(text).digest('base64url');

it('is the HMAC of Node for secrets and texts of all lengths, one after the other', () => {
  for (const bytes of [1, 31, 32, 48, 63, 64, 65, 200]) {
    const secret = randomBytes(bytes).toString('base64url').slice(0, bytes);
    const mac = macOf(secret);
    for (const length of [0, 1, 55, 64, 700, 2048, 2049, 5000, 3]) {
      const text = randomBytes(length).toString('base64url').slice(0, length);
      expect(mac(text)).toBe(ofNode(secret, text));
    }
  }
});

it('takes bytes, not characters', () => {
  expect(macOf('Schlüssel')('Straße €')).toBe(ofNode('Schlüssel', 'Straße €'));
});
