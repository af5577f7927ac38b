// SPDX-License-Identifier: MIT
// What the kernel in the driver process knows, read through the debug information of its structures; also while it runs.
import type { Gdb } from '../mi/index.js';
import type { Device, Interrupt, Napi } from './dde.gen.js';

/** Longer lists are torn ones: the driver may be changing them. */
const MAX_LIST = 4096;

export class Kernel {
  readonly #gdb: Gdb;

  constructor(gdb: Gdb) {
    this.#gdb = gdb;
  }

  /** An integer or address. Rejects with gdb's error. */
  async number(expression: string): Promise<number> {
    return Number(await this.#gdb.evaluate(`(unsigned long)(${expression})`));
  }

  /** A char pointer or array. */
  async string(expression: string): Promise<string> {
    const value = await this.#gdb.evaluate(expression);
    // An array may hold more behind the end of its string.
    return /"((?:[^"\\]|\\.)*)"/.exec(value)?.[1]?.replace(/\\000.*$/s, '') ?? '';
  }

  /** The addresses of the structures on a struct list_head. */
  async list(head: string, type: string, member: string): Promise<number[]> {
    const [end, offset, first] = await Promise.all([
      this.number(`&${head}`),
      this.number(`&((${type} *)0)->${member}`),
      this.number(`${head}.next`),
    ]);
    const result: number[] = [];
    for (let node = first; node !== end && node !== 0 && result.length < MAX_LIST; ) {
      result.push(node - offset);
      node = await this.number(`((struct list_head *)${node})->next`);
    }
    return result;
  }

  async devices(): Promise<Device[]> {
    const buses: number[] = await this.list('pci_root_buses', 'struct pci_bus', 'node');
    const devices: Device[] = [];
    for (const bus of buses) {
      // Bridges' buses are found on the way.
      buses.push(...(await this.list(`((struct pci_bus *)${bus})->children`, 'struct pci_bus', 'node')));
      for (const addr of await this.list(`((struct pci_bus *)${bus})->devices`, 'struct pci_dev', 'bus_list'))
        devices.push(await this.#device(`((struct pci_dev *)${addr})`));
    }
    return devices;
  }

  async #device(dev: string): Promise<Device> {
    const [name, vendor, device, irq, bound] = await Promise.all([
      this.string(`${dev}->dev.kobj.name`),
      this.number(`${dev}->vendor`),
      this.number(`${dev}->device`),
      this.number(`${dev}->irq`),
      this.number(`${dev}->dev.driver`),
    ]);
    const hex = (value: number): string => value.toString(16).padStart(4, '0');
    const driver = bound === 0 ? {} : { driver: await this.string(`${dev}->dev.driver->name`) };
    return { bdf: name, id: `${hex(vendor)}:${hex(device)}`, irq, ...driver };
  }

  async interrupts(): Promise<Interrupt[]> {
    const count = await this.number('sizeof(irq_desc) / sizeof(irq_desc[0])');
    const actions = await Promise.all(
      Array.from({ length: count }, (_, irq) => this.number(`irq_desc[${irq}].action`)),
    );
    const used = actions.flatMap((action, irq) => (action === 0 ? [] : [irq]));
    return Promise.all(
      used.map(async (irq) => ({
        irq,
        name: await this.string(`irq_desc[${irq}].action->name`),
        count: await this.number(`irq_desc[${irq}].tot_count`),
        disabledDepth: await this.number(`irq_desc[${irq}].depth`),
      })),
    );
  }

  async napi(): Promise<Napi[]> {
    const result: Napi[] = [];
    for (const netdev of await this.list('init_net.dev_base_head', 'struct net_device', 'dev_list')) {
      const dev = `((struct net_device *)${netdev})`;
      const name = await this.string(`${dev}->name`);
      for (const addr of await this.list(`${dev}->napi_list`, 'struct napi_struct', 'dev_list')) {
        const napi = `((struct napi_struct *)${addr})`;
        const poll = await this.#gdb.evaluate(`${napi}->poll`);
        result.push({
          netdev: name,
          address: `0x${addr.toString(16)}`,
          weight: await this.number(`${napi}->weight`),
          poll: /<([^>+]+)/.exec(poll)?.[1] ?? poll,
          // NAPI_STATE_SCHED
          scheduled: (await this.number(`${napi}->state`)) % 2 === 1,
        });
      }
    }
    return result;
  }
}
