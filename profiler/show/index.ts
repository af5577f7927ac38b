// SPDX-License-Identifier: MIT
export {
  bytes,
  clock,
  count,
  duration,
  fileSize,
  milliseconds,
  moment,
  nanoseconds,
  percent,
  plural,
  seconds,
  signedPercent,
} from './format.js';
export { coarser, series, spark } from './over-time.js';
export { type Summary, summary, withOctaves } from './summary.js';
export { heatMap, histogram, overTime, quoted } from './svg.js';
export { type Column, renderTable, type Style, styleOf, type Table } from './table.js';
