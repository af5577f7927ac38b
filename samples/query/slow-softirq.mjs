// SPDX-License-Identifier: MIT
// A finding for each softirq that ran longer than a limit, for CI: dde-profile script run.ddet samples/query/slow-softirq.mjs -- 2000000
// The argument is in nanoseconds. Exit code 1 when there is one.
let limit = 2_000_000;
const started = new Map();
const findings = [];

export const begin = ({ args }) => {
  if (args[0] !== undefined) limit = Number(args[0]);
};

export const on = {
  'irq:softirq_entry': (rows) => {
    for (let k = 0; k < rows.count; k++) started.set(rows.arg('vec', k), rows.ts(k));
  },
  'irq:softirq_exit': (rows) => {
    for (let k = 0; k < rows.count; k++) {
      const vec = rows.arg('vec', k);
      const from = started.get(vec);
      started.delete(vec);
      const took = rows.ts(k) - from;
      if (!(took > limit)) continue;
      const title = `softirq ${vec} ran for ${Math.round(took / 1000)} us`;
      findings.push({ kind: 'slow-softirq', severity: 'error', title, at: from });
    }
  },
};

export const end = () => ({ findings });
