// SPDX-License-Identifier: MIT
export { bytes, count, duration, percent } from './format.js';
export { renderHtml } from './html.js';
export {
  neededBy,
  overview,
  REPORT_NAMES,
  REPORTS,
  type ReportName,
  type ReportOptions,
  renderReport,
} from './render.js';
export { type Column, renderTable, type Style, styleOf, type Table } from './table.js';
