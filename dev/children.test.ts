/** A process of the stack that does not get ready: which limit struck, where its log is, what to do. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Child } from './children';

let folder: string;
let child: Child | undefined;
const told: string[] = [];

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'children-test-'));
  told.length = 0;
});
afterEach(async () => {
  await child?.kill();
  delete process.env.START_TIMEOUT_MS;
  fs.rmSync(folder, { recursive: true, force: true });
});

const start = (script: string) => {
  const file = path.join(folder, 'child.js');
  fs.writeFileSync(file, script);
  child = new Child({ name: 'sleeper', command: [file], env: {} }, path.join(folder, 'logs'), line => told.push(line));
  return child.start();
};

test('that is late is named with the limit, its log and a hint', async () => {
  process.env.START_TIMEOUT_MS = '1500';
  const log = path.join(folder, 'logs', 'sleeper.log');
  await expect(start('setInterval(() => {}, 1000)')).rejects.toThrow(
    `sleeper is not ready after 1.5 s (START_TIMEOUT_MS=1500); what it does stands in ${log}. If the machine is only slow: START_TIMEOUT_MS=3000 npm start`,
  );
});

test('that ends is named with its last words and its log', async () => {
  await expect(start(`process.stderr.write('sleeper: no bed\\n'); process.exit(1)`)).rejects.toThrow(
    `sleeper: no bed (its log: ${path.join(folder, 'logs', 'sleeper.log')})`,
  );
});

test('goes on when its log cannot be written', async () => {
  fs.mkdirSync(path.join(folder, 'logs', 'sleeper.log'), { recursive: true });
  await start(`process.stdout.write('{"ready":true}\\n'); setInterval(() => {}, 1000)`);
  expect(told).toEqual([
    expect.stringMatching(/^sleeper goes on without its log: .* is a folder where a file is expected/),
  ]);
});
