/**
 * Runs a TypeScript file as run.js does, and watches it: `node kernel/watch.js FILE …`. A process whose heartbeat stops is
 * ended, by SIGKILL when it does not even hear SIGTERM any more, and started again; so is one that ended by itself. The
 * next one starts while one that was asked to leave still serves, and waits for its port.
 * Plain JavaScript without a package, because it must start at once and outlive everything else.
 */
const { spawn } = require('node:child_process');
const path = require('node:path');

/** Beats that may be missing. They are counted, not timed, so that a machine that slept does not look like one that hangs. */
const MISSED_BEATS = 5;
const TERM_MS = 2_000;
/** A second more than a process gives itself. */
const STOP_MS = Number(process.env.DRAIN_MS || 10_000) + 1_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever ran so long is started again at once. */
const STEADY_MS = 60_000;

/** The one that serves, and those that still leave. */
const running = new Set();
let stopping = false;
let everReady = false;
let pause = FIRST_PAUSE_MS;

function tell(level, msg, fields) {
  const line = { level, time: new Date().toISOString(), process: 'watchdog', path: process.argv[2], ...fields, msg };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** @param before one that leaves, and serves until this one waits for its port */
function start(before) {
  const began = Date.now();
  let missed = 0;
  let ticks;
  // the parent's pipe stays with us: the child learns of our end by its channel
  const child = spawn(process.execPath, [path.join(__dirname, 'run.js'), ...process.argv.slice(2)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PORT_FREE_WITHIN_MS: before ? String(STOP_MS) : '0' },
  });
  running.add(child);
  const { pid } = child;
  let leaves = false;
  let tookOver = false;
  child.on('message', message => {
    if (!tookOver && (message.waits || message.beatMs !== undefined)) {
      tookOver = true;
      answer(before, true);
    }
    if (message.leaves && stopping) answer(child, false);
    if (message.leaves && !stopping && !leaves) {
      leaves = true;
      clearInterval(ticks);
      setTimeout(() => child.kill('SIGKILL'), STOP_MS).unref();
      tell('info', 'a process leaves, the next one starts', { id: String(pid) });
      start(child);
    }
    if (message.beatMs === undefined || leaves) return;
    missed = 0;
    everReady = true;
    ticks ??= setInterval(() => {
      missed += 1;
      if (missed === MISSED_BEATS && !stopping)
        end(child, TERM_MS, 'a process is blocked and is ended', `BLOCKED_AFTER_MS=${message.beatMs * MISSED_BEATS}`);
    }, message.beatMs);
  });
  child.once('exit', (code, signal) => {
    clearInterval(ticks);
    running.delete(child);
    if (stopping ? running.size === 0 : !everReady) process.exit(code ?? 1);
    if (stopping || leaves) return;
    if (Date.now() - began > STEADY_MS) pause = FIRST_PAUSE_MS;
    tell('error', 'a process has ended and is started again', { id: String(pid), code: String(signal ?? code) });
    setTimeout(start, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  });
}

/** Tells one that leaves whether it is followed. */
function answer(one, follows) {
  if (one?.connected) one.send({ follows }, () => {});
}

/** SIGTERM, and SIGKILL for who does not hear it. */
function end(one, withinMs, why, limit) {
  if (why) tell('error', why, { id: String(one.pid), limit });
  one.kill('SIGTERM');
  const last = setTimeout(() => {
    tell('error', 'a process does not hear SIGTERM and is killed', { id: String(one.pid), ms: withinMs });
    one.kill('SIGKILL');
  }, withinMs);
  one.once('exit', () => clearTimeout(last));
}

function stop() {
  if (stopping) return;
  stopping = true;
  if (running.size === 0) process.exit(0);
  for (const child of running) {
    answer(child, false); // one that leaves already would wait for the next one
    end(child, STOP_MS);
  }
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
if (process.env.STOP_WITH_PARENT === 'true') process.stdin.on('close', stop).on('end', stop).resume();
start();
