// SPDX-License-Identifier: MIT
// A stop as Debugger.paused tells it: frames with places and scopes.
import type { Protocol } from 'devtools-protocol';
import { ProtocolError } from '../cdp/index.js';
import type { FrameRef, Gdb, GdbFrame } from '../mi/index.js';
import { type Objects, property } from './objects.js';
import { NO_SOURCE, type Sources } from './sources.js';
import type { Stop } from './target.js';

type CallFrame = Protocol.Debugger.CallFrame;
type Property = Protocol.Runtime.PropertyDescriptor;

const MAX_FRAMES = 128;
/** rax to gs: what a C programmer looks at. */
const REGISTERS = 24;

export interface FrameContext {
  readonly gdb: Gdb;
  readonly sources: Sources;
  readonly objects: Objects;
  /** Code cells of the tracer, which are no functions of anybody's. */
  /** Filled with the code addresses of the frames, by their ids. */
  readonly addresses: Map<string, number>;
  readonly cells: () => Promise<Cells | undefined>;
}

interface Cells {
  readonly base: number;
  readonly size: number;
}

/** The tracer makes its cells when the driver starts, so they are asked for until they are there. */
export function cellFinder(gdb: Gdb): () => Promise<Cells | undefined> {
  let cells: Cells | undefined;
  return async () => {
    if (cells !== undefined) return cells;
    try {
      const base = Number(await gdb.evaluate('(unsigned long)ddet_cells_base'));
      const size = Number(await gdb.evaluate('(unsigned long)ddet_cells_size'));
      if (base > 0 && size > 0) cells = { base, size };
    } catch {
      // A driver without a tracer.
    }
    return cells;
  };
}

function frameId(thread: number, level: number, generation: number): string {
  return `${thread}.${level}.${generation}`;
}

/** Throws ProtocolError for a frame of an earlier stop. */
export function frameRef(id: string, stop: Stop | undefined): FrameRef {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(id);
  if (found === null || stop === undefined || Number(found[3]) !== stop.generation)
    throw new ProtocolError('Could not find call frame with given id: the driver has run since.');
  return { thread: Number(found[1]), level: Number(found[2]) };
}

function placeOf(frame: GdbFrame, sources: Sources): { location: Protocol.Debugger.Location; url: string } {
  const file = frame.fullname === undefined ? undefined : sources.byPath(frame.fullname);
  if (file === undefined || frame.line === undefined)
    return { location: { scriptId: NO_SOURCE, lineNumber: 0, columnNumber: 0 }, url: '' };
  return { location: { scriptId: file.scriptId, lineNumber: frame.line - 1, columnNumber: 0 }, url: file.url };
}

function nameOf(frame: GdbFrame): string {
  const library = frame.from === undefined ? '' : ` (${frame.from.split('/').pop()})`;
  return frame.func === undefined ? `0x${frame.addr.toString(16)}${library}` : frame.func;
}

async function locals(context: FrameContext, frame: FrameRef): Promise<Property[]> {
  const names = await context.gdb.variableNames(frame);
  const ordered = [...names.filter(({ argument }) => argument), ...names.filter(({ argument }) => !argument)];
  return context.objects.variables(
    ordered.map(({ name }) => name),
    frame,
  );
}

let registerNames: string[] | undefined;

async function registers({ gdb }: FrameContext, frame: FrameRef): Promise<Property[]> {
  registerNames ??= await gdb.registerNames();
  const names = registerNames;
  const numbers = names.flatMap((name, i) => (name !== '' && i < REGISTERS ? [i] : []));
  return (await gdb.registers(frame, numbers)).map(({ number, value }) =>
    property(names[number] ?? String(number), { type: 'symbol', description: value }),
  );
}

function scopesOf(context: FrameContext, frame: FrameRef, name: string): Protocol.Debugger.Scope[] {
  const scope = (list: () => Promise<Property[]>): Protocol.Runtime.RemoteObject => ({
    type: 'object',
    className: 'Object',
    description: 'Object',
    objectId: context.objects.list(list),
  });
  return [
    { type: 'local', name, object: scope(() => locals(context, frame)) },
    { type: 'block', name: 'Registers', object: scope(() => registers(context, frame)) },
  ];
}

/** The stack of a thread, innermost first, down to the thread's start. */
export async function callFrames(context: FrameContext, thread: number, generation: number): Promise<CallFrame[]> {
  const { gdb, sources } = context;
  const cells = await context.cells();
  const frames = await gdb.frames(thread, 0, MAX_FRAMES - 1);
  return frames
    .filter(({ addr }) => cells === undefined || addr < cells.base || addr >= cells.base + cells.size)
    .map((frame) => {
      const { location, url } = placeOf(frame, sources);
      const functionName = nameOf(frame);
      const callFrameId = frameId(thread, frame.level, generation);
      // A caller's address is the one that its call returns to.
      context.addresses.set(callFrameId, frame.level === 0 ? frame.addr : frame.addr - 1);
      return {
        callFrameId,
        functionName,
        location,
        url,
        scopeChain: scopesOf(context, { thread, level: frame.level }, functionName),
        this: { type: 'undefined' },
        canBeRestarted: false,
      };
    });
}

/** Why the driver is paused, in CDP's words, when it is no exception. */
export function reasonOf(stop: Stop): Pick<Protocol.Debugger.PausedEvent, 'reason'> {
  // Chrome's front end knows 'step'; the protocol's list of reasons says so, too.
  return { reason: stop.reason === 'end-stepping-range' ? 'step' : 'other' };
}
