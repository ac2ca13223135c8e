/** What passes and what does not, by real errors where they can be had. */
import net from 'node:net';
import { GraphQLError } from 'graphql';
import pg from 'pg';
import { QueryFailedError } from 'typeorm';
import { fetch } from 'undici';
import { graphError } from './errors';
import { reasonOf, willPass } from './failure';
import { Refusal, refuseCommon } from './refusal';

const ofDatabase = (code: string) => {
  const driver = Object.assign(new pg.DatabaseError('secret words', 1, 'error'), { code });
  return new QueryFailedError('SELECT secret', [], driver);
};
const failing = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

test.each([
  '08006',
  '25006',
  '25P02',
  '40001',
  '40P01',
  '53100',
  '53200',
  '53300',
  '55P03',
  '55006',
  '57014',
  '57P01',
  '57P03',
  '58030',
])('SQLSTATE %s passes', code => {
  expect(willPass(ofDatabase(code))).toBe(true);
  expect(reasonOf(ofDatabase(code))).toBe(code);
});

test.each(['22P02', '22003', '23505', '23502', '42501', '42P01', '54000', 'P0001', 'XX000'])(
  'SQLSTATE %s comes again',
  code => {
    expect(willPass(ofDatabase(code))).toBe(false);
    expect(reasonOf(ofDatabase(code))).toBe(code);
  },
);

test('a connection that is refused, cut or not answered in time passes', async () => {
  const server = net.createServer(socket => void socket.destroy()).listen(0, '127.0.0.1');
  await new Promise(resolve => server.once('listening', resolve));
  const { port } = server.address() as net.AddressInfo;
  const cut = await failing(fetch(`http://127.0.0.1:${port}/`));
  const cutOff = await failing(new pg.Client({ host: '127.0.0.1', port }).connect());
  await new Promise(resolve => server.close(resolve));
  const refused = await failing(fetch(`http://127.0.0.1:${port}/`));
  const unreachable = await failing(new pg.Client({ host: '127.0.0.1', port }).connect());
  const pool = new pg.Pool({ host: '127.0.0.1', port });
  await pool.end();
  const ended = await failing(pool.connect());
  const late = await failing(
    new Promise((_, reject) => reject(AbortSignal.abort(new DOMException('', 'TimeoutError')).reason)),
  );
  const both = new AggregateError([refused, new Error('other')]);
  const inside = new GraphQLError('no', { originalError: new Error('x', { cause: unreachable }) });
  for (const one of [cut, cutOff, refused, unreachable, ended, late, both, inside]) {
    expect([reasonOf(one), willPass(one)]).toEqual([expect.stringMatching(/^\w+$/), true]);
  }
  expect(reasonOf(refused)).toBe('ECONNREFUSED');
});

test('an ask that was not answered passes, and what was refused or is broken does not', () => {
  expect(willPass(refuseCommon('TRY_AGAIN'))).toBe(true);
  expect(willPass(graphError('SUBGRAPH_UNAVAILABLE'))).toBe(true);
  for (const one of [
    refuseCommon('VERSION_CONFLICT'),
    new Refusal('NO', { de: 'Nein', en: 'No' }),
    graphError('FORBIDDEN'),
    new TypeError('undefined is not a function'),
    Object.assign(new Error('x'), { code: 'ERR_INVALID_ARG_TYPE' }),
    Object.assign(new Error('x'), { code: 'ENOENT' }),
    'a text',
    null,
    undefined,
    42,
  ]) {
    expect([one, willPass(one)]).toEqual([one, false]);
    expect(reasonOf(one)).toMatch(/^\w{1,64}$/);
  }
});

test('a reason never has the words of an error, and a circle of causes ends', () => {
  const circle = new Error('Klara Muster');
  circle.cause = circle;
  expect(reasonOf(circle)).toBe('Error');
  expect(willPass(circle)).toBe(false);
  expect(reasonOf(Object.assign(new Error('x'), { code: 'Klara Muster, Musterstadt' }))).toBe('Error');
});
