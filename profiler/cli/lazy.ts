// SPDX-License-Identifier: MIT
// The heavy modules, loaded when a verb needs them, so that --help and the like stay quick.

export const builder = () => import('../../runtime/build/index.js');
export const reports = () => import('../report/index.js');
export const analysis = () => import('../findings/index.js');
export const diff = () => import('../compare/index.js');
export const exports_ = () => import('../export/index.js');
export const speedscope = () => import('../open/index.js');
export const recorder = () => import('../record/recording.js');
export const flight = () => import('../record/flight-recording.js');
export const attaching = () => import('../record/attaching.js');
export const loader = () => import('../topics/load-profile.js');
export const decoder = () => import('../../tracer/decode/index.js');
export const filtering = async () => ({
  ...(await import('../read/part.js')),
  ...(await import('../read/short-calls.js')),
});
export const query = () => import('../query/index.js');
export const symbols = () => import('../../tracer/symbols/index.js');
export const eventLines = async () => ({
  ...(await import('../read/event-lines.js')),
  ...(await import('../../tracer/decode/index.js')),
  ...(await import('../read/part.js')),
  ...(await import('../export/files/sink.js')),
});
