// SPDX-License-Identifier: MIT
// Child processes: output is collected, and each line can be seen as it comes.
import { spawn } from 'node:child_process';
import { missingTool } from '../errors.js';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly onLine?: (line: string) => void;
}

export interface RunResult {
  readonly code: number;
  readonly stdout: string;
  /** stdout and stderr as they came. */
  readonly output: string;
}

const DEBIAN_PACKAGE: Readonly<Record<string, string>> = {
  make: 'make',
  gcc: 'gcc',
  ld: 'binutils',
  objcopy: 'binutils',
  ar: 'binutils',
  tar: 'tar',
  xz: 'xz-utils',
  flex: 'flex',
  bison: 'bison',
  bc: 'bc',
};

/** The build speaks C: messages are compared and shown, and must not depend on the user's language. */
function childEnv(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, LC_ALL: 'C', ...extra };
  // A make that started us must not hand its flags to Kbuild.
  for (const name of ['MAKEFLAGS', 'MAKELEVEL', 'MFLAGS', 'KBUILD_OUTPUT', 'ARCH', 'CROSS_COMPILE', 'KCFLAGS', 'M']) {
    if (!(name in extra)) delete env[name];
  }
  return env;
}

export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: childEnv(options.env),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let output = '';
    const feed = (isStdout: boolean) => {
      let rest = '';
      return (chunk: string): void => {
        output += chunk;
        if (isStdout) stdout += chunk;
        if (!options.onLine) return;
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) options.onLine(line);
      };
    };
    child.stdout?.setEncoding('utf8').on('data', feed(true));
    child.stderr?.setEncoding('utf8').on('data', feed(false));
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') reject(missingTool(command, DEBIAN_PACKAGE[command] ?? command));
      else reject(error);
    });
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), stdout, output }));
    if (options.input !== undefined) {
      child.stdin?.on('error', () => {}); // a child that ends early has said why on its own
      child.stdin?.end(options.input);
    }
  });
}
