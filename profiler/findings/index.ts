// SPDX-License-Identifier: MIT
export { findings } from './findings.js';
export { type RenderOptions, renderFindings } from './render.js';
