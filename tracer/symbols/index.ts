// SPDX-License-Identifier: MIT
export { ElfError, ElfFile, type ElfSection, type ElfSymbol } from './elf.js';
export { LineTable, type SourceLine } from './lines.js';
export { type Prototype, type Prototypes, readPrototypes } from './prototypes.js';
export { type FunctionSymbol, type FunctionTableOptions, functionTable, sourceLines } from './resolver.js';
