// SPDX-License-Identifier: MIT
export { Engine, type EngineOptions, type Rows } from './engine/engine.js';
export { attach, defineViews, type TableSet } from './engine/sets.js';
export { QueryError, type QueryErrorCode } from './errors.js';
export { cachedSet, cacheRoot, sweep } from './load/cache.js';
export { makeSet, type MakeOptions } from './load/make-set.js';
export { type TextFormat, type WriteOptions, writeRows } from './output/write.js';
export { queryToParquet } from './output/parquet.js';
export { SCHEMA_VERSION } from './tables/table.js';
export { EXAMPLES, type Example } from './examples/examples.js';
export { MACROS, renderSchema, SCHEMA } from './schema/index.js';
export { statementEnds } from './engine/statements.js';
export { exportSet } from './load/export-set.js';
