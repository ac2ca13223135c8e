/** `npm start`: the whole platform on this machine, with progress, addresses and personas. Ctrl-C stops all of it. */
import { givenSettings, optionalSetting, POPULATIONS, setting } from '../kernel/config';
import { startProblem } from '../kernel/server/process';
import { PERSONAS } from './demo/facts';
import { type Stack, startStack } from './stack';

const say = (line = '') => process.stdout.write(`${line}\n`);

function welcome(stack: Stack, seconds: string): void {
  say();
  say(`Ready in ${seconds} s.`);
  say();
  say(`  Status page              ${stack.gatewayUrl}`);
  say(`  GraphQL and playground   ${stack.graphUrl}`);
  for (const population of POPULATIONS)
    say(
      `  ${`OpenID of ${population}`.padEnd(23)}  ${stack.env[`${population.toUpperCase()}_ISSUER`]}/.well-known/openid-configuration`,
    );
  const isSimulated = (name: string) => stack.simulators.includes(name);
  say(`  Payment provider         ${stack.paymentProviderUrl}${isSimulated('payment') ? '   (simulator)' : ''}`);
  if (isSimulated('register')) say(`  Gewerberegister          ${stack.lineOfBusinessUrl}/handovers   (simulator)`);
  if (isSimulated('mail')) say(`  E-mails that were sent   ${stack.mailUrl}/mails`);
  say();
  say('Sign in as (playground, top bar):');
  for (const { name, about } of PERSONAS) say(`  ${name.padEnd(16)} ${about}`);
  say();
  say('`npm run demo` plays the whole story. Ctrl-C stops everything.');
}

async function main(): Promise<void> {
  const began = performance.now();
  const databaseUrl = optionalSetting('DATABASE_URL');
  let stack: Stack | undefined;
  const stopping = new AbortController();
  const stop = async () => {
    if (stopping.signal.aborted) return;
    say('\nStopping …');
    stopping.abort();
    if (!stack) return; // the start ends what it has begun
    await stack.stop();
    process.exit(0);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  process.on('SIGHUP', () => void stop());
  try {
    stack = await startStack({
      dataDir: setting('DATA_DIR'),
      basePort: Number(setting('GATEWAY_PORT')),
      ...(databaseUrl && { databaseUrl }),
      env: givenSettings(),
      tell: line => say(`… ${line}`),
      signal: stopping.signal,
    });
  } catch (error) {
    if (stopping.signal.aborted) process.exit(0);
    throw error;
  }
  welcome(stack, ((performance.now() - began) / 1000).toFixed(1));
}

main().catch(error => {
  process.stderr.write(`${startProblem(error)}\n`);
  process.exit(1);
});
