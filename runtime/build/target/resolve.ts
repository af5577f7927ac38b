// SPDX-License-Identifier: MIT
// What DRIVER on the command line means: a sample, a Kconfig symbol, a folder of the kernel tree, an out-of-tree module's
// folder, or the name of a module that some Makefile builds.
import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { unknownDriver } from '../errors.js';
import { readTargets, type Target } from './makefiles.js';
import { cacheRoot } from '../common/paths.js';
import type { KernelSource } from '../source/source.js';
import { listSamples, type Sample } from './samples.js';

export interface Driver {
  /** Short name, for messages and the manifest. */
  readonly name: string;
  /** Symbols to switch on, without CONFIG_. */
  readonly symbols: readonly string[];
  /** `dir/module` as KBUILD_MODFILE says it, or `dir/` for everything below: the objects that are the driver. */
  readonly modules: readonly string[];
  readonly fragment: string;
  /** A folder was named: symbols of it that cannot be switched on are left out, as long as one can. */
  readonly anyOf: boolean;
  readonly sample?: Sample;
  readonly outOfTree?: string;
}

const MANY = 16;

function isOutOfTree(dir: string): boolean {
  return ['Kbuild', 'Makefile', 'makefile', 'GNUmakefile', 'dkms.conf'].some((name) => existsSync(join(dir, name)));
}

async function targetsOf(source: KernelSource): Promise<Target[]> {
  return readTargets(source.dir, join(cacheRoot(), 'src', `${source.id}.targets.json`));
}

function moduleOf(target: Target): string {
  return `${target.dir}/${target.name}`;
}

/** The modules of a symbol; a symbol that only opens a folder stands for what the folder builds under the same symbol. */
function modulesOf(symbols: readonly string[], targets: readonly Target[]): string[] {
  const own = targets.filter((target) => symbols.includes(target.symbol));
  const modules = own.filter((target) => !target.name.endsWith('/'));
  const folders = own.filter((folder) => {
    if (!folder.name.endsWith('/')) return false;
    return !modules.some((module) => `${module.dir}/`.startsWith(moduleOf(folder)));
  });
  return [...modules, ...folders].map(moduleOf);
}

/** A folder given as `drivers/...`, or as a path into any copy of the kernel tree. */
function kernelDir(spec: string, source: KernelSource): string | undefined {
  const clean = spec.replace(/\/+$/, '');
  for (const root of ['drivers/', 'sound/', 'net/']) {
    const at = clean.startsWith(root) ? 0 : clean.indexOf(`/${root}`) + 1;
    if (at === 0 && !clean.startsWith(root)) continue;
    const relative = clean.slice(at);
    const inTree = at === 0 || existsSync(join(clean.slice(0, at), 'Kconfig'));
    if (inTree && existsSync(join(source.dir, relative))) return relative;
  }
  return undefined;
}

function driverOfDir(dir: string, targets: readonly Target[]): Driver {
  const own = targets.filter((target) => target.dir === dir && !target.name.endsWith('/'));
  const symbols = [...new Set(own.map((target) => target.symbol))];
  if (symbols.length === 0)
    throw unknownDriver(dir, 'its Makefile builds no module; name a folder below it or a symbol');
  if (symbols.length > MANY) {
    const some = symbols.slice(0, 8).map((s) => `CONFIG_${s}`);
    throw unknownDriver(dir, `it holds ${symbols.length} drivers (${some.join(', ')}, ...); name one`);
  }
  return { name: basename(dir), symbols, modules: [`${dir}/`], fragment: '', anyOf: true };
}

function driverOfSymbol(symbol: string, targets: readonly Target[]): Driver {
  const modules = modulesOf([symbol], targets);
  if (modules.length === 0)
    throw unknownDriver(`CONFIG_${symbol}`, 'no Makefile of this kernel builds anything for it');
  const name = modules.length === 1 ? basename(modules[0] ?? '') : symbol.toLowerCase();
  return { name, symbols: [symbol], modules, fragment: '', anyOf: false };
}

function driverOfSample(sample: Sample, targets: readonly Target[]): Driver {
  const symbols = sample.driver.kconfig.map((s) => s.slice('CONFIG_'.length));
  const modules = modulesOf(symbols, targets);
  return { name: sample.name, symbols, modules, fragment: sample.fragment, anyOf: false, sample };
}

export async function resolveDriver(spec: string, source: KernelSource): Promise<Driver> {
  const targets = await targetsOf(source);
  const isPath = spec.includes('/') || spec === '.' || spec === '..';
  if (!isPath) {
    const sample = listSamples().find((s) => s.name === spec);
    if (sample) return driverOfSample(sample, targets);
    if (spec.startsWith('CONFIG_')) return driverOfSymbol(spec.slice('CONFIG_'.length), targets);
    const module = spec.replaceAll('-', '_');
    const named = targets.filter((t) => basename(t.name).replaceAll('-', '_') === module && !t.name.endsWith('/'));
    const symbols = [...new Set(named.map((t) => t.symbol))];
    if (symbols.length === 1 && symbols[0]) return { ...driverOfSymbol(symbols[0], targets), name: spec };
    if (symbols.length > 1) {
      throw unknownDriver(
        spec,
        `several symbols build a module of this name: ${symbols.map((s) => `CONFIG_${s}`).join(', ')}`,
      );
    }
    throw unknownDriver(
      spec,
      'neither a sample nor a module of this kernel; a symbol starts with CONFIG_, a folder has a /',
    );
  }
  const dir = kernelDir(spec, source);
  if (dir !== undefined) return driverOfDir(dir, targets);
  const path = resolve(spec);
  if (!existsSync(path) || !statSync(path).isDirectory()) throw unknownDriver(spec, 'no such folder');
  if (!isOutOfTree(path))
    throw unknownDriver(spec, 'the folder has neither a Kbuild file nor a Makefile nor a dkms.conf');
  return {
    name: basename(path),
    symbols: [],
    modules: [],
    fragment: '',
    anyOf: false,
    outOfTree: path,
  };
}
