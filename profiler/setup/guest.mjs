// SPDX-License-Identifier: MIT
// `npm run guest -- [OPTIONS] -- CMD`: sets up what is missing, then runs CMD in a guest with one of Debian's kernels.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { bootstrap, main, root } from './bootstrap.mjs';

await main(async () => {
  await bootstrap({ guest: true });
  const child = spawn(process.execPath, [join(root, 'dist/test/guest/main.js'), ...process.argv.slice(2)], {
    stdio: 'inherit',
  });
  // Ctrl-C reaches the child by itself; what is sent to this process alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 1)));
  });
});
