// SPDX-License-Identifier: MIT
// What clients hold in their hands: gdb's variable objects under ids, freed when the driver goes on or the client lets go.
import type { Protocol } from 'devtools-protocol';
import { ProtocolError } from '../cdp/index.js';
import {
  createCommand,
  type FrameRef,
  type Gdb,
  type GdbVariable,
  MiError,
  type MiTuple,
  quote,
  text,
  variableOf,
} from '../mi/index.js';
import { errorObject, remoteObject } from './values.js';

type RemoteObject = Protocol.Runtime.RemoteObject;
type Property = Protocol.Runtime.PropertyDescriptor;

const GUARD = 'with may-write-memory off -- with may-call-functions off --';
/** Children that are shown at once; the next ones are behind an entry of their own. */
const PAGE = 200;

type Entry =
  | { readonly kind: 'variable'; readonly variable: string; readonly from: number; readonly total: number }
  | { readonly kind: 'list'; readonly list: () => Promise<Property[]> };

interface Held {
  readonly entry: Entry;
  readonly group: string | undefined;
  readonly frame: FrameRef | undefined;
  /** Of a floating variable, which outlives a stop. */
  readonly lasting: boolean;
}

export function property(name: string, value: RemoteObject, writable = false): Property {
  return { name, value, writable, configurable: true, enumerable: true, isOwn: true };
}

const CHARACTERS = /^(const )?(unsigned |signed )?char \[\d+\]$/;
/** gdb's name for a member without one; its members are shown in its place. */
const ANONYMOUS = /^<anonymous (struct|union|class)>$/;

export class Objects {
  readonly #gdb: Gdb;
  readonly #held = new Map<string, Held>();
  #next = 1;

  constructor(gdb: Gdb) {
    this.#gdb = gdb;
  }

  #hold(entry: Entry, group: string | undefined, frame?: FrameRef): string {
    const id = String(this.#next++);
    // A list is of a stop, too.
    this.#held.set(id, { entry, group, frame, lasting: frame === undefined && entry.kind === 'variable' });
    return id;
  }

  /** An object whose properties are made when they are asked for. */
  list(list: () => Promise<Property[]>, group?: string): string {
    return this.#hold({ kind: 'list', list }, group);
  }

  wrap(variable: GdbVariable, group: string | undefined, frame: FrameRef | undefined): RemoteObject {
    return remoteObject(variable, () =>
      this.#hold({ kind: 'variable', variable: variable.name, from: 0, total: variable.children }, group, frame),
    );
  }

  /** gdb shows an array of characters as "[16]"; its text is what the expression for it gives. */
  async #wrapChild(child: GdbVariable, { group, frame }: Held): Promise<RemoteObject> {
    if (!CHARACTERS.test(child.type)) return this.wrap(child, group, frame);
    try {
      const results = await this.#gdb.client.send(`-var-info-path-expression ${quote(child.name)}`);
      const value = await this.#gdb.evaluate(text(results, 'path_expr') ?? '', frame);
      const string = /^"((?:[^"\\]|\\.)*)"/.exec(value)?.[1];
      if (string === undefined) return this.wrap(child, group, frame);
      const content = string.replace(/\\000.*$/s, '');
      return { type: 'string', value: content, description: content };
    } catch {
      return this.wrap(child, group, frame);
    }
  }

  /** An expression's value; rejects with gdb's error. `guarded`: gdb must neither write nor call. */
  async evaluate(
    expression: string,
    frame: FrameRef | undefined,
    { group, guarded = false }: { group?: string | undefined; guarded?: boolean } = {},
  ): Promise<RemoteObject> {
    const where = frame === undefined ? '- @' : `--thread ${frame.thread} --frame ${frame.level} - *`;
    const { client } = this.#gdb;
    const run = (command: string): Promise<MiTuple> => (guarded ? client.nested(GUARD, command) : client.send(command));
    try {
      const variable = variableOf(await run(createCommand(expression, where)));
      // A guarded assignment fails only when its value is fetched, and leaves an empty one.
      if (variable.value !== '' || variable.children > 0 || variable.dynamic) return this.wrap(variable, group, frame);
      this.#gdb.deleteVariable(variable.name).catch(() => undefined);
    } catch (error) {
      if (!(error instanceof MiError)) throw error;
    }
    // Variable objects give no reasons.
    const at = frame === undefined ? '' : `--thread ${frame.thread} --frame ${frame.level} `;
    const results = await run(`-data-evaluate-expression ${at}${quote(expression)}`);
    const value = text(results, 'value') ?? '';
    return { type: 'symbol', description: value === '' ? 'void' : value };
  }

  /** Several variables of a frame; one that fails is shown with gdb's reason. */
  async variables(names: readonly string[], frame: FrameRef, group?: string): Promise<Property[]> {
    const where = `--thread ${frame.thread} --frame ${frame.level} - *`;
    const answers = this.#gdb.client.batch(names.map((name) => createCommand(name, where)));
    const settled = await Promise.allSettled(answers);
    return settled.map((one, i) => {
      const name = names[i] as string;
      if (one.status === 'fulfilled') return property(name, this.wrap(variableOf(one.value), group, frame), true);
      return property(name, errorObject(one.reason instanceof Error ? one.reason.message : String(one.reason)));
    });
  }

  async properties(objectId: string): Promise<Property[]> {
    const held = this.#held.get(objectId);
    if (held === undefined) throw new ProtocolError('Could not find object with given id: the driver has run since.');
    if (held.entry.kind === 'list') return held.entry.list();
    const { variable, from, total } = held.entry;
    const { children } = await this.#gdb.children(variable, from, from + PAGE);
    const result = await this.#flat(children, held);
    const next = from + PAGE;
    if (next < total) {
      const entry: Entry = { kind: 'variable', variable, from: next, total };
      const id = this.#hold(entry, held.group, held.frame);
      result.push(property(`[${next} ... ${total - 1}]`, { type: 'object', description: 'more', objectId: id }));
    }
    return result;
  }

  async #flat(children: readonly GdbVariable[], held: Held): Promise<Property[]> {
    const result: Property[] = [];
    for (const child of children) {
      if (ANONYMOUS.test(child.expression)) {
        const inner = await this.#gdb.children(child.name, 0, PAGE);
        result.push(...(await this.#flat(inner.children, held)));
      } else result.push(property(child.expression, await this.#wrapChild(child, held), true));
    }
    return result;
  }

  release(objectId: string): void {
    this.#drop((id) => id === objectId);
  }

  releaseGroup(group: string): void {
    this.#drop((_, held) => held.group === group);
  }

  /** The driver goes on: what belonged to the stop is gone. */
  resumed(): void {
    this.#drop((_, { lasting }) => !lasting);
  }

  #drop(which: (id: string, held: Held) => boolean): void {
    const variables = new Set<string>();
    for (const [id, held] of this.#held) {
      if (!which(id, held)) continue;
      this.#held.delete(id);
      // "var12.member": gdb frees it with the root.
      if (held.entry.kind === 'variable' && !held.entry.variable.includes('.')) variables.add(held.entry.variable);
    }
    if (variables.size === 0 || this.#gdb.client.ended) return;
    for (const gone of this.#gdb.client.batch([...variables].map((name) => `-var-delete ${name}`))) gone.catch(() => 0);
  }
}
