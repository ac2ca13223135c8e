/** A process whose parent is killed ends too, although nobody reads its log any more. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import readline from 'node:readline';
import { startProblem } from './process';

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

describe('why a process cannot start is said in one sentence', () => {
  test.each<[string, object, string]>([
    [
      'a full disk',
      { code: 'ENOSPC', path: '/data/x' },
      'The disk of /data/x is full: make room, or set DATA_DIR to a folder elsewhere.',
    ],
    [
      'a read-only disk',
      { code: 'EROFS', path: '/data/x' },
      '/data/x is read-only: set DATA_DIR to a folder that can be written.',
    ],
    [
      'a folder of somebody else',
      { code: 'EACCES', path: '/data/x' },
      '/data/x may not be read or written by this user: change its rights, or set DATA_DIR to a folder of your own.',
    ],
    ['a port of the system', { code: 'EACCES', port: 80 }, 'Port 80 may not be used by this user: set another port.'],
    [
      'a port in use',
      { code: 'EADDRINUSE', port: 4000 },
      'Port 4000 is taken: stop what uses it, or set another port.',
    ],
    [
      'a wrong password',
      { code: '28P01', message: 'password authentication failed for user "x"' },
      'PostgreSQL refuses the password of DATABASE_URL.',
    ],
    [
      'a missing database',
      { driverError: { code: '3D000' } },
      'The database that DATABASE_URL names does not exist: create it first.',
    ],
    [
      'no answer at any address of a name',
      { code: undefined, errors: [{ code: 'ECONNREFUSED', address: '::1', port: 5432 }] },
      'Nothing answers at ::1:5432: is PostgreSQL running?',
    ],
    ['a sentence of our own', new Error('CATALOGUE_URL is malformed.\nat x'), 'CATALOGUE_URL is malformed.'],
    ['an error without words', new Error(''), 'Error'],
  ])('%s', (_, error, sentence) => {
    expect(startProblem(error)).toBe(sentence);
  });
});
