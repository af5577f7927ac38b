// SPDX-License-Identifier: MIT
// The package's own API, in a program of yours: node call-gaps.mjs run.ddet FUNCTION
// The longest times between two calls of a function. After `npm install dde-profile` (or a file from `npm pack`).
import { openRecording } from 'dde-profile/decode';

const [file, name] = process.argv.slice(2);
if (name === undefined) {
  console.error('usage: node call-gaps.mjs FILE FUNCTION');
  process.exit(2);
}
const recording = openRecording(file);
let last;
let calls = 0;
const gaps = [];
recording.forEach({
  [`entry:${name}`]: (rows) => {
    for (let k = 0; k < rows.count; k++) {
      const at = rows.ts(k);
      if (last !== undefined) gaps.push([at - last, last]);
      last = at;
      calls++;
    }
  },
});
recording.close();
gaps.sort((a, b) => b[0] - a[0]);
console.log(`${name}: ${calls} calls`);
for (const [gap, from] of gaps.slice(0, 10)) {
  console.log(`${(gap / 1e6).toFixed(3).padStart(12)} ms from ${(from / 1e6).toFixed(3)} ms on`);
}
