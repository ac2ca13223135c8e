/** `npm run bench -- gateway [--json]`, `hostile [--json]`, `identity [--json]`, `streams [--json]`, `story [--plays N] [--json]` or `start [--json]`: measures on this machine; results go to bench/RESULTS.md by hand. */
import { measureGateway } from './gateway';
import { measureHostile } from './hostile';
import { measureIdentity } from './identity';
import { measureStart } from './start';
import { measureStory } from './story';
import { measureStreams } from './streams';

const [what = '', ...flags] = process.argv.slice(2);
const json = flags.includes('--json');
const plays = Number(flags[flags.indexOf('--plays') + 1] ?? 20) || 20;

const BENCHMARKS: Record<string, () => Promise<Row[]>> = {
  gateway: measureGateway,
  hostile: measureHostile,
  identity: measureIdentity,
  story: () => measureStory(plays),
  start: measureStart,
  streams: measureStreams,
};

/** One line of a result: every number is in the unit that its column names. */
export type Row = Record<string, string | number>;

function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map(row => line(columns.map(column => row[column] ?? ''))),
  ].join('\n');
}

const benchmark = BENCHMARKS[what];
if (!benchmark) {
  console.error(`Which benchmark? One of: ${Object.keys(BENCHMARKS).join(', ')}.`);
  process.exit(1);
}
benchmark().then(
  rows => {
    console.log(json ? JSON.stringify(rows, null, 2) : table(rows));
    process.exit(0);
  },
  error => {
    console.error(error);
    process.exit(1);
  },
);
