/** The story, played through the gateway on a stack of real processes, and played again while processes are killed. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { BURG, MUSTERSTADT } from '../dev/demo/facts';
import { Deviation } from '../dev/demo/player';
import { Story } from '../dev/demo/story';
import { PLAYS } from '../dev/demo/variants';
import { type Stack, startStack } from '../dev/stack';
import { SUBGRAPHS, type SubgraphName } from '../kernel/config';

jest.setTimeout(240_000);

async function withStack(options: Partial<Parameters<typeof startStack>[0]>, work: (stack: Stack) => Promise<void>) {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'story-'));
  const told: string[] = [];
  let stack: Stack | undefined;
  try {
    stack = await startStack({ dataDir, durable: false, tell: line => told.push(line), ...options });
    await work(stack);
  } catch (error) {
    throw new Error(
      `${error instanceof Error ? error.message : error}\n${told.filter(line => line.startsWith('!')).join('\n')}`,
      {
        cause: error,
      },
    );
  } finally {
    await stack?.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

const LAST_OF = { 'step-up': 'submits', mandate: 'refused', organisation: 'members', substitution: 'access log' };

test('the story is played to its end, twice on the same data, and in its variants; it leaves no dead letter, and notices when it goes another way', () =>
  withStack({}, async stack => {
    for (let play = 1; play <= 2; play++) {
      const steps = await new Story(stack, MUSTERSTADT).play();
      const names = new Set(steps.map(step => step.name.split(' ')[0]));
      for (let n = 0; n <= 29; n++) expect(names).toContain(`Story${String(n).padStart(2, '0')}`);
    }
    for (const name of ['step-up', 'mandate', 'organisation', 'substitution'] as const) {
      const steps = await new PLAYS[name].play(stack, MUSTERSTADT).play();
      expect(steps.map(step => step.name)).toContain(LAST_OF[name]);
    }
    const elsewhere = { ...MUSTERSTADT, municipalityName: 'Beispielsee' };
    await expect(new Story(stack, elsewhere).play()).rejects.toBeInstanceOf(Deviation);
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    await client.connect();
    for (const name of SUBGRAPHS) {
      const { rows } = await client.query(`SELECT type, position FROM ${name}.dead_letter`);
      expect(rows).toEqual([]);
    }
    await client.end();
  }));

// which process is killed (as by kill -9) after which step, and started again at once
const KILLS: readonly [string, SubgraphName][] = [
  ['Story05', 'catalogue'],
  ['Story08', 'applications'],
  ['Story11', 'payment'],
  ['Story14', 'messaging'],
  ['Story17', 'identity'],
  ['Story18', 'applications'],
  ['Story20', 'messaging'],
  ['Story23', 'applications'],
  ['Story25', 'messaging'],
];

test('killing any subgraph in the middle and starting it again loses nothing that was acknowledged', () =>
  withStack({}, async stack => {
    const killed: string[] = [];
    const steps = await new Story(stack, MUSTERSTADT, async step => {
      const victim = KILLS.find(([after]) => after === step.name);
      if (!victim) return;
      await stack.child(victim[1]).kill();
      await stack.child(victim[1]).start();
      killed.push(victim[1]);
    }).play();
    expect(steps.at(-1)?.name).toBe('elsewhere');
    expect(killed).toEqual(KILLS.map(([, name]) => name));
  }));

const realData = [process.env.REAL_DATA, path.join(__dirname, '..', '..', 'shared', 'data')].find(
  folder => folder && fs.existsSync(path.join(folder, 'areas')),
);
const withRealData = realData || process.env.CI ? test : test.skip;

withRealData('the story is played in a real municipality with the imported data of Germany', () => {
  if (!realData) throw new Error('The folder of real data is missing; set REAL_DATA.');
  return withStack({ place: BURG, importFrom: realData }, async stack => {
    await new Story(stack, BURG).play();
  });
});
