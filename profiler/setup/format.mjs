// SPDX-License-Identifier: MIT
// `npm run format:check`: Biome for TypeScript and JSON, clang-format for C and C++. `npm run format` writes what it can.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './bootstrap.mjs';

/** Generated, or assembler in the form of macros. */
const NOT_CHECKED = /\.gen\.h$|^runtime\/arch\/dde\/include\//;

/** Tables and macros aligned by hand, `?:` chains, one-line enums: what clang-format of Debian 12 cannot leave as it is. Formatted otherwise. */
function exempt() {
  const text = readFileSync(join(root, '.clang-format-ignore'), 'utf8');
  return new Set(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')));
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (result.error) {
    console.error(`${command}: ${result.error.message}`);
    return { code: 3, output: '' };
  }
  return { code: result.status ?? 1, output: result.stdout + result.stderr };
}

const write = process.argv.includes('--write');
const listed = run('git', ['ls-files', '*.c', '*.h', '*.cc'])
  .output.split('\n')
  .filter((file) => file !== '' && !NOT_CHECKED.test(file));
const left = exempt();
const checked = listed.filter((file) => !left.has(file));
const clang = run('clang-format', [...(write ? ['-i'] : ['--dry-run', '-Werror']), ...checked]);
const off = new Set(
  [...clang.output.matchAll(/^([^\s:]+):\d+:\d+: (?:error|warning): code should/gm)].map(([, file]) => file),
);
if (off.size > 0) console.error(`not as clang-format has it (npm run format): ${[...off].join(', ')}`);
else if (clang.code !== 0) console.error(clang.output || 'clang-format failed');
const gone = [...left].filter((file) => !listed.includes(file));
if (gone.length > 0) console.error(`.clang-format-ignore names files that are not there: ${gone.join(', ')}`);
const biome = run(process.execPath, [
  join(root, 'node_modules/@biomejs/biome/bin/biome'),
  'format',
  ...(write ? ['--write'] : []),
  '.',
]);
if (biome.code !== 0) console.error(biome.output);
process.exitCode = clang.code === 0 && gone.length === 0 && biome.code === 0 ? 0 : 1;
