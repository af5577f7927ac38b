// SPDX-License-Identifier: MIT
// For work on the port: `node dist/runtime/build/main.js DRIVER [--kernel 6.1] [--config CONFIG_X=y]... [--uninstrumented]` prints the
// executable. --uninstrumented: nothing in it can be traced; for bench:tracer. Its first time compiles all of Linux once more.
import { parseArgs } from 'node:util';
import { buildDriver } from './build.js';
import { BuildError, usage } from './errors.js';
import { terminalProgress } from './common/progress.js';

async function main(): Promise<number> {
  const onProgress = terminalProgress(process.stderr);
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        kernel: { type: 'string', default: '6.1' },
        config: { type: 'string', multiple: true, default: [] },
        uninstrumented: { type: 'boolean', default: false },
      },
    });
    const [driver] = positionals;
    if (driver === undefined || positionals.length !== 1) throw usage('one DRIVER is needed');
    const { kernel, config, uninstrumented } = values;
    const result = await buildDriver({ driver, kernel, config, instrumented: !uninstrumented, onProgress });
    onProgress({ type: 'step', text: '' });
    process.stdout.write(`${result.executable}\n`);
    return 0;
  } catch (error) {
    onProgress({ type: 'step', text: '' });
    if (!(error instanceof BuildError)) throw error;
    if (error.output) process.stderr.write(`${error.output}\n`);
    process.stderr.write(`${error.message}\n${error.advice ? `try: ${error.advice}\n` : ''}`);
    return error.exitCode;
  }
}

process.exitCode = await main();
