// SPDX-License-Identifier: MIT
import t from 'tap';
import { EXIT, EXIT_TEXT } from '../../../profiler/cli/exit-codes.js';

t.test('every exit code has one text', async (t) => {
  const codes = Object.values(EXIT);
  t.equal(new Set(codes).size, codes.length, 'no code is used twice');
  t.strictSame(
    Object.keys(EXIT_TEXT).map(Number),
    [...codes].sort((a, b) => a - b),
  );
});
