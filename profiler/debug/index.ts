// SPDX-License-Identifier: MIT
export { CHECKERS, type Checker, chooseCheckers } from './checkers.js';
export { buildOfCore, coreFiles } from './core-file.js';
export { type DrgnWishes, drgnArgs } from './drgn.js';
export { type GdbRequest, gdbAttachArgs, gdbCoreArgs, gdbInit, gdbRunArgs } from './gdb.js';
export { mayAttach } from './ptrace.js';
export { parseErrorSummary, VALGRIND_TOOLS, type ValgrindTool, valgrindArgs } from './valgrind.js';
