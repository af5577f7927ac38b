// SPDX-License-Identifier: MIT
// --irq, --param and --cmdline become the kernel command line of the driver process.

import { LaunchError } from '../builds/errors.js';

export const IRQ_MODES = ['msix', 'msi', 'intx'] as const;
export type IrqMode = (typeof IRQ_MODES)[number];

const E1000E_INT_MODE: Readonly<Record<IrqMode, number>> = { msix: 2, msi: 1, intx: 0 };

export interface CmdlineRequest {
  /** The driver's module name. */
  readonly driver: string;
  readonly irq?: IrqMode;
  /** `[module.]name=value`; without a module the driver's own is meant. */
  readonly params: readonly string[];
  readonly cmdline?: string;
}

export function kernelCmdline({ driver, irq, params, cmdline }: CmdlineRequest): string {
  const module = driver.replaceAll('-', '_');
  const words: string[] = [];
  if (irq !== undefined && module === 'e1000e') words.push(`e1000e.IntMode=${E1000E_INT_MODE[irq]}`);
  else if (irq === 'intx') words.push('pci=nomsi');
  else if (irq === 'msi') words.push('dde.irq=msi');
  for (const param of params) {
    const found = /^(?:([\w-]+)\.)?([\w-]+)(=.*)?$/s.exec(param);
    if (found === null) {
      throw new LaunchError('ERR_DDE_OPTION', `--param ${JSON.stringify(param)}: expected [MODULE.]NAME=VALUE`);
    }
    const [, owner, name, value = ''] = found;
    const word = `${owner ?? module}.${name}${value}`;
    words.push(/\s/.test(word) ? `"${word}"` : word);
  }
  if (cmdline !== undefined && cmdline !== '') words.push(cmdline);
  return words.join(' ');
}
