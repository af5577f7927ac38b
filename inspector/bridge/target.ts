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
const PASSED = 'SIGALRM SIGUSR1 SIGUSR2 SIGURG SIGINT SIGTERM SIGHUP SIGCHLD SIGPIPE SIGCONT';

/** gdb's settings before it attaches. */
export const SETTINGS: readonly string[] = [
  '-gdb-set mi-async on',
  '-gdb-set pagination off',
  '-gdb-set confirm off',
  '-gdb-set debuginfod enabled off',
  '-gdb-set breakpoint pending off',
  // A process that is to become the driver is another program yet.
  '-gdb-set exec-file-mismatch off',
  '-gdb-set print sevenbit-strings off',
  '-gdb-set print elements 64',
  '-gdb-set print object off',
  '-gdb-set language c',
  // An instruction that is stepped in a place of its own would go on there if gdb died.
  '-gdb-set displaced-stepping off',
  '-gdb-set python print-stack none',
];

/** In pci_device_probe(dev): container_of(dev->driver, struct pci_driver, driver)->probe. */
const PROBE =
  '(unsigned long)((struct pci_driver *)((char *)dev->driver - (unsigned long)&((struct pci_driver *)0)->driver))->probe';

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

  /** Attaches and leaves the driver stopped. Stops are told from listen() on. */
  async attach(): Promise<void> {
    const { client } = this.gdb;
    await this.gdb.cli(`handle ${PASSED} nostop noprint pass`);
    await this.gdb.cli('handle SIGSTOP stop print nopass');
    await this.#until(() => client.send(`-target-attach ${this.pid}`));
  }

  /** A process that stands before its exec of the driver goes on until it is the driver. */
  async followExec(): Promise<void> {
    await this.gdb.cli('tcatch exec');
    await this.#runTo('exec');
  }

  /** A signal that came before may be told first. */
  async #runTo(reason: string): Promise<void> {
    let results: MiTuple | undefined;
    for (let stops = 0; stops < 1000 && (results === undefined || text(results, 'reason') !== reason); stops++)
      results = await this.#until(() => this.gdb.client.send('-exec-continue'));
    if (results !== undefined && text(results, 'reason') === reason) return;
    throw new Error(`the driver process does not start: ${text(results ?? {}, 'signal-name') ?? 'it stops elsewhere'}`);
  }

  /** The driver runs up to the probe function of the PCI driver that is asked for a device first. */
  async runToProbe(): Promise<void> {
    // A method of the PCI bus, so no compiler inlines it.
    await this.gdb.insertBreakpoint('pci_device_probe', undefined, '-t ');
    await this.#runTo('breakpoint-hit');
    const probe = await this.gdb.evaluate(PROBE, {
      thread: this.#stop?.thread ?? 1,
      level: 0,
    });
    // Behind the prologue, where the arguments are.
    await this.gdb.insertBreakpoint(`*${probe}`, undefined, '-t ');
    await this.#runTo('breakpoint-hit');
  }

  /** After a stop that nobody asked for and that is not told: true when it has made the driver go on. */
  goOn: (() => Promise<boolean>) | undefined;

  listen(): void {
    this.#attached = true;
  }

  async #until(start: () => Promise<unknown>): Promise<MiTuple> {
    const stopped = new Promise<MiTuple>((resolve) => {
      const end = this.gdb.client.onEvent((event) => {
        if (event.type !== 'exec' || event.class !== 'stopped') return;
        end();
        resolve(event.results);
      });
    });
    await start();
    const results = await stopped;
    if (text(results, 'reason')?.startsWith('exited') === true) throw new Error('the driver process has ended');
    this.#stop = this.#stopOf(results, number(results, 'thread-id') ?? 1, false);
    return results;
  }

  set world(world: WorldStop) {
    this.#world = world;
  }

  /** gdb is gone: nothing stands still on its behalf any more. */
  release(): void {
    this.#world = undefined;
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
      if (!this.gdb.client.ended) await this.#world?.stop().catch(() => undefined);
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
    // gdb tells the stop that a new thread begins with, when the process was stopped before its exec.
    if (text(results, 'signal-name') === 'SIGSTOP' && !this.#asked) {
      // It ends a step that is on its way.
      if ((await this.goOn?.().catch(() => false)) !== true)
        await this.gdb.client.send('-exec-continue').catch(() => undefined);
      return;
    }
    await this.#world?.stop().catch(() => undefined);
    const name = text(results, 'signal-name');
    const asked = this.#asked && name === 'SIGSTOP';
    this.#asked = false;
    const thread = number(results, 'thread-id') ?? 1;
    this.#stop = this.#stopOf(results, asked ? await this.#runner(thread) : thread, asked);
    for (const listener of this.#stopListeners) listener(this.#stop);
  }

  #stopOf(results: MiTuple, thread: number, asked: boolean): Stop {
    const name = text(results, 'signal-name');
    const meaning = text(results, 'signal-meaning');
    const frame = results['frame'];
    return {
      generation: ++this.#generation,
      thread,
      reason: asked ? undefined : text(results, 'reason'),
      breakpoint: text(results, 'bkptno'),
      temporary: text(results, 'disp') === 'del',
      signal: name === undefined || name === 'SIGSTOP' || name === '0' ? undefined : { name, meaning: meaning ?? name },
      frame: isTuple(frame) ? frameOf(frame) : undefined,
    };
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
