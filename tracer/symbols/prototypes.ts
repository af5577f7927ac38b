// SPDX-License-Identifier: MIT
// Prototypes of functions, by address, from the executable's debug information: names, C types and places of the arguments.
//
// The places follow the x86-64 calling convention for what kernel code passes: integers and pointers in rdi, rsi, rdx, rcx, r8, r9; a
// structure of up to 16 bytes in one or two of them; a larger one, and whatever finds no register, on the stack, where nobody records it.
import type { SiteArg } from '../decode/types.js';
import { DebugInfo, type Entry, TAG, Unit } from './dwarf.js';
import { ElfFile } from '../elf/file.js';

export interface Prototype {
  readonly name: string;
  readonly args: readonly SiteArg[];
  readonly returns?: SiteArg;
  /** Words after the first that a recorder has to keep to have all of them: 0 to 5. */
  readonly words: number;
}

export interface Prototypes {
  readonly byAddress: ReadonlyMap<number, Prototype>;
  /** Names of the values of enums, as SiteArg.enum refers to them. */
  readonly enums: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const REGISTERS = 6;
const SIGNED = new Set([5, 6, 0x0d]); // DW_ATE_signed, signed_char, signed_fixed
const FLOAT = new Set([3, 4]);
/** Whose values say more in hex. */
const HEX_TYPE = /(addr_t|gfp_t|slab_flags_t|resource_size_t|netdev_features_t|^__(be|le)(16|32|64))$/;
const HEX_NAME = /(flags|attrs|mask|addr|features|address)$/;

type Shape = Pick<SiteArg, 'type' | 'format' | 'bits' | 'signed' | 'enum'> & { readonly registers: number };

class TypeReader {
  readonly enums: Record<string, Record<string, string>> = {};
  readonly #unit: Unit;

  constructor(unit: Unit, enums: Record<string, Record<string, string>>) {
    this.#unit = unit;
    this.enums = enums;
  }

  #at(offset: number | undefined): Entry | undefined {
    return offset === undefined ? undefined : this.#unit.entry(offset);
  }

  /** The type as C writes it. */
  name(offset: number | undefined, depth = 0): string {
    const entry = this.#at(offset);
    if (entry === undefined || depth > 16) return 'void';
    const inner = (): string => this.name(entry.type, depth + 1);
    switch (entry.tag) {
      case TAG.pointer: {
        if (this.#at(entry.type)?.tag === TAG.subroutine)
          return `${this.name(this.#at(entry.type)?.type, depth + 1)} (*)()`;
        const to = inner();
        return `${to}${to.endsWith('*') ? '' : ' '}*`;
      }
      case TAG.const:
        return this.#at(entry.type)?.tag === TAG.pointer ? `${inner()} const` : `const ${inner()}`;
      case TAG.volatile:
        return `volatile ${inner()}`;
      case TAG.restrict:
        return inner();
      case TAG.array:
        return `${inner()}[]`;
      case TAG.structure:
        return `struct ${entry.name ?? '{}'}`;
      case TAG.union:
        return `union ${entry.name ?? '{}'}`;
      case TAG.enumeration:
        return `enum ${entry.name ?? '{}'}`;
      default:
        return entry.name ?? '?';
    }
  }

  /** How a value of the type is passed and shown; undefined for one that travels in no integer register. */
  shape(offset: number | undefined, name: string): Shape | undefined {
    const type = this.name(offset);
    let entry = this.#at(offset);
    let alias: string | undefined;
    for (let i = 0; i < 16 && entry !== undefined; i++) {
      if (entry.tag === TAG.typedef) alias ??= entry.name;
      else if (entry.tag !== TAG.const && entry.tag !== TAG.volatile && entry.tag !== TAG.restrict) break;
      entry = this.#at(entry.type);
    }
    if (entry === undefined) return undefined;
    const size = entry.size ?? 0;
    switch (entry.tag) {
      case TAG.pointer: {
        const code = this.#pointsToCode(entry);
        return { type, format: code ? 'sym' : 'hex', bits: 32, registers: 1 };
      }
      case TAG.enumeration: {
        const key = entry.name === undefined ? (alias ?? '') : `enum ${entry.name}`;
        const values = key === '' ? false : this.#enum(key, entry);
        return { type, format: values ? 'enum' : 'dec', bits: 32, registers: 1, ...(values && { enum: key }) };
      }
      case TAG.base: {
        if (FLOAT.has(entry.encoding ?? 0)) return undefined;
        const hex = HEX_TYPE.test(type) || HEX_NAME.test(name);
        const signed = SIGNED.has(entry.encoding ?? 0);
        const bits = Math.max(8, Math.min(32, size * 8));
        return {
          type,
          format: hex ? 'hex' : 'dec',
          bits,
          registers: size > 8 ? 2 : 1,
          ...(signed && !hex && { signed }),
        };
      }
      case TAG.structure:
      case TAG.union:
        if (size === 0 || size > 16) return undefined;
        return { type, format: 'hex', bits: Math.min(32, size * 8), registers: size > 8 ? 2 : 1 };
      default:
        return undefined;
    }
  }

  /** A structure that the caller makes room for: its address takes the first register. */
  inMemory(offset: number | undefined): boolean {
    let entry = this.#at(offset);
    while (entry !== undefined && (entry.tag === TAG.typedef || entry.tag === TAG.const)) entry = this.#at(entry.type);
    return (entry?.tag === TAG.structure || entry?.tag === TAG.union) && (entry.size ?? 0) > 16;
  }

  #pointsToCode(pointer: Entry): boolean {
    let to = this.#at(pointer.type);
    while (to?.tag === TAG.typedef || to?.tag === TAG.const) to = this.#at(to.type);
    return to?.tag === TAG.subroutine;
  }

