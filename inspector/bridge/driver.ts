// SPDX-License-Identifier: MIT
// A driver process for the domains of the protocol.
import { pathToFileURL } from 'node:url';
import type { Protocol } from 'devtools-protocol';
import {
  type BreakpointRequest,
  type DebuggerBackend,
  type EvaluateRequest,
  ProtocolError,
  type RuntimeBackend,
} from '../cdp/index.js';
import { type FrameRef, type Gdb, MiClosedError } from '../mi/index.js';
import { Breakpoints } from './breakpoints.js';
import { exceptionEvent, Exceptions, type PauseOn, withoutReporters } from './exceptions.js';
import { isInternal, sideEffect, stripSourceUrl, viewOf } from './expressions.js';
import { callFrames, cellFinder, type FrameContext, frameRef, reasonOf } from './frames.js';
import { Objects } from './objects.js';
import { lineAtOrAfter, type Sources } from './sources.js';
import type { Stop, Target } from './target.js';
import { isKernelThread } from './threads.js';
import { errorObject } from './values.js';

type PausedEvent = Protocol.Debugger.PausedEvent;
type ConsoleEvent = Protocol.Runtime.ConsoleAPICalledEvent;
type EvaluateResponse = Protocol.Runtime.EvaluateResponse;

/** Messages that a client gets when it comes. */
const HISTORY = 500;
/** Blackboxed steps in a row before a step ends anyway. */
const MAX_SKIPPED = 50;

/** gdb's name for the frame between a signal's handler and what was interrupted. */
const SIGNAL_FRAME = '<signal handler called>';

type StepKind = 'over' | 'into' | 'out';

export interface DriverOptions {
  readonly name: string;
  readonly executable: string;
  readonly readOnly: boolean;
  readonly toolRoot: string;
}

interface Listeners<T extends unknown[]> {
  readonly size: number;
  add(one: (...args: T) => void): () => void;
  call(...args: T): void;
}

function listeners<T extends unknown[]>(): Listeners<T> {
  const all = new Set<(...args: T) => void>();
  return {
    get size() {
      return all.size;
    },
    add(one) {
      all.add(one);
      return () => all.delete(one);
    },
    call(...args) {
      for (const one of [...all]) one(...args);
    },
  };
}

function errorResponse(message: string): EvaluateResponse {
  const result = errorObject(message);
  const exceptionDetails = { exceptionId: 1, text: 'Uncaught', lineNumber: 0, columnNumber: 0, exception: result };
  return { result, exceptionDetails };
}

export class Driver implements DebuggerBackend, RuntimeBackend {
  readonly context: Protocol.Runtime.ExecutionContextDescription;
  readonly gdb: Gdb;
  readonly target: Target;
  readonly sourceFiles: Sources;
  readonly objects: Objects;
  readonly #breakpoints: Breakpoints;
  readonly exceptions: Exceptions;
  readonly #frames: FrameContext;
  readonly #options: DriverOptions;
  readonly #paused = listeners<[PausedEvent]>();
  readonly #resumed = listeners<[]>();
  readonly #console = listeners<[ConsoleEvent]>();
  readonly #ended = listeners<[]>();
  readonly #threads = listeners<[]>();
  readonly #threadsPaused = listeners<[ReadonlyMap<number, PausedEvent>]>();
  readonly #addresses = new Map<string, number>();
  #pausedAt = 0;
  readonly #history: ConsoleEvent[] = [];
  #event: PausedEvent | undefined;
  #skipAll = false;
  #blackbox: readonly RegExp[] = [];
  #stepping:
    | {
        readonly kind: StepKind;
        readonly thread: number;
        /** Frames on its stack where the step began. */
        readonly depth: number;
        /** Blackboxed steps so far. */
        skipped: number;
        /** Signal handlers on the stack where the step began. */
        readonly handlers: number;
        /** On the way back from one that came in between. */
        returning: boolean;
      }
    | undefined;

  constructor(target: Target, sources: Sources, options: DriverOptions) {
    this.target = target;
    this.gdb = target.gdb;
    this.sourceFiles = sources;
    this.#options = options;
    this.objects = new Objects(target.gdb);
    this.#breakpoints = new Breakpoints(target.gdb, sources, { readOnly: options.readOnly });
    this.exceptions = new Exceptions(target.gdb, options.toolRoot);
    this.#frames = {
      gdb: target.gdb,
      sources,
      objects: this.objects,
      cells: cellFinder(target.gdb),
      addresses: this.#addresses,
    };
    this.context = {
      id: 1,
      origin: pathToFileURL(options.executable).href,
      name: `${options.name}[${target.pid}]`,
      uniqueId: `driver.${target.pid}`,
      auxData: { isDefault: true },
    };
    target.onStop((stop) => void this.#stopped(stop).catch((error: unknown) => this.#lost(error)));
    target.onRun(() => this.#ran());
    target.goOn = () => this.#stepOn();
    this.gdb.client.onEvent((event) => {
      if (event.type === 'notify' && /^thread-(created|exited)$/.test(event.class)) this.#threads.call();
    });
  }

  #lost(error: unknown): void {
    if (error instanceof MiClosedError) return;
    this.say('error', `the stop cannot be shown: ${error instanceof Error ? error.message : error}`);
  }

