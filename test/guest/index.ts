// SPDX-License-Identifier: MIT
// The guest harness for tests: see README.md.

export { GuestError, type GuestErrorCode } from './errors.js';
export { type GuestOptions, type GuestResult, runGuest } from './guest.js';
export { isKernelName, KERNELS, kernel, type Kernel, type KernelName } from './kernels.js';
export { buildKmod, buildSelftest } from './kmod.js';
