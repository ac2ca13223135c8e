/** The order in which the addresses of a server that runs several times are tried. */
import { addressesIn, Replicas } from './replicas';

it('takes each in turn, and for a while those last that turned somebody away', () => {
  let time = 0;
  const replicas = new Replicas(['a', 'b', 'c'], () => time);
  expect([replicas.inTurn(), replicas.inTurn(), replicas.inTurn()].map(order => order.join(''))).toEqual([
    'bca',
    'cab',
    'abc',
  ]);
  replicas.avoid('b');
  expect([replicas.inTurn(), replicas.inTurn(), replicas.inTurn()].map(order => order.join(''))).toEqual([
    'cab',
    'cab',
    'acb',
  ]);
  time = 1_000;
  expect(replicas.inTurn().join('')).toBe('bca');
});

it('has no choice with one', () => {
  const replicas = new Replicas(['a']);
  replicas.avoid('a');
  expect([replicas.inTurn(), replicas.inTurn()]).toEqual([['a'], ['a']]);
});

it('reads addresses as they are written', () => {
  expect(addressesIn('http://a:1/, http://b:2,')).toEqual(['http://a:1', 'http://b:2']);
});
