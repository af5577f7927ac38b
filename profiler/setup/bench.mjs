// SPDX-License-Identifier: MIT
// `npm run bench:NAME [-- --rounds N --check --json]`: sets up what is missing, then runs that part's benchmark.
// Each benchmark prints value and goal per row; --check ends with 1 when a goal is missed.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, main, root } from './bootstrap.mjs';

const BENCHES = {
  runtime: 'dist/runtime/bench/run.js',
  build: 'dist/runtime/bench/build.js',
  exec: 'dist/profiler/bench/exec.js',
  tracer: 'dist/tracer/bench/run.js',
  profiler: 'dist/profiler/bench/run.js',
  query: 'dist/profiler/bench/query.js',
  inspector: 'dist/inspector/bench/run.js',
};

await main(async () => {
  const [name, ...args] = process.argv.slice(2);
  const script = BENCHES[name];
  if (script === undefined) {
    console.error(`usage: npm run bench:(${Object.keys(BENCHES).join('|')}) -- [--rounds N] [--check] [--json]`);
    return 2;
  }
  await bootstrap({ tests: true, bench: name === 'tracer' });
  return spawnSync(process.execPath, [join(root, script), ...args], { stdio: 'inherit' }).status ?? 1;
});
