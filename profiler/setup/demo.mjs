// SPDX-License-Identifier: MIT
// `npm run demo`: from a fresh clone to a flame graph of the e1000e driver under traffic.
// Arguments are given on to `dde-profile record`, for instance --kernel 6.12.

import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bootstrap, main, root } from './bootstrap.mjs';

const cli = join(root, 'dist/profiler/cli/main.js');

/** Runs dde-profile; with `capture` its stdout is returned instead of shown. */
function tool(args, capture = false) {
  const result = spawnSync(process.execPath, [cli, ...args], {
    cwd: root,
    stdio: ['ignore', capture ? 'pipe' : 'inherit', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  return { code: result.status ?? 1, output: result.stdout ?? '' };
}

await main(async () => {
  const started = performance.now();
  const options = process.argv.slice(2);
  // The kernel's source is extracted meanwhile, by one CPU. Whether it went well, `record` tells.
  const build = () =>
    options.length > 0 ||
    new Promise((resolve) => {
      const child = spawn(process.execPath, [cli, 'build', 'e1000e'], {
        cwd: root,
        stdio: ['ignore', 'ignore', 'inherit'],
      });
      child.once('close', resolve);
    });
  await bootstrap({ compiled: build });
  const folder = join(root, 'build/demo');
  mkdirSync(folder, { recursive: true });
  const trace = relative(root, join(folder, 'e1000e.ddet'));
  const workload = ['ping', '--count', '100', '+', 'tcp', '--bytes', '32M'];
  const recorded = tool(['record', 'e1000e', '-o', trace, ...options, '--', ...workload]);
  if (recorded.code !== 0) return recorded.code;
  console.log();
  const report = tool(['report', trace, '--by', 'api,driver,softirq', '--top', '8']);
  if (report.code !== 0) return report.code;
  const exported = tool(['export', trace, '--format', 'speedscope'], true);
  if (exported.code !== 0) return exported.code;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`
flame graph: ${exported.output.trim()}
open it:     npx dde-profile open ${trace}
more:        npx dde-profile report ${trace}; npx dde-profile --help
The demo took ${seconds} s.`);
  return 0;
});
