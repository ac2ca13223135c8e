/** What is set from outside counts in `npm start`, whatever the stack would have said. */
import { knownSettings } from '../kernel/config';
import { MUSTERSTADT } from './demo/facts';
import { environmentOf, portsFrom, simulatorsOf, withGiven } from './stack';

const settingsWith = async (given: Record<string, string> = {}) => {
  const usual = environmentOf(await portsFrom(5_100, given), MUSTERSTADT, '/data', 'postgres://here');
  const env = withGiven(usual, given);
  return { usual, env, simulators: simulatorsOf(usual, env) };
};
const listed = (text: string | undefined) => (text ?? '').split(',');

const PORT = /_PORT$|^MAIL_SINK_HTTP$/;
const LISTS = ['GATEWAY_ORIGINS', 'RETURN_URLS'];
/** What the start itself has made of them, in their own ways. */
const MADE = ['DATABASE_URL', 'DATA_DIR', 'GATEWAY_PORT'];

describe('each setting that the stack sets', () => {
  test('is a known one, and counts when it is given, and nothing else changes by it but what follows from it', async () => {
    const { usual } = await settingsWith();
    expect(Object.keys(usual).filter(name => !knownSettings().has(name))).toEqual([]);
    expect(Object.keys(usual).length).toBeGreaterThan(25);
    for (const name of Object.keys(usual).filter(one => !MADE.includes(one))) {
      const value = PORT.test(name) ? '7321' : `https://given.example/${name.toLowerCase()}`;
      const { env } = await settingsWith({ [name]: value });
      if (LISTS.includes(name)) expect([name, listed(env[name])]).toEqual([name, expect.arrayContaining([value])]);
      else expect([name, env[name]]).toEqual([name, value]);
      const changed = Object.keys(env).filter(one => env[one] !== usual[one] && one !== name);
      const follows =
        name === 'GATEWAY_PUBLIC_URL'
          ? LISTS
          : PORT.test(name)
            ? [name.replace('_PORT', '_URL'), name.replace('_PORT', '_PUBLIC_URL')]
            : [];
      expect([name, changed.filter(one => !follows.includes(one))]).toEqual([name, []]);
    }
  });

  test('is what the start has made of it: database, folder and port', async () => {
    const { usual, env } = await settingsWith(Object.fromEntries(MADE.map(name => [name, 'other'])));
    for (const name of MADE) expect(env[name]).toBe(usual[name]);
  });

  test('follows a port that is given', async () => {
    const { env } = await settingsWith({ IDENTITY_PORT: '7321' });
    expect([env.IDENTITY_URL, env.IDENTITY_PUBLIC_URL]).toEqual(['http://localhost:7321', 'http://localhost:7321']);
    const public_ = await settingsWith({ IDENTITY_PORT: '7321', IDENTITY_PUBLIC_URL: 'https://id.example' });
    expect(public_.env.IDENTITY_PUBLIC_URL).toBe('https://id.example');
  });
});

describe('lists of addresses', () => {
  test('let front ends of development in', async () => {
    const { env } = await settingsWith();
    const front = ['http://localhost:5173', 'http://localhost:3000'];
    expect(listed(env.GATEWAY_ORIGINS)).toEqual(['http://localhost:5100', ...front]);
    expect(listed(env.RETURN_URLS)).toEqual(expect.arrayContaining(['http://localhost:5100/graphql', ...front]));
  });

  test('are those that are given, with the playground’s own', async () => {
    const { env } = await settingsWith({
      GATEWAY_ORIGINS: 'http://a.example',
      RETURN_URLS: 'http://a.example/x, http://b.example/y',
    });
    expect(listed(env.GATEWAY_ORIGINS)).toEqual(['http://a.example', 'http://localhost:5100']);
    expect(listed(env.RETURN_URLS)).toEqual([
      'http://a.example/x',
      'http://b.example/y',
      'http://localhost:5100/graphql',
    ]);
  });
});

test.each([
  [{}, ['openid', 'payment', 'register', 'mail']],
  [{ PAYMENT_PROVIDER_URL: 'http://localhost:9999' }, ['openid', 'register', 'mail']],
  [{ SMTP_URL: 'smtp://localhost:1025' }, ['openid', 'payment', 'register']],
  [{ HANDOVER_SYSTEMS: '[]' }, ['openid', 'payment', 'mail']],
  [{ STAFF_ISSUER: 'https://keycloak.example/realms/staff' }, ['openid', 'payment', 'register', 'mail']],
  [
    {
      STAFF_ISSUER: 'https://k.example/s',
      CITIZEN_ISSUER: 'https://k.example/c',
      ORGANISATION_ISSUER: 'https://k.example/o',
    },
    ['payment', 'register', 'mail'],
  ],
])(
  'with %j what is simulated is %j: nothing listens at an address that somebody else has',
  async (given, simulated) => {
    expect((await settingsWith(given as Record<string, string>)).simulators).toEqual(simulated);
  },
);
