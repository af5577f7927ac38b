// SPDX-License-Identifier: MIT
// Which QEMU is there, and which device models it has.

import { execa } from 'execa';

export const QEMU = 'qemu-system-x86_64';
export const QEMU_MINIMUM = [7, 2] as const;

export interface QemuVersion {
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

export function parseQemuVersion(output: string): QemuVersion | undefined {
  const found = /QEMU emulator version ((\d+)\.(\d+)(?:\.\d+)?)/.exec(output);
  if (found === null) return undefined;
  return { text: found[1] as string, major: Number(found[2]), minor: Number(found[3]) };
}

export function isNewEnough({ major, minor }: QemuVersion): boolean {
  const [wantMajor, wantMinor] = QEMU_MINIMUM;
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

export type QemuState =
  | { readonly state: 'missing' | 'broken'; readonly detail: string }
  | { readonly state: 'old'; readonly version: QemuVersion }
  | { readonly state: 'ok'; readonly version: QemuVersion };

export async function qemuState(qemu: string = QEMU): Promise<QemuState> {
  const result = await execa(qemu, ['--version'], { reject: false });
  if (result.code === 'ENOENT' || result.code === 'EACCES') {
    return { state: 'missing', detail: `${qemu}: ${result.code === 'ENOENT' ? 'not found' : 'not executable'}` };
  }
  const version = parseQemuVersion(result.stdout ?? '');
  if (version === undefined) return { state: 'broken', detail: `${qemu} --version does not answer as QEMU does` };
  return { state: isNewEnough(version) ? 'ok' : 'old', version };
}

export interface DeviceModel {
  readonly name: string;
  readonly bus: string;
  readonly category: string;
  readonly description: string;
}

/** Reads `-device help`: sections "Network devices:" with lines `name "e1000e", bus PCI, desc "..."`. */
export function parseDeviceHelp(output: string): DeviceModel[] {
  const models: DeviceModel[] = [];
  let category = '';
  for (const line of output.split('\n')) {
    const head = /^([A-Z].*) devices:$/.exec(line);
    if (head !== null) category = (head[1] as string).toLowerCase();
    const found = /^name "([^"]+)"(?:, bus ([^,]+))?/.exec(line);
    if (found === null) continue;
    const description = /desc "([^"]*)"/.exec(line)?.[1] ?? '';
    models.push({ name: found[1] as string, bus: found[2] ?? '', category, description });
  }
  return models;
}

export async function deviceModels(qemu: string = QEMU): Promise<DeviceModel[]> {
  const result = await execa(qemu, ['-M', 'q35', '-device', 'help'], { reject: false });
  return result.exitCode === 0 ? parseDeviceHelp(result.stdout) : [];
}
