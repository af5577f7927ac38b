// SPDX-License-Identifier: MIT
export { type GdbRequest, gdbAttachArgs, gdbRunArgs } from './gdb.js';
export { parseErrorSummary, VALGRIND_TOOLS, type ValgrindTool, valgrindArgs } from './valgrind.js';
