// SPDX-License-Identifier: MIT
export { bytes, count, duration, milliseconds, percent } from './format.js';
export { coarser, series, spark } from './over-time.js';
export { type Summary, summary, withOctaves } from './summary.js';
export { heatMap, histogram, overTime, quoted } from './svg.js';
export { type Column, renderTable, type Style, styleOf, type Table } from './table.js';
