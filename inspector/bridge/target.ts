// SPDX-License-Identifier: MIT
// A driver process under gdb: attached, run, stopped. gdb stops all threads together, as one virtual CPU is all they have.
import { type Gdb, type GdbFrame, type GdbThread, frameOf, isTuple, type MiTuple, number, text } from '../mi/index.js';
import type { WorldStop } from './world-stop.js';

export interface Stop {
  /** Grows with every stop: what was shown of an earlier one is stale. */
  readonly generation: number;
  /** gdb's number of the thread that the stop is about. */
  readonly thread: number;
  /** gdb's reason; undefined for a pause that was asked for. */
  readonly reason: string | undefined;
  readonly breakpoint: string | undefined;
  /** The breakpoint was for this stop only. */
  readonly temporary: boolean;
  readonly signal: { readonly name: string; readonly meaning: string } | undefined;
  readonly frame: GdbFrame | undefined;
}

/** Life of a driver process: the timer, the kick of a halted CPU, the recorder's request; an end that was asked for. */
const PASSED = 'SIGALRM SIGUSR1 SIGUSR2 SIGURG SIGINT SIGTERM SIGHUP SIGCHLD SIGPIPE';

/** gdb's settings before it attaches. */
export const SETTINGS: readonly string[] = [
  '-gdb-set mi-async on',
  '-gdb-set pagination off',
  '-gdb-set confirm off',
  '-gdb-set debuginfod enabled off',
  '-gdb-set breakpoint pending off',
  '-gdb-set print sevenbit-strings off',
  '-gdb-set print elements 64',
  '-gdb-set print object off',
  '-gdb-set language c',
  // An instruction that is stepped in a place of its own would go on there if gdb died.
  '-gdb-set displaced-stepping off',
  '-gdb-set python print-stack none',
];

export class Target {
  readonly gdb: Gdb;
  readonly pid: number;
  readonly #stopListeners = new Set<(stop: Stop) => void>();
  readonly #runListeners = new Set<() => void>();
  #world: WorldStop | undefined;
  #stop: Stop | undefined;
  #ended: string | undefined;
  #generation = 0;
  #asked = false;
  #attached = false;

  constructor(gdb: Gdb, pid: number) {
    this.gdb = gdb;
    this.pid = pid;
    gdb.client.onEvent((event) => {
      if (event.type !== 'exec') return;
      if (event.class === 'stopped') void this.#stopped(event.results);
      else if (event.class === 'running') this.#running();
    });
  }

  /** Attaches and leaves the driver stopped. */
  async attach(): Promise<void> {
    const { client } = this.gdb;
    await this.gdb.cli(`handle ${PASSED} nostop noprint pass`);
    await this.gdb.cli('handle SIGSTOP stop print nopass');
    const stopped = new Promise<void>((resolve) => {
      const end = client.onEvent((event) => {
        if (event.type !== 'exec' || event.class !== 'stopped') return;
        end();
        resolve();
      });
    });
    await client.send(`-target-attach ${this.pid}`);
    await stopped;
    this.#attached = true;
  }

  set world(world: WorldStop) {
    this.#world = world;
  }

  get stop(): Stop | undefined {
    return this.#stop;
  }

  /** The exit code or signal of the driver process. */
  get ended(): string | undefined {
    return this.#ended;
  }

  onStop(listener: (stop: Stop) => void): () => void {
    this.#stopListeners.add(listener);
    return () => this.#stopListeners.delete(listener);
  }

  onRun(listener: () => void): () => void {
    this.#runListeners.add(listener);
    return () => this.#runListeners.delete(listener);
  }

  threads(): Promise<GdbThread[]> {
    return this.gdb.threads();
  }

  /** Resolves as soon as the stop is asked for. */
  pause(): void {
    if (this.#stop !== undefined || this.#ended !== undefined) return;
    this.#asked = true;
    // gdb interrupts by SIGINT, which is how a user ends the driver.
    process.kill(this.pid, 'SIGSTOP');
  }

  /** One of gdb's -exec commands: the device goes on first. */
  async run(command: string): Promise<void> {
    await this.#world?.cont().catch(() => undefined);
    try {
      await this.gdb.client.send(command);
    } catch (error) {
      await this.#world?.stop().catch(() => undefined);
      throw error;
    }
  }

  #running(): void {
    if (this.#stop === undefined) return;
    this.#stop = undefined;
    for (const listener of this.#runListeners) listener();
  }

  async #stopped(results: MiTuple): Promise<void> {
    if (!this.#attached) return;
    const reason = text(results, 'reason');
    if (reason?.startsWith('exited') === true) {
      this.#end(results, reason);
      return;
    }
    await this.#world?.stop().catch(() => undefined);
    const name = text(results, 'signal-name');
    const frame = results['frame'];
    const asked = this.#asked && name === 'SIGSTOP';
    this.#asked = false;
    const thread = number(results, 'thread-id') ?? 1;
    this.#stop = {
      generation: ++this.#generation,
      thread: asked ? await this.#runner(thread) : thread,
      reason: asked ? undefined : reason,
      breakpoint: text(results, 'bkptno'),
      temporary: text(results, 'disp') === 'del',
      signal:
        name === undefined || name === 'SIGSTOP' || name === '0'
          ? undefined
          : { name, meaning: text(results, 'signal-meaning') ?? name },
      frame: isTuple(frame) ? frameOf(frame) : undefined,
    };
    for (const listener of this.#stopListeners) listener(this.#stop);
  }

  /** The thread that has the virtual CPU: any thread may have got the signal of a pause. */
  async #runner(fallback: number): Promise<number> {
    try {
      const tid = Number(await this.gdb.evaluate('ddekit__runner->host_tid'));
      return (await this.threads()).find((thread) => thread.tid === tid)?.id ?? fallback;
    } catch {
      return fallback;
    }
  }

  #end(results: MiTuple, reason: string): void {
    const code = text(results, 'exit-code');
    this.#ended =
      text(results, 'signal-name') ?? (code === undefined ? reason : `exit code ${Number.parseInt(code, 8)}`);
    this.#stop = undefined;
    for (const listener of this.#runListeners) listener();
  }
}
