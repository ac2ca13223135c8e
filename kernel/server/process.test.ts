/** A process whose parent is killed ends too, although nobody reads its log any more. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';

const ROOT = path.join(__dirname, '..', '..');
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Starts it as the launcher does, with a pipe for its log, and tells its id. */
const PARENT = `
  const child = require('node:child_process').spawn(process.execPath, ['kernel/run.js', 'kernel/testing/talkative.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdout.once('data', () => console.log(child.pid));`;

it('ends when its parent is killed in the middle of its log', async () => {
  const parent = spawn(process.execPath, ['-e', PARENT], {
    cwd: ROOT,
    env: { ...process.env, NODE_OPTIONS: '', STOP_WITH_PARENT: 'true', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(readline.createInterface({ input: parent.stdout }), 'line');
  const pid = Number(line);
  expect(isAlive(pid)).toBe(true);
  parent.kill('SIGKILL');
  try {
    for (const end = Date.now() + 8_000; isAlive(pid) && Date.now() < end; )
      await new Promise(resolve => setTimeout(resolve, 20));
    expect(isAlive(pid)).toBe(false);
  } finally {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
});
