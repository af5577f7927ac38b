// SPDX-License-Identifier: MIT
// The MI commands that a debugger needs, with typed answers.
import { type MiClient, quote } from './client.js';
import { isTuple, type MiTuple, number, strings, text, tuples } from './value.js';

export interface GdbFrame {
  readonly level: number;
  readonly addr: number;
  readonly func: string | undefined;
  /** Where the source is now, after gdb's path substitutions. */
  readonly fullname: string | undefined;
  /** 1-based. */
  readonly line: number | undefined;
  /** The library, for a function without debug information. */
  readonly from: string | undefined;
}

export interface GdbThread {
  readonly id: number;
  readonly name: string;
  /** The kernel's number of the thread. */
  readonly tid: number;
  readonly state: 'stopped' | 'running';
  readonly frame: GdbFrame | undefined;
}

export interface GdbBreakpoint {
  readonly number: string;
  /** All places: one line may be inlined in several functions. */
  readonly locations: readonly { readonly addr: number; readonly fullname?: string; readonly line?: number }[];
}

export interface GdbVariable {
  readonly name: string;
  readonly expression: string;
  readonly type: string;
  readonly value: string;
  readonly children: number;
  readonly dynamic: boolean;
  readonly hasMore: boolean;
}

function address(tuple: MiTuple): number | undefined {
  const addr = text(tuple, 'addr');
  return addr !== undefined && /^0x[0-9a-f]+$/.test(addr) ? Number(addr) : undefined;
}

export function frameOf(tuple: MiTuple): GdbFrame {
  return {
    level: number(tuple, 'level') ?? 0,
    addr: address(tuple) ?? 0,
    func: text(tuple, 'func'),
    fullname: text(tuple, 'fullname') ?? text(tuple, 'file'),
    line: number(tuple, 'line'),
    from: text(tuple, 'from'),
  };
}

function threadOf(tuple: MiTuple): GdbThread {
  const target = text(tuple, 'target-id') ?? '';
  const tid = /LWP (\d+)/.exec(target)?.[1] ?? /\.(\d+)$/.exec(target)?.[1];
  const frame = tuple['frame'];
  return {
    id: number(tuple, 'id') ?? 0,
    name: text(tuple, 'name') ?? target,
    tid: tid === undefined ? 0 : Number(tid),
    state: text(tuple, 'state') === 'running' ? 'running' : 'stopped',
    frame: isTuple(frame) ? frameOf(frame) : undefined,
  };
}

function breakpointOf(results: MiTuple): GdbBreakpoint {
  const bkpt = results['bkpt'];
  const main = isTuple(bkpt) ? bkpt : results;
  const all = tuples(main, 'locations');
  const locations = (all.length > 0 ? all : [main]).flatMap((one) => {
    const addr = address(one);
    const fullname = text(one, 'fullname');
    const line = number(one, 'line');
    if (addr === undefined) return [];
    return [{ addr, ...(fullname === undefined ? {} : { fullname }), ...(line === undefined ? {} : { line }) }];
  });
  return { number: text(main, 'number') ?? '', locations };
}

function variableOf(tuple: MiTuple): GdbVariable {
  return {
    name: text(tuple, 'name') ?? '',
    expression: text(tuple, 'exp') ?? '',
    type: text(tuple, 'type') ?? '',
    value: text(tuple, 'value') ?? '',
    children: number(tuple, 'numchild') ?? 0,
    dynamic: text(tuple, 'dynamic') === '1',
    hasMore: text(tuple, 'has_more') === '1',
  };
}

/** A thread's frame, for commands that look at one. */
export interface FrameRef {
  readonly thread: number;
  readonly level: number;
}

function at({ thread, level }: FrameRef): string {
  return `--thread ${thread} --frame ${level}`;
}

export class Gdb {
  readonly client: MiClient;

  constructor(client: MiClient) {
    this.client = client;
  }

  /** A command of gdb's own language; its output comes as console records. */
  async cli(command: string): Promise<void> {
    await this.client.send(`-interpreter-exec console ${quote(command)}`);
  }

  /** The same, with the output as text. Do not run two at a time: gdb does not tell whose output it is. */
  async cliText(command: string): Promise<string> {
    let output = '';
    const end = this.client.onEvent((event) => {
      if (event.type === 'console') output += event.text;
    });
    try {
      await this.cli(command);
      return output;
    } finally {
      end();
    }
  }

  async threads(): Promise<GdbThread[]> {
    return tuples(await this.client.send('-thread-info'), 'threads').map(threadOf);
  }

  async frames(thread: number, low: number, high: number): Promise<GdbFrame[]> {
    const results = await this.client.send(`-stack-list-frames --thread ${thread} ${low} ${high}`);
    return tuples(results, 'stack').map(frameOf);
  }

  /** The names of arguments and locals, innermost block first; a name that is hidden by another is told once. */
  async variableNames(frame: FrameRef): Promise<{ name: string; argument: boolean }[]> {
    const results = await this.client.send(`-stack-list-variables ${at(frame)} --no-values`);
    const seen = new Set<string>();
    return tuples(results, 'variables').flatMap((one) => {
      const name = text(one, 'name');
      if (name === undefined || seen.has(name)) return [];
      seen.add(name);
      return [{ name, argument: text(one, 'arg') === '1' }];
    });
  }

  async createVariable(expression: string, frame: FrameRef | undefined): Promise<GdbVariable> {
    const where = frame === undefined ? '- @' : `${at(frame)} - *`;
    return variableOf(await this.client.send(createCommand(expression, where)));
  }

  async children(variable: string, from: number, to: number): Promise<{ children: GdbVariable[]; hasMore: boolean }> {
    const results = await this.client.send(`-var-list-children --all-values ${quote(variable)} ${from} ${to}`);
    return { children: tuples(results, 'children').map(variableOf), hasMore: text(results, 'has_more') === '1' };
  }

  async deleteVariable(variable: string): Promise<void> {
    await this.client.send(`-var-delete ${quote(variable)}`);
  }

  async evaluate(expression: string, frame?: FrameRef): Promise<string> {
    const where = frame === undefined ? '' : `${at(frame)} `;
    const results = await this.client.send(`-data-evaluate-expression ${where}${quote(expression)}`);
    return text(results, 'value') ?? '';
  }

  async registerNames(): Promise<string[]> {
    return strings(await this.client.send('-data-list-register-names'), 'register-names');
  }

  async registers(frame: FrameRef, numbers: readonly number[]): Promise<{ number: number; value: string }[]> {
    const results = await this.client.send(`-data-list-register-values ${at(frame)} x ${numbers.join(' ')}`);
    return tuples(results, 'register-values').map((one) => ({
      number: number(one, 'number') ?? -1,
      value: text(one, 'value') ?? '',
    }));
  }

  async insertBreakpoint(location: string, condition?: string, options = ''): Promise<GdbBreakpoint> {
    const when = condition === undefined ? '' : `-c ${quote(condition)} `;
    return breakpointOf(await this.client.send(`-break-insert ${options}${when}${quote(location)}`));
  }

  async insertPrintf(location: string, format: string, args: readonly string[]): Promise<GdbBreakpoint> {
    const rest = [location, format, ...args].map(quote).join(' ');
    return breakpointOf(await this.client.send(`-dprintf-insert ${rest}`));
  }

  async deleteBreakpoint(number: string): Promise<void> {
    await this.client.send(`-break-delete ${number}`);
  }
}

export function createCommand(expression: string, where: string): string {
  return `-var-create ${where} ${quote(expression)}`;
}

export { variableOf };
