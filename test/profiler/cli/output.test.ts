// SPDX-License-Identifier: MIT
// What is written where: nothing is cut outside a terminal, colours alone depend on NO_COLOR, lines come once, JSON and tables agree.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { REPORT_NAMES, renderReport } from '../../../profiler/report/index.js';
import { renderTable, styleOf } from '../../../profiler/show/index.js';
import { profileFromTrace } from '../../../profiler/topics/load.js';
import { cli, fakeBuild, toolCommand } from '../../fixtures/cli.js';
import { networkTrace } from '../fixtures/network-driver.js';

const profile = profileFromTrace(networkTrace({ packets: 100 }).trace(), { timeline: false });

t.test('a long name is whole, except on a terminal that is too narrow', async (t) => {
  const name = `f${'o'.repeat(300)}`;
  const table = { title: 'x', columns: [{ head: 'name', left: true }], rows: [[name]] };
  t.match(renderTable(table, styleOf(false)), name);
  t.notMatch(renderTable(table, styleOf(false, 80)), name);
});

t.test('on a terminal NO_COLOR changes colours only', async (t) => {
  // script(1) makes a terminal; it is in every Debian.
  const style = `import('${join(process.cwd(), 'dist/profiler/cli/terminal.js')}').then((m) => console.log(JSON.stringify(m.outputStyle())))`;
  const ask = async (env: Record<string, string>): Promise<{ color: boolean; width: number }> => {
    const inner = `stty cols 77; env -u NODE_OPTIONS -u NO_COLOR ${Object.entries(env)
      .map(([k, v]) => `${k}=${v}`)
      .join(' ')} ${process.execPath} -e "${style}"`;
    const { stdout } = await execa('script', ['-qec', inner, '/dev/null'], { env: { TERM: 'xterm' } });
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  };
  t.strictSame(await ask({}), { color: true, width: 77 });
  t.strictSame(await ask({ NO_COLOR: '1' }), { color: false, width: 77 });
});

/** First column of all tables' rows that hold a name of the profile, by table. */
const rowsOf = (text: string): number => text.split('\n').filter((line) => /^ {2}\S/.test(line)).length;

t.test('--match and --top: JSON has the rows of the tables', async (t) => {
  const match = (name: string): boolean => name.includes('dma') || name.includes('alloc');
  for (const name of REPORT_NAMES) {
    const options = { by: name, function: 'e1000_clean_rx_irq' } as const;
    const read = (more: object): unknown =>
      JSON.parse(renderReport(profile, { ...options, ...more, json: true }))[name];
    const count = (data: unknown): number[] =>
      Array.isArray(data)
        ? [data.length]
        : Object.values(data as object).flatMap((value) =>
            Array.isArray(value) && value.some((one) => typeof one === 'object' && ('name' in one || 'function' in one))
              ? [value.length]
              : [],
          );
    for (const top of [1, 2])
      t.ok(
        count(read({ top })).every((n) => n <= top),
        `${name} --top ${top}`,
      );
    // Of stacks one row is several lines; directions and cost classes are no lists of names.
    const whole = ['stacks', 'dma', 'virt_to_phys', 'arguments'].includes(name);
    const text = renderReport(profile, { ...options, top: 1 });
    // Its head, the title of the table, the heads of the columns, one row.
    const lines = text
      .split('\n\n')
      .slice(1)
      .join('\n\n')
      .split('\n')
      .filter((line) => /^ {2}\S/.test(line));
    if (!whole) t.ok(lines.length <= 4, `the table of ${name} --top 1: ${lines.length} lines`);
    const names = JSON.stringify(read({ match })).matchAll(/"(?:name|function)":"([^"]+)"/g);
    if (name !== 'arguments') for (const [, found] of names) t.ok(match(found ?? ''), `${name}: ${found}`);
  }
  t.ok(rowsOf(renderReport(profile, { by: 'api', match })) > 1);
});

t.test('lines come once when both streams end in one place, and on both otherwise', async (t) => {
  const dir = t.testdir({ build: {} });
  const build = fakeBuild(join(dir, 'build'));
  const both = openSync(join(dir, 'both'), 'w');
  const child = spawn(toolCommand[0], [...toolCommand.slice(1), 'run', build, '--', 'ping'], {
    stdio: ['ignore', both, both],
  });
  await once(child, 'exit');
  const text = readFileSync(join(dir, 'both'), 'utf8');
  for (const line of [/bound to/g, /link up/g, /ping: ok/g]) t.equal(text.match(line)?.length, 1, String(line));
  const apart = await cli(['run', build, '--', 'ping']);
  for (const line of [/bound to/, /link up/, /ping: ok/]) {
    t.match(apart.stdout, line);
    t.match(apart.stderr, line);
  }
});

t.test('doctor looks where builds go', async (t) => {
  const dir = t.testdir({});
  mkdirSync(join(dir, 'home'));
  const cacheOf = async (env: Record<string, string>): Promise<string> => {
    const end = await cli(['doctor', '--json'], { cwd: dir, env: { HOME: join(dir, 'home'), ...env } });
    const { checks } = end.json<{ checks: { name: string; detail: string }[] }>();
    return checks.find(({ name }) => name === 'cache')?.detail ?? '';
  };
  t.match(await cacheOf({ DDE_PROFILE_CACHE: join(dir, 'own') }), `${join(dir, 'own')}, `);
  t.match(await cacheOf({ XDG_CACHE_HOME: join(dir, 'xdg'), DDE_PROFILE_CACHE: '' }), join(dir, 'xdg/dde-profile'));
  for (const relative of ['', 'here'])
    t.match(
      await cacheOf({ XDG_CACHE_HOME: relative, DDE_PROFILE_CACHE: '' }),
      join(dir, 'home/.cache/dde-profile'),
      JSON.stringify(relative),
    );
});
