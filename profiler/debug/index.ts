// SPDX-License-Identifier: MIT
export { CHECKERS, type Checker, chooseCheckers } from './checkers.js';
export { buildOfCore } from './core-file.js';
export { coveragePages, type SavedCoverage, saveCoverage } from './coverage/folder.js';
export { countersEnv, readCounters } from './coverage/gcov.js';
export { type CoverageFile, percent, type Ratio, totalsOf } from './coverage/model.js';
export { writeCore } from './crash/core.js';
export { type CrashPage, renderPage, STACK_OVERFLOW, stackLines } from './crash/page.js';
export { readCrash } from './crash/read.js';
export { driverFiles } from './driver-files.js';
export { type DrgnWishes, drgnArgs } from './drgn.js';
export { type GdbRequest, gdbAttachArgs, gdbCoreArgs, gdbInit, gdbRunArgs } from './gdb.js';
export { mayAttach } from './ptrace.js';
export { findingsOfValgrind } from './valgrind-errors.js';
export { VALGRIND_TOOLS, type ValgrindTool, valgrindArgs, writesProfile } from './valgrind.js';
