/** Starts the gateway: `npm run gateway -- [--supergraph FILE] [--port N] [--plain]`. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setting } from '../kernel/config';
import { logger } from '../kernel/log';
import { runProcess } from '../kernel/server/process';
import { readWritten, replaceWhenWritten, whenWritten } from './replace';
import { startGateway } from './server';
import type { Texts } from './trusted/trusted';

const ASKS = path.join(__dirname, '..', 'schema', 'asks.json');

void runProcess('gateway', async () => {
  const { values } = parseArgs({
    options: {
      supergraph: { type: 'string' },
      port: { type: 'string' },
      plain: { type: 'boolean', default: false },
    },
  });
  const log = logger('gateway');
  const documents = readWritten(setting('TRUSTED_DOCUMENTS_FILE'));
  const supergraph = readWritten(values.supergraph ?? setting('SUPERGRAPH'));
  if (supergraph.text === null)
    throw new Error(`There is no supergraph at ${supergraph.file}: write one with npm run schema.`);
  const port = Number(values.port ?? setting('GATEWAY_PORT'));
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`${values.port} is no port.`);
  if (setting('TRUSTED_DOCUMENTS') === 'only' && documents.text === null)
    throw new Error(`There are no trusted documents at ${documents.file}: register them with npm run operations.`);
  const gateway = await startGateway({
    supergraph: supergraph.text,
    port,
    plain: values.plain,
    asks: existsSync(ASKS) ? (JSON.parse(readFileSync(ASKS, 'utf8')) as Record<string, string>) : {},
    trusted: documents.text === null ? {} : (JSON.parse(documents.text) as Texts),
  });
  const stopWatching = replaceWhenWritten(supergraph, gateway, log);
  const stopReading = whenWritten(documents, log, {
    take: text => gateway.trusted.replace(JSON.parse(text) as Texts),
    taken: 'other documents are trusted',
    refused: 'the new trusted documents are not used: the old ones stay',
  });
  return {
    ...gateway,
    stop(leaving) {
      stopWatching();
      stopReading();
      return gateway.stop(leaving);
    },
  };
});
