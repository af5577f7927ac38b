// SPDX-License-Identifier: MIT
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Wards } from './recover.js';
import type { WorldStop } from './world-stop.js';

/** Tells the guardian what it must know when it is alone. */
export class Guardian implements WorldStop {
  readonly #tell: (line: string) => void;

  constructor(wards: Wards) {
    const script = fileURLToPath(new URL('./guardian.js', import.meta.url));
    const child = spawn(process.execPath, [script, JSON.stringify(wards)], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
    child.unref();
    this.#tell = (line) => child.stdin.write(`${line}\n`);
  }

  /** What was not known at the start. */
  device(qemu: number, qmp: string | undefined): void {
    this.#tell(`device ${JSON.stringify({ qemu, qmp })}`);
  }

  async stop(): Promise<void> {
    this.#tell('stopped');
  }

  async cont(): Promise<void> {
    this.#tell('running');
  }

  /** The inspector ends in order: there is nothing to put right. */
  close(): void {
    this.#tell('dismissed');
  }
}
