/** Writes the demo data of every subgraph, each as its own role: `node kernel/run.js dev/seed.ts [ARS of the Amt]`. */
import { SUBGRAPHS } from '../kernel/config';
import { Database, type Tx } from '../kernel/database/database';
import { startRelay } from '../kernel/events/outbox';
import { serviceOf } from '../kernel/principal';
import { startProblem } from '../kernel/server/process';
import type { Subgraph } from '../kernel/server/subgraph.server';
import { seedApplications } from './demo/applications';
import { seedCatalogue } from './demo/catalogue';
import { BURG, MUSTERSTADT, type Place } from './demo/facts';
import { seedIdentity } from './demo/identity';
import { seedMessaging } from './demo/messaging';
import { seedPayment } from './demo/payment';

const SEEDS: Record<(typeof SUBGRAPHS)[number], (tx: Tx, place: Place) => Promise<void>> = {
  catalogue: seedCatalogue,
  identity: seedIdentity,
  applications: seedApplications,
  messaging: seedMessaging,
  payment: seedPayment,
};

/** Idempotent; publishes the events that other subgraphs' projections need. */
export async function seed(place: Place): Promise<void> {
  for (const name of SUBGRAPHS) {
    const { default: subgraph } = require(`../subgraphs/${name}/subgraph`) as { default: Subgraph };
    const db = await Database.connect(name, subgraph.entities);
    try {
      await db.tx(serviceOf(name), tx => SEEDS[name](tx, place));
      await startRelay(db).stop();
    } finally {
      await db.close();
    }
  }
}

if (require.main === module || process.argv[1] === __filename) {
  const place = process.argv[2] === BURG.associationArs ? BURG : MUSTERSTADT;
  seed(place).then(
    () => process.stdout.write('{"ready":true}\n'),
    error => {
      process.stderr.write(`demo data: ${startProblem(error)}\n`);
      process.exitCode = 1;
    },
  );
}
