// SPDX-License-Identifier: MIT
// Writes abi/ddetrace_events.gen.h and decode/events.gen.ts from events.json. Run by `npm run gen`.
// With --check it writes nothing and fails when a generated file is stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { checkTable, type EventTable, openEnded, type PlacedEvent, placeEvent, type TableType } from './layout.js';

const NOTE = 'Generated from tracer/format/events.json by tracer/format/gen.ts. Do not edit.';
const C_TYPE: Readonly<Record<TableType, string>> = {
  u8: 'unsigned char',
  u16: 'unsigned short',
  u32: 'unsigned int',
  u64: 'unsigned long long',
  str: 'const char *',
  u32s: 'const unsigned int *',
};

const shortName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** The C expressions of the 64-bit payload words of an event. */
function payloadWords(event: PlacedEvent): string[] {
  const words: string[] = [];
  for (const arg of event.args) {
    if (arg.word === 0 || openEnded(arg)) continue;
    const bit = (arg.word - 1) * 32 + arg.shift;
    const index = bit >> 6;
    const shift = bit & 63;
    const value = arg.type === 'u64' ? arg.name : `(unsigned long long)${arg.name}`;
    const term = shift === 0 ? value : `${value} << ${shift}`;
    words[index] = words[index] === undefined ? term : `${words[index]} | ${term}`;
  }
  return Array.from({ length: event.extra * 2 }, (_, i) => words[i] ?? '0');
}

function cFunction(event: PlacedEvent): string {
  const name = shortName(event.name);
  const last = event.args.at(-1);
  const text = last?.type === 'str';
  const open = openEnded(last);
  const params = event.args.map((a) => `${C_TYPE[a.type as TableType]} ${a.name}`.replace('* ', '*'));
  if (open) params.push(text ? 'unsigned int len' : 'unsigned int n');
  const first = event.args[0]?.word === 0 ? event.args[0].name : '0';
  const id = `DDET_EV_${name.toUpperCase()}`;
  const call = open
    ? text
      ? `ddet__emit_text(${id}, ${first}, ${last?.name}, len)`
      : `ddet__emit_bytes(${id}, ${first}, ${last?.name}, 4 * n)`
    : `ddet__emit${event.extra}(${[`DDET_ID_EVENT(${event.extra}, ${id})`, first, ...payloadWords(event)].join(', ')})`;
  return [
    `/* ${event.name}${event.args.length ? `: ${event.args.map((a) => a.name).join(', ')}` : ''} */`,
    `static inline __attribute__((always_inline)) void ddet_${name}(${params.join(', ') || 'void'})`,
    '{',
    `\t__asm__ goto(DDET_EVENT_SITE : : "i"(DDET_CAT_${event.category.toUpperCase()}) : : on);`,
    '\treturn;',
    'on:',
    '\tDDET_COLD;',
    `\tif (ddet_categories & DDET_CAT_${event.category.toUpperCase()})`,
    `\t\t${call};`,
    '}',
  ].join('\n');
}

function generateHeader(table: EventTable): string {
  const events = table.events.map(placeEvent);
  for (const event of events) {
    if (openEnded(event.args.at(-1)) && event.extra !== 0) throw new Error(`${event.name}: payload before a string`);
  }
  return [
    '/* SPDX-License-Identifier: GPL-2.0-only OR MIT */',
    `/* ${NOTE} */`,
    '#ifndef DDETRACE_EVENTS_GEN_H',
    '#define DDETRACE_EVENTS_GEN_H',
    '',
    ...table.categories.map((c) => `#define DDET_CAT_${c.name.toUpperCase()} (1u << ${c.bit}) /* ${c.text} */`),
    '',
    'enum {',
    ...events.map((e) => `\tDDET_EV_${shortName(e.name).toUpperCase()} = ${e.id},`),
    '};',
    '',
    ...Object.entries(table.enums).map(
      ([name, values]) =>
        `enum {\n${values.map((v, i) => `\tDDET_${name.toUpperCase()}_${v.toUpperCase()} = ${i},`).join('\n')}\n};\n`,
    ),
    events.map(cFunction).join('\n\n'),
    '',
    '#endif',
    '',
  ].join('\n');
}

