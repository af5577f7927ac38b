// SPDX-License-Identifier: MIT
// The kernel's own tracepoints (TRACE_EVENT) in an executable: names, fields and print formats, read from the tables that the
// macros of include/trace make. arch/dde/observe/tracepoints.c says where in them what stands, for that differs between kernels.
import { SHT_NOBITS } from '../../../tracer/elf/elf.js';
import type { Elf } from '../link/elf.js';
import type { Tracepoint, TracepointField } from './forms.js';

const LAYOUT = 'dde_tracepoint_layout';
const LAYOUT_NAMES = [
  'version',
  'callClass',
  'callTp',
  'callFormat',
  'callFlags',
  'isTracepoint',
  'classSystem',
  'classFields',
  'fieldBytes',
  'fieldType',
  'fieldName',
  'fieldSize',
  'fieldAlign',
  'fieldSigned',
  'tpName',
  'entryBytes',
] as const;
type Layout = Readonly<Record<(typeof LAYOUT_NAMES)[number], number>>;

/** No event of Linux has as many; a table without its end would go on for ever. */
const MAX_FIELDS = 256;

class Image {
  private readonly elf: Elf;

  constructor(elf: Elf) {
    this.elf = elf;
  }

  /** Place in the file; undefined for what the file does not hold. */
  private at(addr: number, bytes: number): number | undefined {
    const section = this.elf.sections.find(
      (s) => s.type !== SHT_NOBITS && s.addr !== 0 && addr >= s.addr && addr + bytes <= s.addr + s.size,
    );
    return section && section.offset + (addr - section.addr);
  }

  u32(addr: number): number {
    const at = this.at(addr, 4);
    return at === undefined ? 0 : this.elf.bytes.readUInt32LE(at);
  }

  pointer(addr: number): number {
    const at = this.at(addr, 8);
    return at === undefined ? 0 : Number(this.elf.bytes.readBigUInt64LE(at));
  }

  text(addr: number): string {
    const at = this.at(addr, 1);
    if (at === undefined) return '';
    const end = this.elf.bytes.indexOf(0, at);
    return this.elf.bytes.toString('utf8', at, end < 0 ? at : end);
  }

  symbol(name: string): number | undefined {
    return this.elf.symbols.find((s) => s.name === name)?.value;
  }
}

function readLayout(image: Image): Layout | undefined {
  const at = image.symbol(LAYOUT);
  if (at === undefined || image.u32(at) !== 1) return undefined;
  return Object.fromEntries(LAYOUT_NAMES.map((name, n) => [name, image.u32(at + 4 * n)])) as Layout;
}

/** The offsets are those that event_define_fields() of kernel/trace/trace_events.c computes. */
function readFields(image: Image, layout: Layout, table: number): TracepointField[] {
  const fields: TracepointField[] = [];
  let offset = layout.entryBytes;
  for (let n = 0; table !== 0 && n < MAX_FIELDS; n++) {
    const at = table + n * layout.fieldBytes;
    const type = image.text(image.pointer(at + layout.fieldType));
    const name = image.text(image.pointer(at + layout.fieldName));
    if (type === '' || name === '') break;
    const size = image.u32(at + layout.fieldSize);
    const align = Math.max(1, image.u32(at + layout.fieldAlign));
    offset = Math.ceil(offset / align) * align;
    fields.push({
      type,
      name,
      offset: offset - layout.entryBytes,
      size,
      signed: (image.u32(at + layout.fieldSigned) & 1) === 1,
    });
    offset += size;
  }
  return fields;
}

/** Sorted by `i`. Empty for an executable without the tables. */
export function readTracepoints(elf: Elf): Tracepoint[] {
  const image = new Image(elf);
  const layout = readLayout(image);
  const start = image.symbol('__start_ftrace_events');
  const stop = image.symbol('__stop_ftrace_events');
  if (layout === undefined || start === undefined || stop === undefined) return [];
  const found: Tracepoint[] = [];
  for (let i = 0; start + 8 * i < stop; i++) {
    const call = image.pointer(start + 8 * i);
    // Events of the function tracer and the like have no tracepoint.
    if ((image.u32(call + layout.callFlags) & layout.isTracepoint) === 0) continue;
    const class_ = image.pointer(call + layout.callClass);
    const tp = image.pointer(call + layout.callTp);
    found.push({
      i,
      name: `${image.text(image.pointer(class_ + layout.classSystem))}:${image.text(image.pointer(tp + layout.tpName))}`,
      fields: readFields(image, layout, image.pointer(class_ + layout.classFields)),
      format: image.text(image.pointer(call + layout.callFormat)),
    });
  }
  return found;
}
