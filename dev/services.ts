/**
 * One process for everything outside the platform that development needs: sign-in, payments, a trade register, mail.
 * `node kernel/run.js dev/services.ts [openid|payment|register|mail …]`: all of them, or those that are named.
 */
import { issuerOf, optionalSetting, POPULATIONS, setting, subgraphConfig } from '../kernel/config';
import { runProcess } from '../kernel/server/process';
import { MACHINES } from './demo/facts';
import { startLineOfBusiness } from './line-of-business/line-of-business';
import { startMailSink } from './mail/mail-sink';
import { startOpenIdProviders } from './openid/openid';
import { startPaymentProvider } from './payment-provider/payment-provider';

interface Service {
  stop(): Promise<void>;
}

const portOf = (url: string): number => {
  const { port, protocol } = new URL(url);
  return Number(port || (protocol === 'https:' ? 443 : 80));
};

/** Starts all at once; stops those that came up when one could not. */
async function start(): Promise<{ port: number; stop(): Promise<void> }> {
  const all = { openid, payment: paymentProvider, register: lineOfBusiness, mail };
  const names = process.argv.slice(2);
  const wanted = Object.entries(all).filter(([name]) => names.length === 0 || names.includes(name));
  const started = await Promise.allSettled(wanted.map(([, begin]) => begin()));
  const running = started.flatMap(result => (result.status === 'fulfilled' && result.value ? [result.value] : []));
  const stop = async () => void (await Promise.all(running.map(service => service.stop())));
  const failed = started.find(result => result.status === 'rejected');
  if (failed) {
    await stop();
    throw failed.reason;
  }
  return { port: portOf(openidAddress()), stop };
}

/** Of several issuers one may be a real provider's; ours are the others. */
const openidAddress = (): string => setting('OPENID_SIMULATOR_URL') || new URL(issuerOf('staff')).origin;

const host = () => setting('BIND_ADDRESS');

/** Serves all populations; their issuers are paths of one address. */
async function openid(): Promise<Service> {
  const origin = openidAddress();
  const { publicUrl } = subgraphConfig('identity');
  return startOpenIdProviders({
    port: portOf(origin),
    host: host(),
    url: origin,
    platformRedirectUris: POPULATIONS.map(one => `${publicUrl}/sign-in/callback/${one}`),
    platformLogoutUris: { back: `${publicUrl}/sign-in/back-channel`, front: `${publicUrl}/sign-in/front-channel` },
    audience: setting('OPENID_AUDIENCE'),
  });
}

async function paymentProvider(): Promise<Service> {
  return startPaymentProvider({
    port: portOf(setting('PAYMENT_PROVIDER_URL')),
    host: host(),
    secret: setting('PAYMENT_PROVIDER_SECRET'),
    reportTo: `${subgraphConfig('payment').publicUrl}/reports/${setting('PAYMENT_PROVIDER')}`,
  });
}

/** Plays the first of the configured systems. */
async function lineOfBusiness(): Promise<Service | null> {
  const [system] = JSON.parse(setting('HANDOVER_SYSTEMS')) as { name: string; url: string }[];
  if (!system) return null;
  const machine = MACHINES.find(each => each.clientId === system.name) ?? MACHINES[0];
  return startLineOfBusiness({
    port: portOf(system.url),
    host: host(),
    graphUrl: `${setting('GATEWAY_PUBLIC_URL')}/graphql`,
    issuer: issuerOf('staff'),
    clientId: machine.clientId,
    clientSecret: machine.secret,
    scope: machine.scope,
  });
}

/** Only where mail is sent at all. */
async function mail(): Promise<Service | null> {
  const smtpUrl = optionalSetting('SMTP_URL');
  if (!smtpUrl) return null;
  return startMailSink({ smtpPort: portOf(smtpUrl), httpPort: Number(setting('MAIL_SINK_HTTP')), host: host() });
}

void runProcess('services', start);
