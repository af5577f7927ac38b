// SPDX-License-Identifier: MIT
export { BaselineError, readBaseline, withoutKnown, writeBaseline } from './baseline.js';
export { CI_FORMATS, type CiContext, type CiFormat, renderCi } from './ci/index.js';
export { fingerprint } from './ci/location.js';
export { findings } from './findings.js';
export { type RenderOptions, renderFindings } from './render.js';
export { findingsOfKernelLog, type KernelLogOptions } from './kernel-log.js';
export { findingsOfRun, RUN_KINDS, since, withTold } from './run.js';
