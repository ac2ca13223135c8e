/** Before `npm start` and `npm test`: installs what is missing. Plain JavaScript, because nothing is installed yet. */
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const root = path.join(__dirname, '..');
const stamp = path.join(root, 'node_modules', '.package-lock.json');
const lock = path.join(root, 'package-lock.json');

function packagesOf(file) {
  const { packages } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return Object.entries(packages)
    .filter(([name, one]) => name !== '' && !one.optional && !one.dev)
    .map(([name, one]) => `${name}@${one.version}`);
}

/** True when every needed package of the lock is there in its version. */
function complete() {
  if (!fs.existsSync(stamp)) return false;
  const installed = new Set(packagesOf(stamp));
  return packagesOf(lock).every(one => installed.has(one));
}

/** How many packages npm has been told to bring to this machine; optional ones for other machines are not. */
function wanted() {
  const fits = (given, own) => {
    const list = given === undefined ? [] : [given].flat();
    return list.length === 0 || list.includes(own) || (list[0].startsWith('!') && !list.includes(`!${own}`));
  };
  return Object.entries(JSON.parse(fs.readFileSync(lock, 'utf8')).packages).filter(
    ([name, one]) => name !== '' && !one.link && fits(one.os, process.platform) && fits(one.cpu, process.arch),
  ).length;
}

const TOLD_EVERY_MS = process.stderr.isTTY ? 250 : 10_000;

/** Says how far it is; of npm's own words only those that tell why it failed. */
function install() {
  const all = wanted();
  const began = Date.now();
  let fetched = 0;
  let words = '';
  const say = () => {
    const seconds = Math.round((Date.now() - began) / 1000);
    const text = `  ${Math.min(fetched, all)} of ${all} packages, ${seconds} s`;
    process.stderr.write(process.stderr.isTTY ? `\r${text}` : `${text}\n`);
  };
  process.stderr.write('Installing packages (once, about a minute) …\n');
  const telling = setInterval(say, TOLD_EVERY_MS);
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--no-progress', '--loglevel=http'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  readline.createInterface({ input: npm.stderr }).on('line', line => {
    if (/^npm http .*\.tgz/.test(line)) fetched += 1;
    else if (/^npm err/i.test(line)) words = `${words}${line}\n`.slice(-4_000);
  });
  npm.once('error', error => {
    words += `npm cannot be started (${error.code}): is it installed?\n`;
  });
  npm.once('close', status => {
    clearInterval(telling);
    say();
    if (process.stderr.isTTY) process.stderr.write('\n');
    if (status === 0) return;
    process.stderr.write(`${words}npm ci failed${hint(words)}\n`);
    process.exitCode = 1;
  });
}

function hint(words) {
  if (/ENOSPC/.test(words)) return ': the disk is full; make room and start again.';
  if (/EACCES|EPERM|EROFS/.test(words))
    return `: ${root} cannot be written; change its rights or use a copy of your own.`;
  if (/ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|network/i.test(words))
    return ': the registry cannot be reached; is there a network?';
  return '; see above.';
}

if (!complete()) install();
