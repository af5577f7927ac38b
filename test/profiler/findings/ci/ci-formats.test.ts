// SPDX-License-Identifier: MIT
// Findings as SARIF, JUnit, KTAP and GitHub annotations: valid, and nothing of a finding gets lost or breaks the format.
import t from 'tap';
import { CI_FORMATS, type CiFormat, fingerprint, renderCi } from '../../../../profiler/findings/index.js';
import type { Finding } from '../../../../profiler/model/index.js';
import { junitFaults, sarifSchema } from '../../fixtures/ci-schemas.js';
import { parseXml } from '../../fixtures/xml.js';

const context = { toolVersion: '1.2.3', subject: 'e1000e' };

function finding(more: Partial<Finding> = {}): Finding {
  return {
    kind: 'dma-leak',
    severity: 'error',
    title: '3 mappings, 4096 bytes, mapped by f are left',
    hint: 'unmap them',
    count: 3,
    evidence: [
      {
        at: 1_500_000,
        thread: 'kworker/0:1',
        source: 'drivers/net/a b.c:42',
        stack: ['kthread', 'f (a.c)'],
        text: 'left',
      },
    ],
    ...more,
  };
}

const NASTY = '<a href="x">&amp; ]]> #1 100%\n::error::\u0001 \u2028 ü,:';
const LISTS: Readonly<Record<string, readonly Finding[]>> = {
  none: [],
  one: [finding()],
  'without a place': [finding({ evidence: [] })],
  'without a line': [finding({ evidence: [{ at: 0, thread: 't', source: '/abs/file.c', stack: [], text: 'x' }] })],
  nasty: [finding({ title: NASTY, hint: NASTY, evidence: [{ at: 0, thread: NASTY, stack: [NASTY], text: NASTY }] })],
  severities: [finding(), finding({ severity: 'warning' }), finding({ severity: 'note', kind: 'a-note' })],
};

t.test('SARIF is valid', async (t) => {
  for (const [name, list] of Object.entries(LISTS)) {
    const parsed = sarifSchema.safeParse(JSON.parse(renderCi('sarif', list, context)));
    t.ok(parsed.success, `${name}: ${parsed.error?.message ?? ''}`);
    if (!parsed.success) continue;
    const [run] = parsed.data.runs;
    t.equal(run?.results.length, list.length);
    const rules = new Set(run?.tool.driver.rules.map((rule) => rule.id));
    t.ok(
      list.every((one) => rules.has(one.kind)),
      `${name}: each result has its rule`,
    );
    t.equal(rules.size, run?.tool.driver.rules.length, 'each rule once');
  }
  const { runs } = sarifSchema.parse(JSON.parse(renderCi('sarif', [finding()], context)));
  t.match(runs[0]?.results[0]?.locations?.[0]?.physicalLocation, {
    artifactLocation: { uri: 'drivers/net/a%20b.c' },
    region: { startLine: 42 },
  });
});

t.test('JUnit is valid, and counts its tests', async (t) => {
  for (const [name, list] of Object.entries(LISTS)) {
    for (const passed of [undefined, ['workload ping', 'checker <lockdep>']]) {
      const root = parseXml(renderCi('junit', list, passed === undefined ? context : { ...context, passed }));
      t.strictSame(junitFaults(root), [], name);
      const cases = root.children[0]?.children ?? [];
      t.equal(Number(root.attributes['tests']), cases.length, name);
      const failed = cases.filter((one) => one.children.some((child) => child.name === 'failure')).length;
      t.equal(Number(root.attributes['failures']), failed, name);
      t.equal(failed, list.filter((one) => one.severity !== 'note').length, name);
    }
  }
  const root = parseXml(renderCi('junit', LISTS['nasty'] ?? [], context));
  t.match(root.children[0]?.children[0]?.children[0]?.text, /<a href="x">&amp; \]\]>/, 'text comes back as it was');
});

t.test('KTAP: the plan holds, results are one line each', async (t) => {
  for (const [name, list] of Object.entries(LISTS)) {
    const lines = renderCi('ktap', list, context).trimEnd().split('\n');
    t.equal(lines[0], 'KTAP version 1');
    const results = lines.filter((line) => /^(not )?ok \d+ /.test(line));
    t.equal(lines[1], `1..${results.length}`, name);
    t.strictSame(
      results.map((line) => Number(/\d+/.exec(line)?.[0])),
      results.map((_, index) => index + 1),
    );
    t.ok(
      lines.slice(2).every((line) => line.startsWith('#') || results.includes(line)),
      name,
    );
    t.equal(
      results.filter((line) => line.startsWith('not ok')).length,
      list.filter((one) => one.severity !== 'note').length,
    );
    for (const line of results) t.notOk(/#(?! SKIP note$)/.test(line.replace(/ # SKIP note$/, '')), line);
  }
});

t.test('GitHub: one command a finding', async (t) => {
  for (const [name, list] of Object.entries(LISTS)) {
    const lines = renderCi('github', list, context)
      .split('\n')
      .filter((line) => line !== '');
    t.equal(lines.length, list.length, name);
    for (const line of lines) t.match(line, /^::(error|warning|notice) [^:]*::/);
  }
  t.match(
    renderCi('github', [finding()], context),
    /^::error file=drivers\/net\/a b\.c,line=42,title=dma-leak::3 mappings/,
  );
});

t.test('fingerprints: the same in another run, another for another fault', async (t) => {
  const other = finding({ title: '17 mappings, 68 bytes, mapped by f are left', count: 1 });
  t.equal(fingerprint(finding()), fingerprint(other));
  t.not(fingerprint(finding()), fingerprint(finding({ kind: 'x' })));
  t.not(fingerprint(finding()), fingerprint(finding({ title: '3 mappings, 4096 bytes, mapped by g are left' })));
});

t.test('every format ends with a newline or is empty', async (t) => {
  for (const format of CI_FORMATS as readonly CiFormat[])
    for (const list of Object.values(LISTS)) t.match(renderCi(format, list, context), /^$|\n$/);
});
