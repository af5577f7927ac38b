// SPDX-License-Identifier: MIT
import t from 'tap';
import { parseRecord } from '../../../inspector/mi/parse.js';

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

t.test('answers', async (t) => {
  t.same(plain(parseRecord('12^done,value="42"')), {
    type: 'result',
    token: 12,
    class: 'done',
    results: { value: '42' },
  });
  t.same(plain(parseRecord('^running')), { type: 'result', class: 'running', results: {} });
  t.match(parseRecord('3^error,msg="No symbol \\"x\\" in current context."'), {
    class: 'error',
    results: { msg: 'No symbol "x" in current context.' },
  });
});

t.test('tuples and lists, with and without names', async (t) => {
  const record = parseRecord(
    '*stopped,reason="breakpoint-hit",frame={addr="0x594090",args=[{name="a",value="1"},{name="b",value="2"}]},stopped-threads="all"',
  );
  t.match(plain(record), {
    type: 'exec',
    class: 'stopped',
    results: { frame: { addr: '0x594090', args: [{ name: 'a' }, { name: 'b' }] }, 'stopped-threads': 'all' },
  });
  t.same(plain(parseRecord('^done,stack=[frame={level="0"},frame={level="1"}]')), {
    type: 'result',
    class: 'done',
    results: { stack: [{ level: '0' }, { level: '1' }] },
  });
  t.match(plain(parseRecord('^done,a=[],b={},c=["x","y"]')), { results: { a: [], b: {}, c: ['x', 'y'] } });
});

t.test('what trips simple parsers', async (t) => {
  // mi3's dprintf: a tuple of bare strings.
  t.match(plain(parseRecord('=breakpoint-created,bkpt={number="2",script={"printf \\"x\\"","continue"}}')), {
    results: { bkpt: { script: { 0: 'printf "x"', 1: 'continue' } } },
  });
  // Old gdbs repeat a name.
  t.match(plain(parseRecord('^done,bkpt={number="1"},bkpt={number="1.1"}')), {
    results: { bkpt: { number: '1' }, 'bkpt#2': { number: '1.1' } },
  });
  t.match(parseRecord('^done,value="caf\\303\\251 \\342\\202\\254 \\0011"'), { results: { value: 'café € \x011' } });
  t.match(parseRecord(Buffer.from('^done,value="café"')), { results: { value: 'café' } }, 'bytes as they are');
  t.match(parseRecord('^done,value="a\\tb\\\\n\\e[0m"'), { results: { value: 'a\tb\\n\x1b[0m' } });
  t.match(plain(parseRecord('^done,__proto__={polluted="yes"},constructor="x"')), { results: { constructor: 'x' } });
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
  const long = 'x'.repeat(10_000_000);
  const record = parseRecord(`^done,value="${long}"`);
  t.equal(record.type === 'result' && record.results['value'], long, 'ten megabytes');
});

t.test('streams, prompts, output', async (t) => {
  t.same(parseRecord('~"Reading symbols\\n"'), { type: 'console', text: 'Reading symbols\n' });
  t.same(parseRecord('&"warning"'), { type: 'log', text: 'warning' });
  t.same(parseRecord('@"remote"'), { type: 'target', text: 'remote' });
  t.same(parseRecord('(gdb) '), { type: 'prompt' });
  t.same(parseRecord('eth0: link up'), { type: 'output', text: 'eth0: link up' });
  t.same(parseRecord(''), { type: 'output', text: '' });
});

t.test('broken lines', async (t) => {
  for (const line of [
    '^',
    '^done,',
    '^done,x',
    '^done,x=',
    '^done,x="',
    '^done,x={',
    '^done,x=[',
    '^done x',
    '~"open',
    '~x',
    '1^done,x="\\',
  ]) {
    t.match(parseRecord(line), { type: 'malformed', line });
  }
  t.equal(parseRecord(`^done,x=${'{a='.repeat(100_000)}`).type, 'malformed', 'no stack overflow');
  t.equal(parseRecord(`^done,x=${'['.repeat(100_000)}`).type, 'malformed');
});
