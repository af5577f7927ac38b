// SPDX-License-Identifier: MIT
// drgn on a driver process or a core file, with helpers of ours (drgn/main.py).

import { join } from 'node:path';

export interface DrgnWishes {
  readonly json: boolean;
  /** Python code, one piece after the other. */
  readonly code: readonly string[];
  /** A script and its arguments. */
  readonly script: readonly string[];
}

/** drgn's arguments. The executable is told by the environment: DDE_EXECUTABLE. */
export function drgnArgs(
  projectRoot: string,
  of: { readonly pid: number } | { readonly core: string },
  { json, code, script }: DrgnWishes,
): string[] {
  return [
    '-q',
    ...('pid' in of ? ['--pid', String(of.pid)] : ['--core', of.core]),
    join(projectRoot, 'profiler/debug/drgn/main.py'),
    ...(json ? ['--json'] : []),
    ...code.flatMap((text) => ['-e', text]),
    ...script,
  ];
}
