// SPDX-License-Identifier: MIT
// check --coverage: what of the driver has run, run by run and all together.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { cli } from '../fixtures/cli.js';

const driver = join(projectRoot, 'test/fixtures/drivers/faulty');
const source = readFileSync(`${driver}/faulty.c`, 'utf8').split('\n');
const line = (text: string) => source.findIndex((one) => one.includes(text)) + 1;
const device = ['--device', 'edu,dma_mask=0xffffffff'];

interface Ratio {
  readonly hit: number;
  readonly total: number;
  readonly percent: number;
}
interface Result {
  readonly coverage: { readonly runs: number; readonly lines: Ratio; readonly run: { readonly lines: Ratio } } | null;
}

t.test('two runs', async (t) => {
  const folder = join(t.testdir({}), 'coverage');
  const check = (fault: string, ...more: string[]) =>
    cli([
      ...['check', driver, ...device, '--param', `faulty.fault=${fault}`, '--coverage', folder, '--json', ...more],
      ...['--', 'idle', '--duration', '1'],
    ]);
  const info = (name: string) => readFileSync(join(folder, name), 'utf8').split('\n');

  const clean = await check('none');
  t.equal(clean.code, 0, clean.stderr);
  const first = clean.json<Result>().coverage;
  t.equal(first?.runs, 1);
  t.ok(first !== null && first.lines.percent > 30 && first.lines.percent < 90, 'neither nothing nor all');
  t.ok(info('run.info').includes(`SF:${driver}/faulty.c`), 'the file of the user');
  t.ok(info('run.info').includes(`FNDA:1,faulty_probe`));
  t.ok(info('run.info').includes(`FNDA:0,recurse`), 'what never ran is in it');
  t.ok(info('run.info').includes(`DA:${line('WARN(1')},0`));
  t.notOk(
    info('run.info').some((one) => /^SF:.*linux-/.test(one)),
    'no headers of Linux',
  );

  const warned = await check('warn', '--fail-under', '99');
  t.equal(warned.code, 12);
  t.match(warned.stderr, /coverage: [\d.]+ % of the lines, --fail-under 99/);
  const both = warned.json<Result>().coverage;
  t.equal(both?.runs, 2);
  t.ok(info('merged.info').includes('FNDA:2,faulty_probe'), 'added up');
  t.ok(info('run.info').includes('FNDA:1,faulty_probe'), 'and each for itself');
  t.ok(info('merged.info').includes(`DA:${line('WARN(1')},1`));
  t.ok((both?.lines.hit ?? 0) > (first?.lines.hit ?? 0));
  t.match(readFileSync(join(folder, 'html', 'index.html'), 'utf8'), /faulty/);
  const lcov = await execa('lcov', ['--summary', join(folder, 'merged.info'), '--rc', 'lcov_branch_coverage=1']);
  t.match(
    lcov.stdout + lcov.stderr,
    new RegExp(`lines\\.+: ${both?.lines.percent.toFixed(1)}%`),
    'lcov counts the same',
  );

  const crashed = await check('null', '--fail-under', '1');
  t.equal(crashed.code, 12);
  t.match(crashed.json(), { coverage: null, findings: [{ kind: 'crash' }] });
  t.match(crashed.stderr, /no coverage: the driver did not come to an end/);
  t.ok(existsSync(join(folder, 'merged.info')), 'the runs before are kept');
});

t.test('what cannot be', async (t) => {
  const end = await cli(['check', driver, '--fail-under', '50']);
  t.match(end, { code: 2, stderr: /--fail-under: a share of --coverage/ });
  t.match(await cli(['check', driver, '--coverage', 'x', '--fail-under', '101']), { code: 2, stderr: /0 to 100/ });
});
