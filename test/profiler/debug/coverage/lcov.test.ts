// SPDX-License-Identifier: MIT
import t from 'tap';
import { renderLcov } from '../../../../profiler/debug/coverage/lcov.js';

t.test('a tracefile', async (t) => {
  const text = renderLcov(
    [
      {
        path: '/src/a.c',
        functions: [
          { name: 'probe', line: 3, count: 2 },
          { name: 'gone', line: 9, count: 0 },
        ],
        lines: [
          { line: 4, count: 2, branches: [{ function: 'probe', counts: [2, 0] }] },
          { line: 10, count: 0, branches: [{ function: 'gone', counts: [0, 0] }] },
        ],
      },
    ],
    'my-driver',
  );
  t.equal(
    text,
    `TN:my_driver
SF:/src/a.c
FN:3,probe
FN:9,gone
FNDA:2,probe
FNDA:0,gone
FNF:2
FNH:1
BRDA:4,0,0,2
BRDA:4,0,1,0
BRDA:10,0,0,-
BRDA:10,0,1,-
BRF:4
BRH:1
DA:4,2
DA:10,0
LF:2
LH:1
end_of_record
`,
  );
});
