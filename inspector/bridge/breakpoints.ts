// SPDX-License-Identifier: MIT
// One gdb breakpoint for all clients that want the same place with the same condition.
import type { Protocol } from 'devtools-protocol';
import { type BreakpointRequest, ProtocolError } from '../cdp/index.js';
import type { Gdb, GdbBreakpoint } from '../mi/index.js';
import { type Condition, parseCondition, sideEffect } from './expressions.js';
import { lineAtOrAfter, type SourceFile, type Sources } from './sources.js';

type Location = Protocol.Debugger.Location;

interface Shared {
  readonly id: string;
  readonly owners: Set<object>;
  readonly made: Promise<{ breakpoint: GdbBreakpoint; locations: Location[] }>;
}

export class Breakpoints {
  readonly #gdb: Gdb;
  readonly #sources: Sources;
  readonly #readOnly: boolean;
  readonly #shared = new Map<string, Shared>();

  constructor(gdb: Gdb, sources: Sources, { readOnly = false } = {}) {
    this.#gdb = gdb;
    this.#sources = sources;
    this.#readOnly = readOnly;
  }

  async set(owner: object, request: BreakpointRequest): Promise<{ breakpointId: string; locations: Location[] }> {
    const files = this.#filesOf(request);
    const condition = parseCondition(request.condition);
    this.#check(condition);
    const found = files.flatMap((file) => {
      const line = lineAtOrAfter(file.lines, request.line + 1);
      return line === undefined ? [] : [{ file, line }];
    });
    const first = found[0];
    if (first === undefined) {
      // Not yet: a front end restores its breakpoints for files that this driver may not have.
      if (files.length === 0) return { breakpointId: `none:${JSON.stringify(request)}`, locations: [] };
      throw new ProtocolError('Could not resolve breakpoint: there is no code at or behind that line.');
    }
    const { file, line } = first;
    const id = `${file.url}:${line}:${request.condition ?? ''}`;
    return this.#share(owner, id, () => this.#insert(`${file.name}:${line}`, condition, file, line));
  }

  async setFunction(owner: object, name: string): Promise<{ breakpointId: string; locations: Location[] }> {
    if (!/^[A-Za-z_][\w.$]*$/.test(name)) throw new ProtocolError(`${JSON.stringify(name)} is not a function name.`);
    return this.#share(owner, `function:${name}`, () => this.#insert(name, { kind: 'none' }));
  }

  async setAddress(
    owner: object,
    addr: number,
    text: string | undefined,
  ): Promise<{ breakpointId: string; locations: Location[] }> {
    const condition = parseCondition(text);
    this.#check(condition);
    return this.#share(owner, `*${addr}:${text ?? ''}`, () => this.#insert(`*${addr}`, condition));
  }

  async remove(owner: object, id: string): Promise<void> {
    const shared = this.#shared.get(id);
    if (shared === undefined || !shared.owners.delete(owner) || shared.owners.size > 0) return;
    this.#shared.delete(id);
    const made = await shared.made.catch(() => undefined);
    if (made !== undefined && !this.#gdb.client.ended) await this.#gdb.deleteBreakpoint(made.breakpoint.number);
  }

  async removeAll(owner: object): Promise<void> {
    await Promise.all([...this.#shared.keys()].map((id) => this.remove(owner, id).catch(() => undefined)));
  }

  async setActive(active: boolean): Promise<void> {
    await this.#gdb.client.send(active ? '-break-enable' : '-break-disable').catch(() => undefined);
  }

  /** The id that clients know a gdb breakpoint by; "3.2" is a location of "3". */
  async idOf(number: string): Promise<string | undefined> {
    const main = number.split('.')[0];
    for (const { id, made } of this.#shared.values()) {
      const settled = await made.catch(() => undefined);
      if (settled?.breakpoint.number === main) return id;
    }
    return undefined;
  }

  async #share(
    owner: object,
    id: string,
    insert: () => Shared['made'],
  ): Promise<{ breakpointId: string; locations: Location[] }> {
    let shared = this.#shared.get(id);
    if (shared === undefined) {
      shared = { id, owners: new Set(), made: insert() };
      this.#shared.set(id, shared);
    }
    shared.owners.add(owner);
    try {
      return { breakpointId: id, locations: (await shared.made).locations };
    } catch (error) {
      this.#shared.delete(id);
      throw error;
    }
  }

  async #insert(
    place: string,
    condition: Condition,
    file?: SourceFile,
    line?: number,
  ): Promise<{ breakpoint: GdbBreakpoint; locations: Location[] }> {
    const breakpoint = await this.#command(place, condition);
    const all = breakpoint.locations.map((one) => ({
      file: (one.fullname === undefined ? undefined : this.#sources.byPath(one.fullname)) ?? file,
      line: one.line ?? line,
    }));
    const locations = all.flatMap((one) =>
      one.file === undefined || one.line === undefined
        ? []
        : [{ scriptId: one.file.scriptId, lineNumber: one.line - 1, columnNumber: 0 }],
    );
    return { breakpoint, locations: locations.slice(0, 1) };
  }

  #command(place: string, condition: Condition): Promise<GdbBreakpoint> {
    switch (condition.kind) {
      case 'none':
        return this.#gdb.insertBreakpoint(place);
      case 'condition':
        return this.#gdb.insertBreakpoint(place, condition.expression);
      case 'logpoint':
        return this.#gdb.insertPrintf(place, ...printfOf(condition.expressions));
    }
  }

  #check(condition: Condition): void {
    if (!this.#readOnly || condition.kind === 'none') return;
    const all = condition.kind === 'condition' ? [condition.expression] : condition.expressions;
    for (const expression of all) {
      const effect = sideEffect(expression);
      if (effect !== undefined) throw new ProtocolError(`--read-only: the condition has a side effect: ${effect}`);
    }
  }

  #filesOf({ script }: BreakpointRequest): SourceFile[] {
    if ('scriptId' in script) return [this.#sources.byId(script.scriptId)];
    if ('url' in script) {
      const file = this.#sources.byUrl(script.url);
      return file === undefined ? [] : [file];
    }
    return this.#sources.matching(new RegExp(script.urlRegex));
  }
}

/** A string literal is text, everything else a value, printed as a number or, with `%s`, as a string. */
function printfOf(expressions: readonly string[]): [string, string[]] {
  const formats: string[] = [];
  const args: string[] = [];
  for (const expression of expressions) {
    const literal = /^(["'`])(.*)\1$/s.exec(expression);
    if (literal !== null) {
      formats.push((literal[2] as string).replace(/%/g, '%%').replace(/[\\"]/g, '\\$&'));
      continue;
    }
    formats.push(`${expression.replace(/%/g, '%%').replace(/[\\"]/g, '\\$&')} = %ld`);
    args.push(`(long)(${expression})`);
  }
  return [`logpoint: ${formats.join(' ')}\\n`, args];
}
