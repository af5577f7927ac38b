// SPDX-License-Identifier: MIT
// Debian's kernel source: found as a package's tarball, extracted once, never written to afterwards.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { extractFailed, missingSource, usage } from '../errors.js';
import { sha256BigFile } from '../common/hash.js';
import { withLock } from '../common/lock.js';
import { cacheRoot, tarballDir } from '../common/paths.js';
import { run } from '../common/proc.js';
import { makeTemporary, removeTemporary } from '../common/temporary.js';
import type { OnProgress } from '../common/progress.js';

export interface KernelSource {
  /** "6.1" */
  readonly series: string;
  /** "6.1.192" */
  readonly version: string;
  /** Names this very package's content. */
  readonly id: string;
  /** The extracted tree. */
  readonly dir: string;
  readonly tarball: string;
}

/** What arch/dde is tested with. */
const SERIES: readonly string[] = ['6.1', '6.12'];

/** Left out: nothing a build for ARCH=dde reads, a third of the files. */
const EXCLUDED = ['*/arch/*/boot', 'linux-source-*/Documentation/?*/?*', '*/tools/testing', '*/tools/perf'];
/** tar counts records of 10 KiB; the extracted part of 6.1 has about this many. */
const RECORDS = 140_000;

export function tarballPath(series: string): string {
  return join(tarballDir(), `linux-source-${series}.tar.xz`);
}

/** The package's version names its content; a tarball that no package owns is named by its hash. */
async function sourceId(series: string, tarball: string): Promise<string> {
  if (tarball.startsWith('/usr/src/')) {
    const query = await run('dpkg-query', ['-W', '-f', '${Version}', `linux-source-${series}`]).catch(() => undefined);
    if (query?.code === 0 && query.stdout) return `linux-${series}_${query.stdout.replace(/[^\w.+~-]/g, '-')}`;
  }
  return `linux-${series}_${(await sha256BigFile(tarball)).slice(0, 16)}`;
}

async function versionOf(dir: string): Promise<string> {
  const makefile = await readFile(join(dir, 'Makefile'), 'utf8');
  const field = (name: string): string => new RegExp(`^${name} = *(\\S+)`, 'm').exec(makefile)?.[1] ?? '0';
  return `${field('VERSION')}.${field('PATCHLEVEL')}.${field('SUBLEVEL')}`;
}

async function extract(tarball: string, dir: string, onProgress: OnProgress): Promise<void> {
  const parent = join(dir, '..');
  await mkdir(parent, { recursive: true });
  const temp = await makeTemporary(join(parent, '.extract-'));
  try {
    onProgress({ type: 'step', text: `extracting ${tarball}` });
    const every = 4000;
    let ticks = 0;
    const args = ['-xJf', tarball, '-C', temp, '--strip-components=1', '--no-same-owner'];
    args.push(`--checkpoint=${every}`, '--checkpoint-action=echo=tick', ...EXCLUDED.map((e) => `--exclude=${e}`));
    const result = await run('tar', args, {
      env: { XZ_OPT: `-T${cpus().length}` },
      onLine: (line) => {
        if (line.includes('tick')) {
          onProgress({ type: 'count', text: 'extracting', done: ++ticks * every, total: RECORDS });
        }
      },
    });
    if (result.code !== 0) {
      const output = result.output.replace(/^.*tick.*\n/gm, '');
      throw extractFailed(tarball, output);
    }
    await rename(temp, dir);
  } finally {
    await removeTemporary(temp);
  }
}

export async function ensureSource(series: string, onProgress: OnProgress = () => {}): Promise<KernelSource> {
  const tarball = tarballPath(series);
  if (!/^\d+\.\d+$/.test(series))
    throw usage(`'${series}' is not a kernel series; this works with ${SERIES.join(' and ')}`);
  if (!existsSync(tarball) && !SERIES.includes(series)) {
    throw usage(`Linux ${series} is not supported; this works with ${SERIES.join(' and ')}`);
  }
  if (!existsSync(tarball)) throw missingSource(series, tarball);
  const id = await sourceId(series, tarball);
  const dir = join(cacheRoot(), 'src', id);
  if (!existsSync(dir)) {
    await withLock(
      `${dir}.lock`,
      async () => {
        if (!existsSync(dir)) await extract(tarball, dir, onProgress);
      },
      (pid) => onProgress({ type: 'step', text: `waiting for process ${pid}, which extracts ${tarball}` }),
    );
  }
  return { series, version: await versionOf(dir), id, dir, tarball };
}
