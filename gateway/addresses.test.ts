/** Where a request comes from: proxies of ours are believed, and nobody else. */
import type { IncomingMessage } from 'node:http';
import { Addresses } from './addresses';

const OURS = new Addresses(['10.0.0.0/8', '192.0.2.1', 'fd00::/8']);
const from = (remoteAddress: string | undefined, forwarded?: string, addresses = OURS): string =>
  addresses.of({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } } as unknown as IncomingMessage);

it('is that of the connection where no proxy is trusted, or the connection is not from one', () => {
  expect(from('10.0.0.1', '198.51.100.7', new Addresses([]))).toBe('10.0.0.1');
  expect(from('198.51.100.1', '198.51.100.7')).toBe('198.51.100.1');
  expect(from('::ffff:198.51.100.1', '10.0.0.1')).toBe('198.51.100.1');
  expect(from('192.0.2.2', '198.51.100.7')).toBe('192.0.2.2');
  expect(from(undefined, '198.51.100.7')).toBe('');
});

it('is what the first of our proxies has heard', () => {
  expect(from('10.0.0.1', '198.51.100.7')).toBe('198.51.100.7');
  expect(from('::ffff:10.0.0.1', '198.51.100.7')).toBe('198.51.100.7');
  expect(from('192.0.2.1', '198.51.100.7, 10.1.1.1,::ffff:10.2.2.2')).toBe('198.51.100.7');
  expect(from('fd00::1', '2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2');
  expect(from('10.0.0.1', '10.0.0.2')).toBe('10.0.0.2');
});

it.each([
  ['an address of a client’s own, before what the proxy adds', '203.0.113.9, 198.51.100.7'],
  ['many of them', `${'203.0.113.9, '.repeat(500)}198.51.100.7`],
  ['a proxy of ours that a stranger names', '203.0.113.9, 10.0.0.9, 198.51.100.7'],
  ['no address at all', 'unknown, <script>, 198.51.100.7'],
])('cannot be made up: %s', (_, forwarded) => {
  expect(from('10.0.0.1', forwarded)).toBe('198.51.100.7');
});

it.each(['', 'unknown', '198.51.100.7, ', '198.51.100.7:4711', '198.51.100.7, 999.1.1.1', undefined])(
  'is the proxy where it says nothing that is an address: %p',
  forwarded => {
    expect(from('10.0.0.1', forwarded)).toBe('10.0.0.1');
  },
);

it('is a whole /64 of IPv6, however it is written', () => {
  const same = ['2001:db8::1', '2001:0db8:0:0:ffff::2', '2001:DB8:0:0:1:2:3:4'];
  expect(new Set(same.map(address => from(address)))).toEqual(new Set(['2001:db8:0:0']));
  expect(from('2001:db8:0:1::1')).toBe('2001:db8:0:1');
  expect(from('::1')).toBe('0:0:0:0');
});

it.each(['10.0.0.0/33', 'proxy', '10.0.0/8', '10.0.0.0/x', '/8'])(
  'a setting that is no network is refused: %s',
  one => {
    expect(() => new Addresses([one])).toThrow();
  },
);
