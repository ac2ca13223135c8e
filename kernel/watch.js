/**
 * Runs a TypeScript file as run.js does, and watches it: `node kernel/watch.js FILE …`. A process whose heartbeat stops is
 * ended, by SIGKILL when it does not even hear SIGTERM any more, and started again; so is one that ended by itself.
 * Plain JavaScript without a package, because it must start at once and outlive everything else.
 */
const { spawn } = require('node:child_process');
const path = require('node:path');

/** Beats that may be missing. They are counted, not timed, so that a machine that slept does not look like one that hangs. */
const MISSED_BEATS = 5;
const TERM_MS = 2_000;
const STOP_MS = 11_000;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** Whoever ran so long is started again at once. */
const STEADY_MS = 60_000;

let child;
let stopping = false;
let everReady = false;
let pause = FIRST_PAUSE_MS;

function tell(level, msg, fields) {
  const line = { level, time: new Date().toISOString(), process: 'watchdog', path: process.argv[2], ...fields, msg };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function start() {
  const began = Date.now();
  let missed = 0;
  let ticks;
  // the parent's pipe stays with us: the child learns of our end by its channel
  child = spawn(process.execPath, [path.join(__dirname, 'run.js'), ...process.argv.slice(2)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const { pid } = child;
  const mine = child;
  child.on('message', ({ beatMs }) => {
    missed = 0;
    everReady = true;
    ticks ??= setInterval(() => {
      missed += 1;
      if (missed === MISSED_BEATS && !stopping) end(mine, TERM_MS, 'a process is blocked and is ended');
    }, beatMs);
  });
  child.once('exit', (code, signal) => {
    clearInterval(ticks);
    if (stopping || !everReady) process.exit(code ?? 1);
    if (Date.now() - began > STEADY_MS) pause = FIRST_PAUSE_MS;
    tell('error', 'a process has ended and is started again', { id: String(pid), code: String(signal ?? code) });
    setTimeout(start, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  });
}

/** SIGTERM, and SIGKILL for who does not hear it. */
function end(one, withinMs, why) {
  if (why) tell('error', why, { id: String(one.pid) });
  one.kill('SIGTERM');
  const last = setTimeout(() => one.kill('SIGKILL'), withinMs);
  one.once('exit', () => clearTimeout(last));
}

function stop() {
  if (stopping) return;
  stopping = true;
  if (!child || child.exitCode !== null || child.signalCode !== null) process.exit(0);
  end(child, STOP_MS);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
if (process.env.STOP_WITH_PARENT === 'true') process.stdin.on('close', stop).on('end', stop).resume();
start();
