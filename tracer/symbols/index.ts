// SPDX-License-Identifier: MIT
export { ElfError, ElfFile, type ElfSection, type ElfSymbol } from './elf.js';
export { type CodeRange, DriverLines, type PackedLines, packLines } from './line-pack.js';
export { LineTable, type SourceLine } from './lines.js';
export { type Prototype, type Prototypes, readPrototypes } from './prototypes.js';
export { type FunctionSymbol, type FunctionTableOptions, driverLines, functionTable, sourceLines } from './resolver.js';
