/** Hostile clients: what they send, whose things they ask for, and what they break must never be the platform's problem. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Stack, startStack } from '../dev/stack';
import { malformedInput } from './hostile/malformed.group';
import { naughtyStrings } from './hostile/naughty.group';
import { thingsOfOthers } from './hostile/others.group';
import { staleAndSimultaneous } from './hostile/races.group';
import { World } from './hostile/world';

jest.setTimeout(120_000);

const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'hostile-'));
const complaints: string[] = [];
let stack: Stack;
let world: World;

beforeAll(async () => {
  stack = await startStack({
    dataDir,
    durable: false,
    env: { LOG_LEVEL: 'info' },
    tell: line => line.startsWith('!') && complaints.push(line),
  });
  world = await World.open(stack);
});
afterAll(async () => {
  await stack?.stop();
  fs.rmSync(dataDir, { recursive: true, force: true });
});

const opened = () => world;
malformedInput(opened);
naughtyStrings(opened);
thingsOfOthers(opened);
staleAndSimultaneous(opened);
