// SPDX-License-Identifier: MIT
// valgrind on a driver process: callgrind and memcheck.

export const VALGRIND_TOOLS = ['callgrind', 'memcheck'] as const;
export type ValgrindTool = (typeof VALGRIND_TOOLS)[number];

export interface ValgrindRequest {
  readonly tool: ValgrindTool;
  /** Where callgrind's profile goes. */
  readonly output?: string;
  readonly errorExitCode?: number;
  readonly suppressions?: readonly string[];
  /** Traced functions are patched while they run: valgrind must look at their code each time. */
  readonly traced?: boolean;
  /** Passed through. */
  readonly options: readonly string[];
}

export function valgrindArgs(request: ValgrindRequest, executable: string, args: readonly string[]): string[] {
  const { tool, output, options } = request;
  const own =
    tool === 'callgrind'
      ? [
          ...(output === undefined ? [] : [`--callgrind-out-file=${output}`]),
          '--separate-threads=no',
          '--dump-instr=no',
        ]
      : [
          ...(request.errorExitCode === undefined ? [] : [`--error-exitcode=${request.errorExitCode}`]),
          ...(request.suppressions ?? []).map((file) => `--suppressions=${file}`),
        ];
  return [
    `--tool=${tool}`,
    // QEMU is a child: it is not to be profiled.
    '--trace-children=no',
    '--child-silent-after-fork=yes',
    '--fair-sched=yes',
    ...(request.traced === true ? ['--smc-check=all'] : []),
    ...own,
    ...options,
    executable,
    ...args,
  ];
}

/** memcheck's closing line "ERROR SUMMARY: 3 errors from 2 contexts". */
export function parseErrorSummary(text: string): { errors: number; contexts: number } | undefined {
  const found = /ERROR SUMMARY: ([\d,]+) errors? from ([\d,]+) contexts?/.exec(text);
  if (found === null) return undefined;
  const number = (value: string | undefined): number => Number((value ?? '0').replaceAll(',', ''));
  return { errors: number(found[1]), contexts: number(found[2]) };
}