function generateTypeScript(table: EventTable): string {
  const events = table.events.map(placeEvent);
  const row = (event: PlacedEvent): string =>
    `  {\n    id: ${event.id},\n    name: '${event.name}',\n    category: '${event.category}',\n    extra: ${event.extra},\n    args: [\n${event.args
      .map(
        (a) =>
          `      { name: '${a.name}', type: '${a.type}', format: '${a.format}', word: ${a.word}, shift: ${a.shift}${a.enum ? `, enum: '${a.enum}'` : ''} },\n`,
      )
      .join('')}    ],\n  },`;
  return [
    '// SPDX-License-Identifier: MIT',
    `// ${NOTE}`,
    "import type { PlacedEvent } from '../format/layout.js';",
    '',
    `export const EVENT_TABLE_VERSION = ${table.formatVersion};`,
    '',
    '/** Category name -> bit mask, as in the control page and in --category options. */',
    'export const CATEGORY = {',
    ...table.categories.map((c) => `  /** ${c.text} */\n  ${c.name}: ${2 ** c.bit},`),
    '} as const;',
    '',
    '/** Event numbers by short name. */',
    'export const EV = {',
    ...events.map((e) => `  ${shortName(e.name)}: ${e.id},`),
    '} as const;',
    '',
    'export const ENUMS: Readonly<Record<string, readonly string[]>> = {',
    ...Object.entries(table.enums).map(([name, values]) => `  ${name}: [${values.map((v) => `'${v}'`).join(', ')}],`),
    '};',
    '',
    'export const EVENT_TABLE: readonly PlacedEvent[] = [',
    ...events.map(row),
    '];',
    '',
  ].join('\n');
}

/** How a script gets an argument, see recording.ts. */
function typeOf(arg: EventTable['events'][number]['args'][number]): string {
  const numbers = /^[ui](8|16|32|64)$/.test(arg.type);
  return numbers && arg.format !== 'enum' ? 'number' : 'string';
}

function generateEventTypes(table: EventTable): string {
  const row = (event: EventTable['events'][number]): string => {
    const args = event.args.map((arg) => `readonly ${arg.name}: ${typeOf(arg)}`);
    return `  '${event.name}': { ${args.join('; ')} };`;
  };
  return [
    '// SPDX-License-Identifier: MIT',
    '// Generated from tracer/format/events.json by `npm run gen`. Do not edit.',
    '',
    '/** The arguments of each typed event, by the name of the event. */',
    'export interface EventArgs {',
    ...table.events.map(row),
    '}',
    '',
  ].join('\n');
}

/** The tracer folder in the source tree, whether this file runs from dist/ or by a TypeScript loader. */
function tracerDir(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  return join(here.replace(/\/dist\/tracer\/format$/, '/tracer/format'), '..');
}

export function generate(check: boolean): string[] {
  const dir = tracerDir();
  const table = JSON.parse(readFileSync(join(dir, 'format/events.json'), 'utf8')) as EventTable;
  checkTable(table);
  const stale: string[] = [];
  for (const [file, text] of [
    ['abi/ddetrace_events.gen.h', generateHeader(table)],
    ['decode/events.gen.ts', generateTypeScript(table)],
    ['decode/event-types.gen.ts', generateEventTypes(table)],
  ] as const) {
    const path = join(dir, file);
    let old = '';
    try {
      old = readFileSync(path, 'utf8');
    } catch {
      // A first run has no old file.
    }
    if (old === text) continue;
    stale.push(file);
    if (!check) writeFileSync(path, text);
  }
  return stale;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const check = process.argv.includes('--check');
  const files = generate(check);
  for (const file of files) process.stderr.write(`${check ? 'stale' : 'written'}: tracer/${file}\n`);
  if (check && files.length > 0) process.exitCode = 1;
}
