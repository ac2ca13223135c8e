/** Starts one subgraph alone: `npm run subgraph -- catalogue`. */
import { SUBGRAPHS, type SubgraphName } from '../kernel/config';
import { runProcess } from '../kernel/server/process';
import { type Subgraph, startSubgraph } from '../kernel/server/subgraph.server';

const name = process.argv[2] as SubgraphName;
if (SUBGRAPHS.includes(name)) {
  const { default: subgraph } = require(`./${name}/subgraph`) as { default: Subgraph };
  void runProcess(name, () => startSubgraph(subgraph));
} else {
  console.error(`Which subgraph? One of: ${SUBGRAPHS.join(', ')}.`);
  process.exitCode = 1;
}
