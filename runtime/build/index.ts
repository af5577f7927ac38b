// SPDX-License-Identifier: MIT
export { type BuildRequest, type BuildResult, buildDriver } from './build.js';
export { BuildError, type BuildErrorCode } from './errors.js';
export { type Manifest, manifestSchema, readManifest, type SourceCheck, verifySources } from './manifest.js';
export { cacheRoot } from './paths.js';
export { type OnProgress, type Progress, terminalProgress } from './progress.js';
export { type Driver, resolveDriver } from './resolve.js';
export { listSamples, readSample, type Sample, sampleSchema } from './samples.js';
export type { Site } from './sites.js';
export { ensureSource, type KernelSource } from './source.js';
