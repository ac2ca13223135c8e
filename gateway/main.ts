/** Starts the gateway: `npm run gateway -- [--supergraph FILE] [--port N] [--plain]`. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setting } from '../kernel/config';
import { logger } from '../kernel/log';
import { runProcess } from '../kernel/server/process';
import { replaceWhenWritten } from './replace';
import { startGateway } from './server';

const ASKS = path.join(__dirname, '..', 'schema', 'asks.json');

void runProcess('gateway', async () => {
  const { values } = parseArgs({
    options: {
      supergraph: { type: 'string' },
      port: { type: 'string' },
      plain: { type: 'boolean', default: false },
    },
  });
  const file = values.supergraph ?? setting('SUPERGRAPH');
  if (!existsSync(file)) throw new Error(`There is no supergraph at ${file}: write one with npm run schema.`);
  const port = Number(values.port ?? setting('GATEWAY_PORT'));
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`${values.port} is no port.`);
  const gateway = await startGateway({
    supergraph: readFileSync(file, 'utf8'),
    port,
    plain: values.plain,
    asks: existsSync(ASKS) ? (JSON.parse(readFileSync(ASKS, 'utf8')) as Record<string, string>) : {},
  });
  const stopWatching = replaceWhenWritten(file, gateway, logger('gateway'));
  return {
    ...gateway,
    stop() {
      stopWatching();
      return gateway.stop();
    },
  };
});
