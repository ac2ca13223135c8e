/** docker-compose.yml as far as it can be checked without a Docker engine: commands, ports and names the configuration knows. */
import fs from 'node:fs';
import path from 'node:path';
import YAML from 'yaml';
import { knownSettings, POPULATIONS, SUBGRAPHS } from '../kernel/config';

interface Service {
  build?: string;
  image?: string;
  command?: string[];
  environment?: Record<string, string>;
  ports?: string[];
}

const ROOT = path.join(__dirname, '..');
const { services } = YAML.parse(fs.readFileSync(path.join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
};
const ours = Object.entries(services).filter(([, service]) => service.build);
const settings = knownSettings();

test('has every process of the platform and what lies outside', () => {
  expect(Object.keys(services)).toEqual(
    expect.arrayContaining(['postgres', 'migrate', ...SUBGRAPHS, 'gateway', 'keycloak', 'mailpit', 'minio', 'nats']),
  );
});

test.each(ours)('%s runs a file that is there and that the image contains', (_, { command }) => {
  const [file, ...args] = command!;
  expect(fs.existsSync(path.join(ROOT, file!))).toBe(true);
  const copied = [...fs.readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').matchAll(/^COPY (\w+) \.\//gm)].map(
    match => match[1],
  );
  expect(copied).toContain(file!.split('/')[0]);
  if (file === 'subgraphs/main.ts') expect(SUBGRAPHS).toContain(args[0]);
});

test.each(ours)('%s sets only names that the configuration knows', (_, { environment = {} }) => {
  expect(Object.keys(environment).filter(name => !settings.has(name))).toEqual([]);
});

test.each(ours)('%s publishes and is reached on the ports it listens on', (name, { environment = {}, ports = [] }) => {
  if (name === 'migrate') return expect(ports).toEqual([]);
  const own = environment[`${name.toUpperCase()}_PORT`];
  expect(own).toBe(settings.get(`${name.toUpperCase()}_PORT`)?.fallback);
  for (const published of ports) expect(published).toBe(`${own}:${own}`);
  const url = services.gateway!.environment![`${name.toUpperCase()}_URL`];
  if (name !== 'gateway') expect(url).toBe(`http://${name}:${own}`);
});

test('every setting that production must have is set where it is needed', () => {
  const set = new Set(ours.flatMap(([, { environment = {} }]) => Object.keys(environment)));
  const demanded = [...settings].filter(([, { mandatory }]) => mandatory).map(([name]) => name);
  expect(demanded.length).toBeGreaterThan(5);
  expect(demanded.filter(name => !set.has(name))).toEqual([]);
});

test('PostgreSQL writes no errors to its log, which would quote what is in the rows', () => {
  expect(services.postgres!.command).toEqual(expect.arrayContaining(['log_min_messages=log']));
});

/** A realm of Keycloak's import format, as far as it is read here. */
interface Realm {
  readonly clientScopes: readonly { name: string; protocolMappers?: readonly { config: Record<string, string> }[] }[];
  readonly clients: readonly {
    clientId: string;
    secret?: string;
    redirectUris?: readonly string[];
    attributes: Record<string, string>;
    defaultClientScopes: readonly string[];
    optionalClientScopes?: readonly string[];
  }[];
}

describe.each(POPULATIONS)('the realm of %s', population => {
  const realm = JSON.parse(fs.readFileSync(path.join(ROOT, `deploy/keycloak/${population}.json`), 'utf8')) as Realm;
  const scopes = new Map(realm.clientScopes.map(scope => [scope.name, scope]));
  const platform = realm.clients.find(({ clientId }) => clientId === 'platform')!;

  test('has every scope its clients name: a realm that brings any gets none of Keycloak’s own', () => {
    const named = realm.clients.flatMap(client => [
      ...client.defaultClientScopes,
      ...(client.optionalClientScopes ?? []),
    ]);
    expect(named.filter(name => !scopes.has(name))).toEqual([]);
  });

  test('tells in both tokens who somebody is, and whether their address is verified', () => {
    const told = platform.defaultClientScopes.flatMap(name => scopes.get(name)?.protocolMappers ?? []);
    const claims = told.filter(
      ({ config }) => config['access.token.claim'] === 'true' && config['id.token.claim'] === 'true',
    );
    expect(claims.map(({ config }) => config['claim.name'])).toEqual(
      expect.arrayContaining(['given_name', 'family_name', 'email', 'email_verified']),
    );
    expect(told.map(({ config }) => config['included.custom.audience'])).toContain(
      settings.get('OPENID_AUDIENCE')!.fallback,
    );
  });

  test('lets the platform in as it comes: with PKCE, one exact address, a secret from outside, typed access tokens', () => {
    expect(platform).toMatchObject({
      secret: `\${${population.toUpperCase()}_CLIENT_SECRET}`,
      redirectUris: [`http://localhost:4002/sign-in/callback/${population}`],
      attributes: { 'pkce.code.challenge.method': 'S256', 'access.token.header.type.rfc9068': 'true' },
    });
    expect(realm).toMatchObject({ revokeRefreshToken: true, refreshTokenMaxReuse: 0 });
  });
});
