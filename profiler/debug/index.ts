// SPDX-License-Identifier: MIT
export { CHECKERS, type Checker, chooseCheckers } from './checkers.js';
export { buildOfCore } from './core-file.js';
export { driverFiles } from './driver-files.js';
export { type DrgnWishes, drgnArgs } from './drgn.js';
export { type GdbRequest, gdbAttachArgs, gdbCoreArgs, gdbInit, gdbRunArgs } from './gdb.js';
export { mayAttach } from './ptrace.js';
export { findingsOfValgrind } from './valgrind-errors.js';
export { VALGRIND_TOOLS, type ValgrindTool, valgrindArgs, writesProfile } from './valgrind.js';
