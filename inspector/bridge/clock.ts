// SPDX-License-Identifier: MIT
// The driver's clock stands still during a pause: DDEKit takes `ddekit_stopped_ns` off the time that it gives to the driver.
import type { ProcessMemory } from './memory.js';
import type { WorldStop } from './world-stop.js';

export class ClockStop implements WorldStop {
  readonly #memory: ProcessMemory;
  readonly #addr: number;
  #since: bigint | undefined;

  /** @param addr of `uint64_t ddekit_stopped_ns`; @param memory writable */
  constructor(memory: ProcessMemory, addr: number) {
    this.#memory = memory;
    this.#addr = addr;
  }

  async stop(): Promise<void> {
    this.#since ??= process.hrtime.bigint();
  }

  async cont(): Promise<void> {
    if (this.#since === undefined) return;
    const lost = process.hrtime.bigint() - this.#since;
    this.#since = undefined;
    ClockStop.add(this.#memory, this.#addr, lost);
  }

  static add(memory: ProcessMemory, addr: number, ns: bigint): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, (memory.u64(addr) ?? 0n) + ns));
    memory.write(addr, bytes);
  }

  close(): void {
    // The memory is not ours.
  }
}
