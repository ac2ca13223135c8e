/**
 * `npm run demo [-- --variant NAME] [--from DIR] [--json] [--plays N]`: plays the story, or another way it may go (step-up,
 * mandate, organisation, substitution, all), on a stack of its own; exit code 1 on any deviation.
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startProblem } from '../../kernel/server/process';
import { type Stack, startStack } from '../stack';
import { BURG, MUSTERSTADT } from './facts';
import type { Step } from './play';
import { Deviation } from './player';
import { PLAYS, type PlayName } from './variants';

const names = Object.keys(PLAYS) as PlayName[];
const USAGE = `npm run demo [-- --variant ${names.join('|')}|all] [--from DIR] [--json] [--plays N]`;

function flags() {
  const options = {
    from: { type: 'string' },
    help: { type: 'boolean' },
    json: { type: 'boolean' },
    plays: { type: 'string', default: '1' },
    variant: { type: 'string', default: 'story' },
  } as const;
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    process.stderr.write(`demo: ${startProblem(error).split('. ')[0]}. Usage: ${USAGE}\n`);
    process.exit(2);
  }
}

const values = flags();
if (values.help) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(0);
}
const chosen = values.variant === 'all' ? names : names.filter(name => name === values.variant);
const place = values.from ? BURG : MUSTERSTADT;
const say = (line = '') => void (values.json || process.stdout.write(`${line}\n`));

function tell({ name, who, text, ms }: Step): void {
  say(`${name.padEnd(16)} ${who.padEnd(21)} ${`${ms.toFixed(0)} ms`.padStart(8)}  ${text}`);
}

async function main(): Promise<number> {
  let stack: Stack | undefined;
  const stop = async () => {
    await stack?.stop();
    process.exit(130);
  };
  process.on('SIGINT', () => void stop());
  process.on('SIGTERM', () => void stop());
  const plays: { variant: PlayName; steps: Step[]; ms: number }[] = [];
  let deviation: string | undefined;
  try {
    if (chosen.length === 0) throw new Deviation(`The variants are ${names.join(', ')} and all.`);
    stack = await startStack({
      dataDir: path.join('data', values.from ? 'demo-real' : 'demo'),
      place,
      ...(values.from && { importFrom: values.from }),
      tell: line => say(`… ${line}`),
    });
    for (let play = 1; play <= Number(values.plays); play++) {
      for (const name of chosen) {
        const { title, play: Play } = PLAYS[name];
        say(`\n${title} in ${place.municipalityName}${play > 1 ? `, play ${play}` : ''}\n`);
        const began = performance.now();
        const steps = await new Play(stack, place, tell).play();
        plays.push({ variant: name, steps, ms: performance.now() - began });
        say(`\n${steps.length} steps in ${(plays.at(-1)!.ms / 1000).toFixed(2)} s; everything was as it should be.`);
      }
    }
  } catch (error) {
    deviation = error instanceof Deviation ? error.message : startProblem(error);
    process.stderr.write(`\nDeviation: ${deviation}\n`);
    if (!(error instanceof Deviation) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  } finally {
    await stack?.stop();
  }
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ place: place.municipalityName, ok: !deviation, deviation, plays }, null, 2)}\n`,
    );
  return deviation ? 1 : 0;
}

main().then(code => process.exit(code));