  async #stopped(stop: Stop): Promise<void> {
    if (this.#skipAll && stop.signal === undefined) {
      await this.target.run('-exec-continue');
      return;
    }
    const frames = await callFrames(this.#frames, stop.thread, stop.generation);
    if (this.target.stop?.generation !== stop.generation) return;
    if (await this.#leaveHandler(stop, frames)) return;
    if (await this.#skip(stop, frames[0]?.url ?? '')) return;
    this.#stepping = undefined;
    const exception = await this.exceptions.of(stop);
    const hit = stop.breakpoint === undefined ? undefined : await this.#breakpoints.idOf(stop.breakpoint);
    this.#event = {
      callFrames: exception === undefined ? frames : withoutReporters(frames),
      ...(exception === undefined ? reasonOf(stop) : exceptionEvent(exception)),
      hitBreakpoints: hit === undefined ? [] : [hit],
    };
    this.#pausedAt = performance.now();
    this.#paused.call(this.#event);
    await this.#tellThreads(stop);
  }

  /** The stacks of the other kernel threads, for those who show them. */
  async #tellThreads(stop: Stop): Promise<void> {
    if (this.#threadsPaused.size === 0) return;
    const stops = new Map<number, PausedEvent>();
    for (const thread of (await this.gdb.threads()).filter(isKernelThread)) {
      if (this.target.stop?.generation !== stop.generation) return;
      if (thread.id === stop.thread) continue;
      stops.set(thread.id, await this.#threadEvent(thread.id, stop));
    }
    if (this.target.stop?.generation === stop.generation) this.#threadsPaused.call(stops);
  }

  async #threadEvent(thread: number, stop: Stop): Promise<PausedEvent> {
    return { callFrames: await callFrames(this.#frames, thread, stop.generation), reason: 'other', hitBreakpoints: [] };
  }

  /** Where a thread stands now; undefined when the driver runs, or the stop is about this very thread, which the root session tells. */
  async threadStop(thread: number): Promise<PausedEvent | undefined> {
    const { stop } = this.target;
    if (stop === undefined || stop.thread === thread || this.#event === undefined) return undefined;
    return this.#threadEvent(thread, stop).catch(() => undefined);
  }

  onThreadsPaused(listener: (stops: ReadonlyMap<number, PausedEvent>) => void): () => void {
    return this.#threadsPaused.add(listener);
  }

  /** Called when a thread comes or goes. */
  onThreads(listener: () => void): () => void {
    return this.#threads.add(listener);
  }

  /** Milliseconds of the pause that lasts; 0: the driver runs. */
  get pausedMs(): number {
    return this.#event === undefined ? 0 : performance.now() - this.#pausedAt;
  }

  /** The stop that the driver is in already when the first client comes. */
  async showStop(): Promise<void> {
    const { stop } = this.target;
    if (stop !== undefined) await this.#stopped(stop);
  }

  /** A step that ended in a signal's handler, which came in between, goes on behind it: the driver's timer is a signal. */
  async #leaveHandler(stop: Stop, frames: readonly Protocol.Debugger.CallFrame[]): Promise<boolean> {
    const stepping = this.#stepping;
    if (stepping === undefined) return false;
    const depth = frames.filter(({ functionName }) => functionName === SIGNAL_FRAME).length;
    if (depth > stepping.handlers && stop.reason === 'end-stepping-range') {
      const handler = frames.findIndex(({ functionName }) => functionName === SIGNAL_FRAME);
      const { level } = frameRef(frames[handler + 1]?.callFrameId ?? '', stop);
      const place = await this.gdb.evaluate('(unsigned long)$pc', { thread: stop.thread, level });
      await this.gdb.insertBreakpoint(`*${place}`, undefined, `-t -p ${stop.thread} `);
      stepping.returning = true;
      await this.target.run('-exec-continue');
      return true;
    }
    if (!stepping.returning || stop.reason !== 'breakpoint-hit') return false;
    stepping.returning = false;
    if (stop.temporary) {
      await this.#exec(stepping.kind, stop.thread);
      return true;
    }
    return false;
  }

  /** A step that was cut short, be it in a function that it steps over, goes on. */
  async #stepOn(): Promise<boolean> {
    const stepping = this.#stepping;
    if (stepping === undefined) return false;
    if (stepping.returning) return false; // its breakpoint is there
    const { thread, depth, kind } = stepping;
    const frames = await callFrames(this.#frames, thread, 0);
    const begun = frames[frames.length - depth];
    if (frames.length <= depth || begun === undefined) {
      await this.#exec(kind, thread);
      return true;
    }
    const [, level] = begun.callFrameId.split('.');
    const place = await this.gdb.evaluate('(unsigned long)$pc', { thread, level: Number(level) });
    await this.gdb.insertBreakpoint(`*${place}`, undefined, `-t -p ${thread} `);
    stepping.returning = true;
    await this.target.run('-exec-continue');
    return true;
  }

  /** A step that ended in code that is not to be shown goes on. */
  async #skip(stop: Stop, url: string): Promise<boolean> {
    const stepping = this.#stepping;
    if (stepping === undefined || stop.reason !== 'end-stepping-range') return false;
    if (!this.#blackbox.some((pattern) => pattern.test(url)) || ++stepping.skipped > MAX_SKIPPED) return false;
    await this.target
      .run(`-exec-finish --thread ${stop.thread} --frame 0`)
      .catch(() => this.target.run('-exec-continue'));
    return true;
  }

  #ran(): void {
    this.objects.resumed();
    this.#addresses.clear();
    if (this.#event !== undefined) {
      this.#event = undefined;
      this.#resumed.call();
    }
    const { ended } = this.target;
    if (ended !== undefined) {
      this.say('warning', `the driver process has ended: ${ended}`);
      this.#ended.call();
    }
  }

  /** A message of the inspector itself in the clients' consoles. */
  say(type: 'info' | 'warning' | 'error', text: string): void {
    this.print({ type, text: `dde-profile: ${text}`, time: Date.now() });
  }

  /** @param time milliseconds since the epoch */
  print({ type, text, time }: { type: string; text: string; time: number }): void {
    const event: ConsoleEvent = {
      type: type as ConsoleEvent['type'],
      args: [{ type: 'string', value: text }],
      executionContextId: 1,
      timestamp: time,
    };
    this.#history.push(event);
    if (this.#history.length > HISTORY) this.#history.shift();
    this.#console.call(event);
  }

  // Debugger

  scripts(): Protocol.Debugger.ScriptParsedEvent[] {
    return this.sourceFiles.events();
  }

  source(scriptId: string): Promise<string> {
    return this.sourceFiles.text(scriptId);
  }

  async breakable(scriptId: string, from: number, to: number): Promise<Protocol.Debugger.Location[]> {
    const { lines } = this.sourceFiles.byId(scriptId);
    return [...lines]
      .filter((line) => line - 1 >= from && line - 1 < to)
      .map((line) => ({ scriptId, lineNumber: line - 1, columnNumber: 0 }));
  }

  setBreakpoint(owner: object, request: BreakpointRequest): ReturnType<DebuggerBackend['setBreakpoint']> {
    return this.#breakpoints.set(owner, request);
  }

  setFunctionBreakpoint(owner: object, name: string): ReturnType<DebuggerBackend['setBreakpoint']> {
    return this.#breakpoints.setFunction(owner, name);
  }

  setAddressBreakpoint(
    owner: object,
    addr: number,
    condition: string | undefined,
  ): ReturnType<DebuggerBackend['setBreakpoint']> {
    return this.#breakpoints.setAddress(owner, addr, condition);
  }

  /** The pc of a frame of this stop; of a caller that of its call. */
  addressOf(callFrameId: string): number | undefined {
    return this.#addresses.get(callFrameId);
  }

  async continueToAddress(addr: number): Promise<void> {
    const { thread } = this.#stop();
    await this.gdb.insertBreakpoint(`*${addr}`, undefined, `-t -p ${thread} `);
    await this.target.run('-exec-continue');
  }

  removeBreakpoint(owner: object, breakpointId: string): Promise<void> {
    return this.#breakpoints.remove(owner, breakpointId);
  }

  setBreakpointsActive(active: boolean): Promise<void> {
    return this.#breakpoints.setActive(active);
  }

  async releaseOwner(owner: object): Promise<void> {
    await Promise.all([this.#breakpoints.removeAll(owner), this.exceptions.set(owner, 'none')]);
  }

  paused(): PausedEvent | undefined {
    return this.#event;
  }

  onPaused(listener: (event: PausedEvent) => void): () => void {
    return this.#paused.add(listener);
  }

  onResumed(listener: () => void): () => void {
    return this.#resumed.add(listener);
  }

  async pause(): Promise<void> {
    this.target.pause();
  }

  #stop(): Stop {
    const { stop } = this.target;
    if (stop === undefined) throw new ProtocolError('Can only perform operation while paused.');
    return stop;
  }

  async resume(): Promise<void> {
    this.#stop();
    await this.target.run('-exec-continue');
  }

  /** @param thread undefined: the one that the stop is about */
  async step(kind: StepKind, thread: number = this.#stop().thread): Promise<void> {
    this.#stop();
    const frames = this.#event?.callFrames ?? [];
    const handlers = frames.filter(({ functionName }) => functionName === SIGNAL_FRAME).length;
    this.#stepping = { kind, thread, depth: frames.length, skipped: 0, handlers, returning: false };
    await this.#exec(kind, thread);
  }

  #exec(kind: StepKind, thread: number): Promise<void> {
    const command = { over: '-exec-next', into: '-exec-step', out: '-exec-finish' }[kind];
    return this.target.run(`${command} --thread ${thread}${kind === 'out' ? ' --frame 0' : ''}`);
  }

  async continueTo({ scriptId, lineNumber }: Protocol.Debugger.Location): Promise<void> {
    const { thread } = this.#stop();
    const file = this.sourceFiles.byId(scriptId);
    const line = lineAtOrAfter(file.lines, lineNumber + 1);
    if (line === undefined) throw new ProtocolError('There is no code at or behind that line.');
    // Not -exec-until: that stops when the frame returns, too.
    await this.gdb.insertBreakpoint(`${file.name}:${line}`, undefined, `-t -p ${thread} `);
    await this.target.run('-exec-continue');
  }

  async setSkipAllPauses(skip: boolean): Promise<void> {
    this.#skipAll = skip;
  }

  setPauseOnExceptions(owner: object, state: PauseOn): Promise<void> {
    return this.exceptions.set(owner, state);
  }

  async setBlackboxPatterns(patterns: readonly RegExp[]): Promise<void> {
    this.#blackbox = patterns;
  }

  evaluateOnCallFrame(callFrameId: string, request: EvaluateRequest): Promise<EvaluateResponse> {
    return this.#evaluate(request, frameRef(callFrameId, this.target.stop));
  }

  async setVariable(
    callFrameId: string,
    scope: number,
    name: string,
    { value, unserializableValue }: Protocol.Runtime.CallArgument,
  ): Promise<void> {
    const frame = frameRef(callFrameId, this.target.stop);
    if (this.#options.readOnly) throw new ProtocolError('This session is read-only (--read-only).');
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new ProtocolError(`${JSON.stringify(name)} is no variable.`);
    const text = unserializableValue?.replace(/n$/, '') ?? String(value);
    if (sideEffect(text) !== undefined)
      throw new ProtocolError('The value must be an expression without side effects.');
    await this.gdb.evaluate(`${scope === 1 ? '$' : ''}${name} = ${text}`, frame);
  }

  // Runtime

  evaluate(request: EvaluateRequest): Promise<EvaluateResponse> {
    const { stop } = this.target;
    return this.#evaluate(request, stop === undefined ? undefined : { thread: stop.thread, level: 0 });
  }

  async #evaluate(request: EvaluateRequest, frame: FrameRef | undefined): Promise<EvaluateResponse> {
    const stripped = stripSourceUrl(request.expression);
    if (isInternal(stripped) || stripped === '') return { result: { type: 'undefined' } };
    const { expression } = viewOf(stripped);
    const guarded = request.throwOnSideEffect || this.#options.readOnly;
    const effect = guarded ? sideEffect(expression) : undefined;
    if (effect !== undefined) {
      const why = request.throwOnSideEffect ? 'EvalError: Possible side-effect in debug-evaluate' : '--read-only';
      return errorResponse(`${why}: ${effect}`);
    }
    try {
      return { result: await this.objects.evaluate(expression, frame, { group: request.objectGroup, guarded }) };
    } catch (error) {
      return errorResponse(error instanceof Error ? error.message : String(error));
    }
  }

  async properties(objectId: string): Promise<Protocol.Runtime.GetPropertiesResponse> {
    return { result: await this.objects.properties(objectId) };
  }

  async releaseObject(objectId: string): Promise<void> {
    this.objects.release(objectId);
  }

  async releaseGroup(group: string): Promise<void> {
    this.objects.releaseGroup(group);
  }

  async globalNames(): Promise<string[]> {
    return [];
  }

  consoleHistory(): readonly ConsoleEvent[] {
    return this.#history;
  }

  onConsole(listener: (event: ConsoleEvent) => void): () => void {
    return this.#console.add(listener);
  }

  onEnd(listener: () => void): () => void {
    return this.#ended.add(listener);
  }

  memory(): { used: number; total: number } {
    const { heapUsed, heapTotal } = process.memoryUsage();
    return { used: heapUsed, total: heapTotal };
  }
}
