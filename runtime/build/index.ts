// SPDX-License-Identifier: MIT
export { type BuildRequest, type BuildResult, buildDriver } from './build.js';
export { BuildError, type BuildErrorCode } from './errors.js';
export { type Manifest, manifestSchema, readManifest, type SourceCheck, verifySources } from './describe/manifest.js';
export { cacheRoot } from './common/paths.js';
export { type OnProgress, type Progress, terminalProgress } from './common/progress.js';
export { type Driver, resolveDriver } from './target/resolve.js';
export { listSamples, readSample, type Sample, sampleSchema } from './target/samples.js';
export { ensureGdbConstants, GDB_CONSTANTS } from './describe/gdb-constants.js';
export type { Site } from './describe/forms.js';
export { ensureSource, type KernelSource } from './source/source.js';
export { formatNeeds, type Needs } from './describe/needs.js';
export { type CachePart, cacheParts, emptyCache } from './common/cache.js';
export { pruneCache } from './common/prune.js';
