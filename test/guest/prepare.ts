// SPDX-License-Identifier: MIT
// Before the tests in guests: gets what they need, which may take longer than a test may.

import { GuestError } from './errors.js';
import { KERNELS, kernel } from './kernels.js';
import { buildKmod, buildSelftest } from './kmod.js';

const onWork = (what: string) => void process.stderr.write(`guest: ${what}\n`);

try {
  for (const name of KERNELS) await buildKmod(await kernel(name, onWork));
  await buildSelftest();
} catch (error) {
  if (!(error instanceof GuestError)) throw error;
  process.stderr.write(`guest: ${error.message}\n`);
  process.exitCode = 1;
}
