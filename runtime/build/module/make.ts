// SPDX-License-Identifier: MIT
// How its author would build a module: `make` (or what dkms.conf says) is run in the copy with a `make` of ours that notes each call of
// the kernel's build system instead of doing it. So variables on that command line, exported ones, folders named there and files that
// are made before it are as the author has them.
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../common/proc.js';
import { kbuildFile } from './mirror.js';

/** One call of the kernel's build system. */
export interface KernelMake {
  /** The folder that was given as M=. */
  readonly dir: string;
  /** NAME=value of the command line. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the outer makefile exported. */
  readonly env: Readonly<Record<string, string>>;
}

const SHIM = `#!/bin/sh
kernel= skip=
for arg in "$@"; do
	case $arg in
	M=* | SUBDIRS=* | KBUILD_EXTMOD=*) kernel=1 ;;
	clean | mrproper | distclean | help | *_install | install) skip=1 ;;
	esac
done
if [ -n "$kernel" ]; then
	[ -z "$skip" ] || exit 0
	n=$(ls "$DDE_MAKE_RECORD" | wc -l)
	{ pwd && printf '%s\\n' "$@"; } | tr '\\n' '\\0' >"$DDE_MAKE_RECORD/$n.args"
	env -0 >"$DDE_MAKE_RECORD/$n.env"
	exit 0
fi
exec "$DDE_REAL_MAKE" MAKE="$0" "$@"
`;
/** What a default goal may want of the machine, and must not get from us. */
const REFUSED = ['sudo', 'su', 'insmod', 'rmmod', 'modprobe', 'depmod', 'dkms', 'mknod', 'dmesg'];
const REFUSE = '#!/bin/sh\nexit 97\n';

const OURS =
  /^(M|O|SUBDIRS|KBUILD_EXTMOD|ARCH|CROSS_COMPILE|CC|LD|HOSTCC|V|W|C|LLVM\w*|MAKE|KERNELRELEASE|INSTALL_\w*|MODLIB)$/;
const NOT_EXPORTED =
  /^(MAKE\w*|MFLAGS|-\*-command-variables-\*-|PWD|OLDPWD|SHLVL|_|PATH|DDE_\w*|CURDIR|ARCH|CROSS_COMPILE|CC|LD|O|M)$/;
/** Names by which makefiles look for the kernel's build folder. */
const KERNEL_DIRS = [
  'KDIR',
  'KERNELDIR',
  'KERNEL_DIR',
  'KERNEL_SRC',
  'KERNELSRC',
  'KSRC',
  'KERNEL_PATH',
  'KERNEL_BUILD',
  'KBUILD_DIR',
  'KERNELPATH',
];
/** A default goal that waits for input or builds a world is not followed further. */
const SECONDS = 60;

async function installShims(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  const put = async (name: string, text: string): Promise<void> => {
    const file = join(dir, name);
    if ((await readFile(file, 'utf8').catch(() => '')) === text) return;
    await writeFile(file, text);
    await chmod(file, 0o755);
  };
  await put('make', SHIM);
  await put('gmake', SHIM);
  for (const name of REFUSED) await put(name, REFUSE);
}

function parseRecord(args: string, env: string, given: NodeJS.ProcessEnv): KernelMake | undefined {
  const [cwd = '/', ...words] = args.split('\0').slice(0, -1);
  const variables: Record<string, string> = {};
  let dir: string | undefined;
  for (const word of words) {
    const match = /^(\w+)=([\s\S]*)$/.exec(word);
    if (!match?.[1]) continue;
    if (['M', 'SUBDIRS', 'KBUILD_EXTMOD'].includes(match[1]))
      dir = join(match[2]?.startsWith('/') ? '' : cwd, match[2] ?? '');
    else if (!OURS.test(match[1])) variables[match[1]] = match[2] ?? '';
  }
  if (dir === undefined) return undefined;
  const exported: Record<string, string> = {};
  for (const line of env.split('\0')) {
    const at = line.indexOf('=');
    const name = line.slice(0, at);
    if (at > 0 && !NOT_EXPORTED.test(name) && given[name] !== line.slice(at + 1)) exported[name] = line.slice(at + 1);
  }
  return { dir: dir.replace(/\/+$/, ''), variables, env: exported };
}

const DKMS = `set -a; kernelver=$DDE_KERNEL_VERSION; arch=x86_64; dkms_tree=$PWD; source_tree=$PWD; set +a
. ./dkms.conf
[ -z "$PRE_BUILD" ] || sh -c "./$PRE_BUILD" || exit 1
eval "\${MAKE[0]:-\${MAKE:-make -C $kernel_source_dir M=$PWD}}"`;

export interface OuterMake {
  /** The module's folder in the mirror. */
  readonly dir: string;
  /** For what is noted. */
  readonly work: string;
  /** The kernel's O= folder. */
  readonly kernel: string;
  readonly version: string;
}

/** Whether a makefile does more than Kbuild asks of it. */
function callsMake(text: string): boolean {
  return /\bmake\b|\$[({]MAKE[)}]/.test(text.replace(/^\s*#.*$/gm, ''));
}

/** The calls of the kernel's build system that `make` in `dir` comes to; empty when the folder is Kbuild's alone. */
export async function kernelMakes({ dir, work, kernel, version }: OuterMake): Promise<KernelMake[]> {
  const outer = ['GNUmakefile', 'makefile', 'Makefile'].map((name) => join(dir, name)).find((file) => existsSync(file));
  const dkms = existsSync(join(dir, 'dkms.conf'));
  if (!dkms && (outer === undefined || !callsMake(await readFile(outer, 'utf8')))) return [];
  const shims = join(work, 'bin');
  const record = join(work, 'record');
  await installShims(shims);
  await rm(record, { recursive: true, force: true });
  await mkdir(record, { recursive: true });
  const real = (await run('sh', ['-c', 'command -v make'])).stdout.trim() || 'make';
  const env: Record<string, string> = {
    PATH: `${shims}:${process.env['PATH'] ?? '/usr/bin:/bin'}`,
    PWD: dir,
    DDE_MAKE_RECORD: record,
    DDE_REAL_MAKE: real,
    DDE_KERNEL_VERSION: version,
    kernel_source_dir: kernel,
  };
  const dirs = KERNEL_DIRS.map((name) => `${name}=${kernel}`);
  const command = dkms
    ? ['bash', '-c', DKMS]
    : [real, `MAKE=${join(shims, 'make')}`, ...dirs, `KVERSION=${version}`, `KVER=${version}`];
  await run('timeout', [String(SECONDS), ...command], { cwd: dir, env });
  const given = { ...process.env, ...env, LC_ALL: 'C' };
  const found: KernelMake[] = [];
  for (let n = 0; ; n += 2) {
    const args = await readFile(join(record, `${n}.args`), 'utf8').catch(() => undefined);
    if (args === undefined) break;
    const make = parseRecord(args, await readFile(join(record, `${n}.env`), 'utf8').catch(() => ''), given);
    if (make && kbuildFile(make.dir) && !found.some((f) => f.dir === make.dir)) found.push(make);
  }
  return found;
}
