// SPDX-License-Identifier: MIT
export type { Evidence, Finding, Severity } from './finding.js';
export { findings, type RenderOptions, renderFindings } from './findings.js';
