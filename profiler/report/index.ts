// SPDX-License-Identifier: MIT
export { renderHtml } from './html/page.js';
export { overview } from './overview.js';
export { renderReport } from './render.js';
export { neededBy, REPORT_NAMES, type ReportName, type ReportOptions, sectionsOf } from './sections.js';
