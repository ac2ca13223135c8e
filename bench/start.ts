/** How long a new user waits: `npm start` on a fresh clone, with the installation, and again when all is there. */
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import type { Row } from './main';

const ROOT = path.join(__dirname, '..');
const LATEST_MS = 300_000;

/** @returns seconds from the command to the line that says it is ready, and how it was stopped */
async function start(folder: string): Promise<{ seconds: number; stopped: number }> {
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: folder,
    env: { ...process.env, GATEWAY_PORT: '4700', DATA_DIR: path.join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let seconds = Number.NaN;
  let words = '';
  const late = setTimeout(() => process.kill(-child.pid!, 'SIGKILL'), LATEST_MS);
  child.stderr.on('data', chunk => {
    words += chunk;
  });
  for await (const line of readline.createInterface({ input: child.stdout })) {
    if (!line.startsWith('Ready in')) continue;
    seconds = (performance.now() - began) / 1000;
    break;
  }
  const stopping = performance.now();
  if (Number.isNaN(seconds)) throw new Error(`npm start did not get ready: ${words}`);
  process.kill(-child.pid!, 'SIGINT'); // as Ctrl-C does: the whole group
  await new Promise(resolve => child.once('exit', resolve));
  clearTimeout(late);
  return { seconds, stopped: (performance.now() - stopping) / 1000 };
}

export async function measureStart(): Promise<Row[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'clone-'));
  try {
    spawnSync('git', ['clone', '-q', ROOT, folder], { stdio: 'inherit' });
    const rows: Row[] = [];
    for (const what of ['cold: fresh clone, packages installed, database made', 'warm', 'warm', 'warm']) {
      const { seconds, stopped } = await start(folder);
      rows.push({ start: what, 'ready after s': seconds.toFixed(1), 'stopped after s': stopped.toFixed(1) });
    }
    return rows;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
