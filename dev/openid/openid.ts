/** The OpenID providers of development, one for each population: real protocol, invented people, never in production. */
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWK } from 'oidc-provider';
import { isProduction, POPULATIONS, type Population } from '../../kernel/config';
import { listen } from '../http';
import { StartError } from '../start-error';
import { inMemory } from './memory';
import { DevelopmentProvider, type Kept, type ProviderOptions } from './provider';

export { PLATFORM_CLIENT } from './provider';

export interface OpenIdOptions extends Omit<ProviderOptions, 'population' | 'issuer'> {
  /** 0 for any free port. */
  readonly port: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Where browsers and the platform reach them all. Default `http://localhost:<port>`. */
  readonly url?: string;
}

export interface OpenIdProviders {
  /** `<url>/<population>`. */
  readonly issuers: Readonly<Record<Population, string>>;
  /** Signs with a new key from now on; the one before stays published, those before it do not. */
  rotateKeys(population: Population): Promise<void>;
  stop(): Promise<void>;
}

const newKey = (): JWK => ({
  ...(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JWK),
  kid: randomUUID(),
  use: 'sig',
  alg: 'ES256',
});

/** @throws StartError in production, or when the port is taken */
export async function startOpenIdProviders(options: OpenIdOptions): Promise<OpenIdProviders> {
  if (isProduction())
    throw new StartError('The development OpenID provider lets anybody in and refuses to run in production.');
  const providers = new Map<Population, DevelopmentProvider>();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const population = POPULATIONS.find(one => request.url?.startsWith(`/${one}/`));
    const provider = population && providers.get(population);
    if (provider) provider.handle(request, response);
    else response.writeHead(404).end();
  };
  const server = await listen('the OpenID provider', handle, options);
  const url = options.url ?? server.url;
  const kept = new Map<Population, Kept>();
  const start = async (population: Population, state: Kept) => {
    kept.set(population, state);
    const settings = { ...options, population, issuer: `${url}/${population}` };
    providers.set(population, await DevelopmentProvider.start(settings, state));
  };
  for (const population of POPULATIONS) {
    const cookieKeys = [randomBytes(32).toString('base64url')];
    await start(population, { adapter: inMemory(), cookieKeys, keys: [newKey()] });
  }
  return {
    issuers: Object.fromEntries(POPULATIONS.map(one => [one, `${url}/${one}`])) as Record<Population, string>,
    rotateKeys(population) {
      const before = kept.get(population)!;
      return start(population, { ...before, keys: [newKey(), before.keys[0]!] });
    },
    stop: server.stop,
  };
}
