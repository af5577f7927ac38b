// SPDX-License-Identifier: MIT
// gdb's variable objects as DevTools' remote objects.
import type { Protocol } from 'devtools-protocol';
import type { GdbVariable } from '../mi/index.js';

type RemoteObject = Protocol.Runtime.RemoteObject;

const INTEGER =
  /^(?:const |volatile )*(?:unsigned |signed |long |short )*(?:int|char|long|short|unsigned|_Bool|bool|s8|s16|s32|s64|u8|u16|u32|u64|__[su](?:8|16|32|64)|__[bl]e(?:16|32|64)|(?:u?int(?:8|16|32|64|ptr)|size|ssize|loff|off|dma_addr|phys_addr|resource_size|gfp|sector|pid|uid|gid|umode|netdev_features|ktime|atomic|pgoff)_t)(?: const| volatile)*$/;

function integerObject(value: string, text: string): RemoteObject | undefined {
  if (!/^-?\d+$/.test(value)) return undefined;
  const exact = BigInt(value);
  const small = Number(exact);
  if (Number.isSafeInteger(small)) return { type: 'number', value: small, description: text };
  return { type: 'bigint', unserializableValue: `${exact}n`, description: `${exact}n` };
}

/** A value without children. */
function scalar({ type, value }: GdbVariable): RemoteObject {
  if (value === '0x0') return { type: 'object', subtype: 'null', value: null, description: 'NULL' };
  const character = /^(-?\d+) '.*'$/s.exec(value);
  if (character !== null) return { type: 'number', value: Number(character[1]), description: value };
  const string = /^(?:0x[0-9a-f]+ )?"(.*)"(\.\.\.)?$/s.exec(value);
  if (string !== null) {
    const content = `${string[1]}${string[2] ?? ''}`;
    return { type: 'string', value: content, description: content };
  }
  if (value === 'true' || value === 'false') return { type: 'boolean', value: value === 'true', description: value };
  const integer = integerObject(value, value);
  if (integer !== undefined && (INTEGER.test(type) || !/[*]/.test(type))) return integer;
  if (/^-?\d+(\.\d+)?(e[-+]?\d+)?$/.test(value)) return { type: 'number', value: Number(value), description: value };
  // Enumerators, function pointers, <optimized out>: shown as gdb says it.
  return { type: 'symbol', description: value };
}

/** "struct x *" points at something with fields, but "int *" at a number. */
function describe({ type, value, children }: GdbVariable): string {
  if (/\]$/.test(type)) return type;
  if (value === '{...}' || value === '' || /^\[\d+\]$/.test(value)) return type;
  return children > 0 && /\*/.test(type) ? `(${type}) ${value}` : value;
}

/** @param objectId of the object that is to be expanded, made only when there is something to expand */
export function remoteObject(variable: GdbVariable, objectId: () => string): RemoteObject {
  const { type, value, children, dynamic } = variable;
  const unreadable = value.startsWith('<') && children > 0 && /\*/.test(type);
  if (unreadable || value === '0x0') return scalar(variable);
  if (/char \*|char \[/.test(type) && /"/.test(value)) return scalar(variable);
  if (children === 0 && !dynamic) return scalar(variable);
  return {
    type: 'object',
    className: type,
    description: describe(variable),
    objectId: objectId(),
    ...(/\]$/.test(type) ? { subtype: 'array' as const, description: type } : {}),
  };
}

/** What gdb says of a variable that it cannot show. */
export function errorObject(message: string): RemoteObject {
  return { type: 'object', subtype: 'error', className: 'GdbError', description: message };
}
