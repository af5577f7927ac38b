// SPDX-License-Identifier: MIT
// Makes a fresh clone ready: Debian packages, npm packages, TypeScript, the addon. Plain JavaScript without dependencies,
// because it runs before any of them is there. Each step is skipped when its inputs have not changed.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A step that cannot be done here; `code` is the exit code of dde-profile for it. */
export class SetupError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

function say(text) {
  process.stderr.write(`setup: ${text}\n`);
}

/** Ends when the command does. Steps run side by side: the output of a quiet one is shown whole, when it has failed. */
async function run(command, args, { code = 3, env = {}, quiet = false } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    // Only the result belongs on stdout.
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2],
  });
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));
  const status = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new SetupError(`${command}: ${error.message}`, code)));
    child.once('close', resolve);
  });
  if (status === 0) return;
  process.stderr.write(Buffer.concat(output));
  throw new SetupError(`failed: ${[command, ...args].join(' ')}`, code);
}

/** All of the steps, whatever becomes of the others: nothing goes on behind the back of a set-up that has failed. */
export async function together(...steps) {
  const failed = (await Promise.allSettled(steps)).find(({ status }) => status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Names of Debian packages of the given uses that are not installed. */
export function missingPackages(uses) {
  const list = JSON.parse(readFileSync(join(root, 'profiler/setup/packages.json'), 'utf8'));
  const names = list.filter((entry) => uses.includes(entry.use)).map((entry) => entry.name);
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
  });
  if (query.error) {
    throw new SetupError(`this is not a Debian system (no dpkg-query); needed are: ${names.join(' ')}`, 3);
  }
  const installed = new Set(
    query.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return names.filter((name) => !installed.has(name));
}

async function debianPackages(uses) {
  const missing = missingPackages(uses);
  if (missing.length === 0) return;
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', ...missing];
  const isRoot = process.getuid?.() === 0;
  const sudo = isRoot ? [] : ['sudo', '-n'];
  if (!isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) {
    throw new SetupError(`Debian packages are missing. Install them with:\n  sudo ${install.join(' ')}`, 3);
  }
  say(`Debian packages: ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const [apt, ...args] = [...sudo, ...install];
  await run(sudo[0] ?? 'apt-get', [...sudo.slice(1), ...(isRoot ? [] : ['apt-get']), 'update', '-q'], { env });
  await run(apt, args, { env });
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'build' && entry.name !== 'node_modules')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return entry.isFile() ? [path] : [];
    })
    .sort();
}

function hashOf(paths) {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  for (const path of paths) hash.update(`${path}\n`).update(readFileSync(path));
  return hash.digest('hex');
}

function upToDate(stamp, hash) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hash;
}

async function npmPackages() {
  const stamp = join(root, 'node_modules/.dde-stamp');
  const hash = hashOf([join(root, 'package-lock.json')]);
  if (upToDate(stamp, hash)) return;
  say('npm packages');
  await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  writeFileSync(stamp, hash);
}

async function typescript(project) {
  await run(process.execPath, [join(root, 'node_modules/@typescript/native/bin/tsc'), '-b', project], { code: 4 });
}

/** Where this Node's own headers are, so that node-gyp has nothing to download. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, 'include/node/node_api.h')) ? { npm_config_nodedir: prefix } : {};
}

/** Copies of the addon's folder that a killed set-up left. */
function removeLeftovers(tracer) {
  for (const name of readdirSync(tracer)) {
    const pid = /^\.addon-(\d+)$/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(tracer, name), { recursive: true, force: true });
  }
}

/** What the addon is made of, and whether there is one of just that. */
function addonState() {
  const tracer = join(root, 'tracer');
  const folder = join(tracer, 'recorder');
  const sources = [folder, join(tracer, 'abi')]
    .filter((path) => existsSync(path) && statSync(path).isDirectory())
    .flatMap(filesBelow)
    .filter((path) => /\.(c|cc|cpp|h|gyp|gypi)$/.test(path));
  const stamp = join(folder, 'build/.dde-stamp');
  const hash = hashOf(sources);
  const file = 'build/Release/ddetracer.node';
  const current = upToDate(stamp, hash) && existsSync(join(folder, file));
  return { tracer, folder, sources, stamp, hash, file, current };
}

/**
 * Builds the addon when its sources have changed. It is built in a copy and put in place by one rename, so that what runs meanwhile,
 * or starts, has the old one or the new one.
 */
export async function addon() {
  const { tracer, folder, sources, stamp, hash, file, current } = addonState();
  if (current) return;
  say('the addon');
  removeLeftovers(tracer);
  const copy = join(tracer, `.addon-${process.pid}`);
  try {
    for (const path of sources.filter((path) => path.startsWith(`${folder}/`))) {
      const to = join(copy, relative(folder, path));
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(path, to);
    }
    const gyp = join(root, 'node_modules/node-gyp/bin/node-gyp.js');
    await run(process.execPath, [gyp, 'rebuild', '-C', copy], { code: 4, env: nodeHeaders(), quiet: true });
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    rmSync(stamp, { force: true });
    renameSync(join(copy, file), join(folder, file));
    writeFileSync(stamp, hash);
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/**
 * Does all of it. `tests`: also what only the tests need, with `guest` those in guests; `bench`: what only benchmarks compare with;
 * `compiled`: what may be done beside the addon, if that has to be built, as soon as the TypeScript is there.
 */
export async function bootstrap({ tests = false, guest = tests, bench = false, compiled = () => {} } = {}) {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 20)) {
    throw new SetupError(`Node ${process.versions.node} is too old: 20.20 or newer is needed`, 3);
  }
  const uses = [
    'build',
    'run',
    'trace',
    ...(tests ? ['debug', 'test'] : []),
    ...(guest ? ['guest'] : []),
    ...(bench ? ['bench'] : []),
  ];
  // Each of them waits for the network, for the disk, or has one thing to do at a time.
  await together(debianPackages(uses), npmPackages());
  const beside = addonState().current ? () => {} : compiled;
  await together(typescript(tests || guest ? '.' : 'profiler/cli').then(beside), addon());
}

/** Runs `main` and turns a SetupError into a message and its exit code. */
export async function main(body) {
  try {
    process.exitCode = (await body()) ?? 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`dde-profile: ${error.message}\n`);
    process.exitCode = error.code;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main(() => bootstrap({ tests: process.argv.includes('--tests') }));
}
