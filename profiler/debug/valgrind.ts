// SPDX-License-Identifier: MIT
// valgrind on a driver process: three tools that write a profile, three that tell errors.

export const VALGRIND_TOOLS = ['callgrind', 'cachegrind', 'massif', 'memcheck', 'helgrind', 'drd'] as const;
export type ValgrindTool = (typeof VALGRIND_TOOLS)[number];

/** Tools that write a profile, and the option that names it. */
const PROFILE_OPTIONS: Readonly<Partial<Record<ValgrindTool, string>>> = {
  callgrind: '--callgrind-out-file',
  cachegrind: '--cachegrind-out-file',
  massif: '--massif-out-file',
};

/** Whether a tool writes a profile; the others tell errors. */
export function writesProfile(tool: ValgrindTool): boolean {
  return tool in PROFILE_OPTIONS;
}

export interface ValgrindRequest {
  readonly tool: ValgrindTool;
  /** Where the profile goes. */
  readonly output?: string;
  /** Where errors go as XML. */
  readonly xmlFile?: string;
  readonly errorExitCode?: number;
  readonly suppressions?: readonly string[];
  /** Traced functions are patched while they run: valgrind must look at their code each time. */
  readonly traced?: boolean;
  /** Passed through. */
  readonly options: readonly string[];
}

export function valgrindArgs(request: ValgrindRequest, executable: string, args: readonly string[]): string[] {
  const { tool, output, xmlFile, options } = request;
  const option = PROFILE_OPTIONS[tool];
  const own =
    option !== undefined
      ? [
          ...(output === undefined ? [] : [`${option}=${output}`]),
          ...(tool === 'callgrind' ? ['--separate-threads=no', '--dump-instr=no'] : []),
        ]
      : [
          // The kernel's memory is its own allocator's: Valgrind sees the host's few blocks only, those of threads that never end.
          ...(tool === 'memcheck' ? ['--show-leak-kinds=definite'] : []),
          ...(xmlFile === undefined ? [] : ['--xml=yes', `--xml-file=${xmlFile}`]),
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
