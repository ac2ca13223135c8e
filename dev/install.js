/** Before `npm start` and `npm test`: installs what is missing. Plain JavaScript, because nothing is installed yet. */
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

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

if (!complete()) {
  process.stderr.write('Installing packages (once, about a minute) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write('npm ci failed; see above.\n');
    process.exit(1);
  }
}
