// SPDX-License-Identifier: MIT
import t from 'tap';
import { countersEnv, parseGcov } from '../../../../profiler/debug/coverage/gcov.js';

const line = (line_number: number, function_name: string, count: number, branches: readonly number[] = []) => ({
  line_number,
  function_name,
  count,
  unexecuted_block: false,
  branches: branches.map((one) => ({ count: one, throw: false, fallthrough: true })),
});

t.test("gcov's JSON, one document an object", async (t) => {
  const header = (name: string, count: number) => ({
    file: '/src/a.h',
    functions: [{ name: 'helper', demangled_name: 'helper', start_line: 1, end_line: 2, execution_count: count }],
    lines: [line(1, 'helper', count, [count, 0]), line(1, name, 1)],
  });
  const documents = [header('open', 3), header('close', 4)].map((file) => ({ format_version: '1', files: [file] }));
  t.strictSame(parseGcov(`${documents.map((one) => JSON.stringify(one)).join('\n')}\n`), [
    {
      path: '/src/a.h',
      functions: [{ name: 'helper', line: 1, count: 7 }],
      lines: [{ line: 1, count: 9, branches: [{ function: 'helper', counts: [7, 0] }] }],
    },
  ]);
  t.strictSame(parseGcov(''), []);
});

t.test('counters go into the folder itself', async (t) =>
  t.strictSame(countersEnv('/tmp/x'), { GCOV_PREFIX: '/tmp/x', GCOV_PREFIX_STRIP: '1000' }),
);
