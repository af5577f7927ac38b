// SPDX-License-Identifier: MIT
export { type CompareOptions, type Comparison, compare, type Measure, type PathDifference } from './compare.js';
export { pathsOf, type PathTimes, type Recording } from './paths.js';
export { renderComparison } from './render.js';
export { comparisonSpeedscope } from './speedscope.js';
