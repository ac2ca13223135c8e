/** The settings, read and checked in one place; nothing else reads `process.env`. */
import { createHmac } from 'node:crypto';
import { addressesIn } from './replicas';
import { POPULATIONS, type Population, PROVIDERS, SETTINGS, SUBGRAPHS, type SubgraphName, UPPER } from './settings';

export { POPULATIONS, type Population, SUBGRAPHS, type SubgraphName } from './settings';

export type Environment = 'development' | 'test' | 'production';

/** Names and meanings of all settings, for docs and for the check of docker-compose.yml. */
export function knownSettings(): ReadonlyMap<
  string,
  { what: string; fallback: string | undefined; mandatory: boolean }
> {
  return new Map(
    Object.entries(SETTINGS).map(([name, { what, fallback, production }]) => [
      name,
      { what, fallback, mandatory: production !== undefined },
    ]),
  );
}

/** @throws Error naming the variable when it is missing, malformed, or left at its development value in production. */
export function setting(name: string): string {
  const value = optionalSetting(name);
  if (value === undefined) throw new Error(`${name} is not set (${SETTINGS[name]?.what}).`);
  return value;
}

/** Like {@link setting}, but `undefined` when the variable is not set and has no fallback. */
export function optionalSetting(name: string): string | undefined {
  const known = SETTINGS[name];
  if (!known) throw new Error(`${name} is not a known setting; add it to kernel/settings.ts.`);
  const given = process.env[name] || undefined;
  const production = process.env.NODE_ENV === 'production';
  if (given === undefined && production && known.production) {
    throw new Error(`${name} must be set in production (${known.what}).`);
  }
  if (production && given?.startsWith('development-only')) {
    throw new Error(`${name} is a development value and refused in production.`);
  }
  const value = given ?? known.fallback;
  if (value !== undefined && known.check && !known.check(value)) {
    throw new Error(`${name} is malformed (${known.what}).`);
  }
  return value;
}

/** What is set from outside, whatever it is. */
export const givenSettings = (): Record<string, string> =>
  Object.fromEntries(
    Object.keys(SETTINGS).flatMap(name => {
      const value = process.env[name];
      return value ? [[name, value]] : [];
    }),
  );

export const environment = (): Environment => setting('NODE_ENV') as Environment;
export const isProduction = (): boolean => environment() === 'production';
export const listSetting = (name: string): string[] =>
  setting(name)
    .split(',')
    .map(part => part.trim())
    .filter(Boolean);

/** May a browser be sent back there after sign-in or payment? */
export function isReturnUrl(address: string): boolean {
  const registered = listSetting('RETURN_URLS');
  if (registered.includes(address)) return true;
  if (!/^[\x21-\x7e]+$/.test(address) || !URL.canParse(address)) return false;
  const { origin, username, password } = new URL(address);
  return username === '' && password === '' && registered.includes(origin);
}

/** @returns milliseconds a subgraph has for an answer; also for subgraphs nobody knows, in plain mode */
export const subgraphTimeoutMs = (subgraph: string): number => Number(setting(subgraphTimeoutName(subgraph)));

/** @returns the setting that says so */
export function subgraphTimeoutName(subgraph: string): string {
  const own = isSubgraph(subgraph) ? `${UPPER[subgraph]}_TIMEOUT_MS` : undefined;
  return own && optionalSetting(own) !== undefined ? own : 'SUBGRAPH_TIMEOUT_MS';
}

export const isSubgraph = (name: string): name is SubgraphName => (SUBGRAPHS as readonly string[]).includes(name);

export interface SubgraphConfig {
  readonly name: SubgraphName;
  readonly port: number;
  /** Where each of its processes is reached, without a path. */
  readonly urls: readonly string[];
  readonly publicUrl: string;
  /** What is signed and sealed with. */
  readonly secret: string;
  /** What is accepted: `secret` first, and another one while secrets are changed. */
  readonly accepted: readonly string[];
}

export function subgraphConfig(name: SubgraphName): SubgraphConfig {
  const of = (part: string) => setting(`${UPPER[name]}_${part}`);
  const secret = of('SECRET');
  return {
    name,
    port: Number(of('PORT')),
    urls: addressesIn(of('URL')),
    publicUrl: of('PUBLIC_URL'),
    secret,
    get accepted() {
      const also = optionalSetting(`${UPPER[name]}_SECRET_ALSO`);
      return also ? [secret, also] : [secret];
    },
  };
}

export interface CertificateFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * @param towards what is set for this subgraph comes before what is set for the process
 * @returns null when there is none  @throws Error when only a part is set
 */
export function certificateFiles(towards?: SubgraphName): CertificateFiles | null {
  const file = (part: string) =>
    (towards && optionalSetting(`${UPPER[towards]}_TLS_${part}`)) ?? optionalSetting(`TLS_${part}`);
  const [ca, cert, key] = ['CA', 'CERT', 'KEY'].map(file);
  if (!ca && !cert && !key) return null;
  if (!ca || !cert || !key) throw new Error('TLS_CA, TLS_CERT and TLS_KEY must be set together.');
  return { ca, cert, key };
}

export const issuerOf = (population: Population): string => setting(`${PROVIDERS[population][0]}_ISSUER`);

/** Issuer → whom it vouches for. @throws Error when two populations share one: it could pass one off as the other */
export function issuers(): ReadonlyMap<string, Population> {
  const found = new Map(POPULATIONS.map(population => [issuerOf(population), population]));
  if (found.size < POPULATIONS.length)
    throw new Error('CITIZEN_ISSUER, ORGANISATION_ISSUER and STAFF_ISSUER must be three different ones.');
  return found;
}

/** The platform's own client at the provider of a population. */
export function clientConfig(population: Population): { readonly id: string; readonly secret: string } {
  const [upper] = PROVIDERS[population];
  return { id: setting(`${upper}_CLIENT_ID`), secret: setting(`${upper}_CLIENT_SECRET`) };
}

/** @returns the URL the subgraph's own role connects with; its password is derived in development. */
export function subgraphDatabaseUrl(name: SubgraphName): string {
  const given = optionalSetting(`${UPPER[name]}_DATABASE_URL`);
  if (given) return given;
  const owner = new URL(setting('DATABASE_URL'));
  owner.username = `${name}_app`;
  owner.password = rolePassword(name);
  return owner.href;
}

/** The password the migrator gives to a subgraph's role: that of its URL, or a derived one. */
export function rolePassword(name: SubgraphName): string {
  const given = optionalSetting(`${UPPER[name]}_DATABASE_URL`);
  return given
    ? decodeURIComponent(new URL(given).password)
    : derive(subgraphConfig(name).secret, 'database').slice(0, 32);
}

/** A key for one purpose, so that no secret is used twice. */
export function derive(secret: string, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('base64url');
}
