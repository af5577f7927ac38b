// SPDX-License-Identifier: MIT
// What an out-of-tree module is compiled with beside what its makefiles say: checks of its own accesses. What the compiler calls for them
// stands in runtime/arch/dde/check (access.c, bounds.c), which tells while somebody records.

const FLAGS = [
  // Each access by a call: cheap enough to be always there. The stack and static data are left as they are: bounds knows their arrays.
  '-fsanitize=kernel-address',
  '--param asan-instrumentation-with-call-threshold=0',
  '--param asan-stack=0',
  '--param asan-globals=0',
  // Of a table that has a fixed size, with an index that is too large.
  '-fsanitize=bounds',
  // Strings and copies into a member of known size, as most distributions have it.
  '-DCONFIG_FORTIFY_SOURCE=1',
];

/** For Kbuild, as variables of make. */
export const SANITIZE: Readonly<Record<string, string>> = { CFLAGS_MODULE: FLAGS.join(' ') };
