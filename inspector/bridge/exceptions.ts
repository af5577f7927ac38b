// SPDX-License-Identifier: MIT
// What a kernel has in place of exceptions. Uncaught are BUG, oops and the signals of faults, which end the driver: they always pause.
// Caught are what the kernel (WARN) and the runtime (findings) tell and go on from.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from 'devtools-protocol';
import { ENUMS } from '../../tracer/decode/index.js';
import type { FrameRef, Gdb } from '../mi/index.js';
import type { Stop } from './target.js';

type CallFrame = Protocol.Debugger.CallFrame;
export type PauseOn = 'none' | 'caught' | 'uncaught' | 'all';

type Teller = (gdb: Gdb, frame: FrameRef) => Promise<{ readonly kind: string; readonly text: string }>;

async function string(gdb: Gdb, expression: string, frame: FrameRef): Promise<string> {
  const value = await gdb.evaluate(expression, frame);
  return (
    /"((?:[^"\\]|\\.)*)"/
      .exec(value)?.[1]
      ?.replace(/\\n$/, '')
      .replace(/\\(["\\])/g, '$1') ?? ''
  );
}

const warn: Teller = async (gdb, frame) => {
  const [file, line] = await Promise.all([string(gdb, 'file', frame), gdb.evaluate('line', frame)]);
  return { kind: 'WARN', text: file === '' ? 'the kernel warns' : `${file}:${line}` };
};

const panic: Teller = async (gdb, frame) => {
  const text = await string(gdb, 'fmt', frame);
  return { kind: /^BUG/.test(text) ? 'BUG' : 'panic', text: text === '' ? 'the kernel gives up' : text };
};

/** The compiler may have optimized away what was unmapped. */
const unmapped: Teller = async (gdb, frame) => {
  const arguments_ = ['(unsigned long)dma', '(unsigned long)size'].map((one) => gdb.evaluate(one, frame));
  const told = await Promise.all(arguments_).catch(() => undefined);
  const what = told === undefined ? 'an address' : `0x${Number(told[0]).toString(16)}, ${told[1]} bytes,`;
  return { kind: 'finding', text: `unmap of ${what} that is not mapped` };
};

const leak: Teller = async (gdb, frame) => {
  const size = await gdb.evaluate('(unsigned int)size', frame).catch(() => undefined);
  return {
    kind: 'finding',
    text: `${size === undefined ? 'something is' : `${size} bytes are`} left behind at remove`,
  };
};

const misuse: Teller = async (gdb, frame) => {
  const kind = ENUMS['misuse']?.[Number(await gdb.evaluate('(int)kind', frame))] ?? 'misuse';
  return { kind: 'finding', text: kind.replaceAll('_', ' ') };
};

/** What a site of the tracer holds: nopl 0x0(%rax,%rax,1), or the jump. */
const NOP = 0x0000441f0f;
const JMP = 0xe9;
const SITE = 5;

interface Place {
  readonly location: string;
  readonly tell: Teller;
}

const UNCAUGHT: readonly Place[] = [{ location: 'panic', tell: panic }];
const CAUGHT: readonly Place[] = [
  { location: '__warn', tell: warn },
  { location: 'report_unmapped', tell: unmapped },
  { location: 'report_leak', tell: leak },
];

/** Functions that only report: the stack that is shown begins with who did it. */
const REPORTERS =
  /^(__warn|warn_slowpath_\w+|panic|report_bug|report_unmapped|report_leak|ddet_misuse|dde_\w+|ops_\w+|(un)?map_one|dma_\w+)$/;

/** From the runtime's reporter to the line that it is about; all of them when nobody else is on the stack. */
export function withoutReporters(frames: readonly CallFrame[]): CallFrame[] {
  const first = frames.findIndex(({ functionName }) => !REPORTERS.test(functionName));
  return frames.slice(Math.max(0, first));
}

/** Behind the site that the tracer writes to, where gdb must not put anything: the way that is taken while a recording runs. */
function misusePlace(toolRoot: string): Place[] {
  const header = 'ddetrace_events.gen.h';
  try {
    const lines = readFileSync(join(toolRoot, 'tracer/abi', header), 'utf8').split('\n');
    const begin = lines.findIndex((line) => /\bddet_misuse\(/.test(line));
    const at = lines.findIndex((line, i) => i > begin && line.includes('ddet__emit'));
    return begin < 0 || at < 0 ? [] : [{ location: `${header}:${at + 1}`, tell: misuse }];
  } catch {
    return [];
  }
}

/** Why the driver stands, for a stop at one of the places or by a signal. */
export interface Exception {
  readonly kind: string;
  readonly text: string;
  readonly uncaught: boolean;
}

export class Exceptions {
  readonly #gdb: Gdb;
  readonly #caught: readonly Place[];
  readonly #wanted = new Map<object, PauseOn>();
  /** By gdb's number. */
  readonly #places = new Map<string, Place>();
  #inserted: string[] = [];
  #work: Promise<void> = Promise.resolve();

  constructor(gdb: Gdb, toolRoot: string) {
    this.#gdb = gdb;
    this.#caught = [...CAUGHT, ...misusePlace(toolRoot)];
  }

  /** From now on the driver pauses before it gives up. */
  async watch(): Promise<void> {
    await this.#insert(UNCAUGHT);
  }

  /** Pauses for all when one of the owners wants it. */
  set(owner: object, state: PauseOn): Promise<void> {
    if (state === 'none') this.#wanted.delete(owner);
    else this.#wanted.set(owner, state);
    return this.#update();
  }

  async #insert(places: readonly Place[]): Promise<string[]> {
    const numbers: string[] = [];
    for (const place of places) {
      try {
        const { number } = await this.#gdb.insertBreakpoint(await this.#entry(place.location));
        this.#places.set(number, place);
        numbers.push(number);
      } catch {
        // This driver has none of it.
      }
    }
    return numbers;
  }

  /**
   * Once a call, and behind the site of the tracer, which may write a jump over what gdb has put there: gdb has a place of its own choice
   * in each part that the compiler made of a function.
   */
  async #entry(location: string): Promise<string> {
    if (location.includes(':')) return location;
    try {
      const at = Number(await this.#gdb.evaluate(`(unsigned long)&${location}`));
      const code = Number(await this.#gdb.evaluate(`*(unsigned long *)${at} & 0xffffffffff`));
      return `*${at + (code === NOP || code % 256 === JMP ? SITE : 0)}`;
    } catch {
      // Inlined everywhere.
      return location;
    }
  }

  /** One after the other: two sessions of a client tell the same at a time. */
  #update(): Promise<void> {
    this.#work = this.#work.then(async () => {
      if (this.#gdb.client.ended) return;
      const wanted = [...this.#wanted.values()].some((state) => state === 'caught' || state === 'all');
      if (wanted && this.#inserted.length === 0) this.#inserted = await this.#insert(this.#caught);
      else if (!wanted)
        for (const number of this.#inserted.splice(0)) {
          this.#places.delete(number);
          await this.#gdb.deleteBreakpoint(number).catch(() => undefined);
        }
    });
    return this.#work;
  }

  /** Undefined: the stop is about something else. */
  async of(stop: Stop): Promise<Exception | undefined> {
    const frame = { thread: stop.thread, level: 0 };
    if (stop.signal !== undefined) {
      const { name, meaning } = stop.signal;
      const at = await this.#gdb
        .evaluate('(unsigned long)$_siginfo._sifields._sigfault.si_addr', frame)
        .catch(() => '');
      return {
        kind: name,
        text: at === '' ? meaning : `${meaning} at address 0x${Number(at).toString(16)}`,
        uncaught: true,
      };
    }
    const place = this.#places.get(stop.breakpoint?.split('.')[0] ?? '');
    if (place === undefined) return undefined;
    const uncaught = UNCAUGHT.includes(place);
    try {
      return { ...(await place.tell(this.#gdb, frame)), uncaught };
    } catch {
      return { kind: uncaught ? 'panic' : 'finding', text: place.location, uncaught };
    }
  }
}

/** As Debugger.paused tells it. */
export function exceptionEvent({
  kind,
  text,
  uncaught,
}: Exception): Pick<Protocol.Debugger.PausedEvent, 'reason' | 'data'> {
  const data = { type: 'object', subtype: 'error', className: kind, description: `${kind}: ${text}`, uncaught };
  return { reason: 'exception', data };
}
