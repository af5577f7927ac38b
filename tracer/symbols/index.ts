// SPDX-License-Identifier: MIT
export { type CodeRange, DriverLines, type PackedLines, packLines } from './line-pack.js';
export { LineTable, type SourceLine } from './lines.js';
export { type Prototype, type Prototypes, readPrototypes } from './prototypes.js';
export { type FunctionSymbol, type FunctionTableOptions, driverLines, functionTable, sourceLines } from './resolver.js';