  #enum(key: string, entry: Entry): boolean {
    if (this.enums[key] === undefined) {
      const values: Record<string, string> = {};
      for (const child of this.#unit.children(entry)) {
        if (child.tag === TAG.enumerator && child.name !== undefined && child.value !== undefined)
          values[String(child.value)] ??= child.name;
      }
      this.enums[key] = values;
    }
    return true;
  }
}

function prototypeOf(unit: Unit, types: TypeReader, fn: Entry): Prototype | undefined {
  // Of a function that is inlined elsewhere the prototype stands in another entry.
  const origin = fn.origin === undefined ? fn : unit.entry(fn.origin);
  if (origin?.name === undefined) return undefined;
  const args: SiteArg[] = [];
  let register = types.inMemory(origin.type) ? 1 : 0;
  for (const child of unit.children(origin)) {
    if (child.tag !== TAG.formalParameter) continue;
    const name = child.name ?? `arg${args.length + 1}`;
    const shape = types.shape(child.type, name);
    if (shape === undefined) {
      args.push({ name, type: types.name(child.type), format: 'hex', bits: 32 });
      continue;
    }
    const { registers, ...rest } = shape;
    const fits = register + registers <= REGISTERS;
    args.push({ name, ...rest, ...(fits && { word: register }) });
    if (fits) register += registers;
  }
  const result = origin.type === undefined ? undefined : types.shape(origin.type, 'ret');
  const words = Math.max(0, ...args.map((arg) => arg.word ?? 0));
  const { registers: _, ...returned } = result ?? { registers: 0 };
  return {
    name: origin.name,
    args,
    words,
    ...(result !== undefined && { returns: { name: 'ret', ...(returned as Omit<Shape, 'registers'>) } }),
  };
}

/**
 * The prototypes of the functions that begin at these addresses. Addresses without debug information (assembly, the C library) are
 * left out, as is a unit that cannot be read. Throws ElfError when the file is no executable.
 */
export function readPrototypes(path: string, addresses: readonly number[]): Prototypes {
  const elf = new ElfFile(path);
  try {
    const byAddress = new Map<number, Prototype>();
    const enums: Record<string, Record<string, string>> = {};
    const debug = new DebugInfo(elf);
    const wanted = new Set(addresses);
    for (const offset of debug.unitsOf(addresses)) {
      try {
        const unit = new Unit(debug, offset);
        const types = new TypeReader(unit, enums);
        const top = unit.entry(unit.first);
        if (top === undefined) continue;
        for (const entry of unit.children(top)) {
          if (entry.tag !== TAG.subprogram) continue;
          const starts =
            entry.address !== undefined ? [entry.address] : entry.ranges ? debug.rangeStarts(entry.ranges) : [];
          const address = starts.find((start) => wanted.has(start));
          if (address === undefined || byAddress.has(address)) continue;
          const prototype = prototypeOf(unit, types, entry);
          if (prototype) byAddress.set(address, prototype);
        }
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    return { byAddress, enums };
  } finally {
    elf.close();
  }
}
