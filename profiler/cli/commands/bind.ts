// SPDX-License-Identifier: MIT
// bind, unbind, restore: which driver a real PCI device of this machine has.
import { type Command, Option } from 'commander';
import {
  bind,
  canHaveMemory,
  HOST,
  NO_UIO_DMA,
  type PciDevice,
  parseBdf,
  pciDevices,
  restore,
  restoreAll,
  restoreOrphans,
  type Target,
  TARGETS,
  unbind,
  useText,
} from '../../bind/index.js';
import { abort, untilAborted } from '../abort.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { jsonOption } from '../options/shared.js';
import { printJson } from '../output.js';

interface BindOptions {
  readonly to: Target;
  readonly force?: boolean;
  readonly hold?: boolean;
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  dde-profile list --pci                                  the devices, their drivers and what uses them
  dde-profile bind 0000:00:1f.6 --to vfio
  dde-profile bind 0000:00:1f.6 --to uio --hold
  dde-profile unbind 0000:00:1f.6
  dde-profile restore 0000:00:1f.6                        gives it back to its own driver
  dde-profile restore                                     all of them`;

function line({ bdf, vendor, device, driver, group, uses }: PciDevice): string {
  const parts = [
    bdf,
    `${vendor}:${device}`,
    (driver ?? '-').padEnd(16),
    `group ${group ?? '-'}`.padEnd(9),
    uses.map(useText).join(', '),
  ];
  return parts.join('  ').trimEnd();
}

function show(verb: string, devices: readonly PciDevice[], json: boolean | undefined): void {
  if (json === true) printJson(verb, { devices });
  else for (const one of devices) process.stdout.write(`${line(one)}\n`);
}

/** `list --pci` */
export function listPci(json: boolean | undefined): void {
  show('list', pciDevices(HOST), json);
}

async function hold(bdf: string): Promise<void> {
  process.stderr.write(`${bdf} goes back to its driver when this ends. Press Ctrl-C to stop.\n`);
  await untilAborted(abort.signal);
  restore(HOST, bdf);
}

function registerBind(program: Command, _context: Context): void {
  const command = program
    .command('bind')
    .description('give a real PCI device to a user-level driver (root)')
    .argument('<bdf>', 'its address, such as 0000:00:1f.6')
    .addOption(
      new Option('--to <back end>', 'the back end that will drive it')
        .choices(Object.keys(TARGETS))
        .makeOptionMandatory(),
    )
    .option('--force', 'also if it carries the default route or a mounted disk')
    .option('--hold', 'wait for Ctrl-C, then put it back');
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action(async (text: string, options: BindOptions) => {
      const bdf = parseBdf(text);
      const flags = { force: options.force ?? false, hold: options.hold ?? false };
      show('bind', [await bind(HOST, bdf, options.to, flags)], options.json);
      if (!canHaveMemory(HOST, bdf, options.to))
        process.stderr.write(`dde-profile: warning: ${bdf} has no DMA yet. ${NO_UIO_DMA}\n`);
      if (options.hold === true) await hold(bdf);
    });
}

function registerUnbind(program: Command, _context: Context): void {
  const command = program
    .command('unbind')
    .description('take the driver of a real PCI device away (root)')
    .argument('<bdf>', 'its address')
    .option('--force', 'also if it carries the default route or a mounted disk');
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action((text: string, options: BindOptions) => {
      show('unbind', [unbind(HOST, parseBdf(text), { force: options.force ?? false })], options.json);
    });
}

function restoreOne(bdf: string): string[] {
  restoreOrphans(HOST);
  if (restore(HOST, bdf) === undefined)
    throw new CliError(EXIT.noMatch, `${bdf} was not bound by dde-profile, or was already put back`);
  return [bdf];
}

function registerRestore(program: Command, _context: Context): void {
  const command = program
    .command('restore')
    .description('give real PCI devices back to the drivers they had before bind or unbind (root)')
    .argument('[bdf]', 'one device only');
  jsonOption(command)
    .addHelpText('after', EXAMPLES)
    .action((text: string | undefined, options: { readonly json?: boolean }) => {
      const done = text === undefined ? restoreAll(HOST) : restoreOne(parseBdf(text));
      const devices = pciDevices(HOST).filter(({ bdf }) => done.includes(bdf));
      show('restore', devices, options.json);
    });
}

export { registerBind, registerRestore, registerUnbind };
