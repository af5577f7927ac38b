// SPDX-License-Identifier: MIT
import t from 'tap';
import {
  isInternal,
  parseCondition,
  sideEffect,
  splitArguments,
  stripSourceUrl,
  viewOf,
} from '../../../inspector/bridge/expressions.js';

t.test('what changes something', async (t) => {
  for (const expression of [
    'x = 1',
    'x=1',
    'x += 1',
    'x-=1',
    'x *= 2',
    'x /= 2',
    'x %= 2',
    'x &= 1',
    'x |= 1',
    'x ^= 1',
    'x <<= 1',
    'x >>= 1',
    'x++',
    '++x',
    'x--',
    '--x',
    'a[i] = 0',
    'p->q.r=0',
    '*p = 0',
    '*(int *)0xc0000000 = 1',
    '$rax = 1',
    '$pc=0',
    '$x = 5',
    'f()',
    'f (1)',
    'p->op(1)',
    'x, y = 2',
    'a == (b = 1)',
    '(x)=1',
    '$_shell("id")',
    '$_as_string(x)',
    'netif_rx(skb)',
    'table[0](1)',
    'x ? y = 1 : 0',
    'sizeof(x) + f()',
    '"string"',
    'strcmp(a, "b")',
    "c = 'x'",
    '$rip++',
    'a=b==c',
  ])
    t.ok(sideEffect(expression), expression);
});

t.test('what only reads', async (t) => {
  for (const expression of [
    'x',
    'x == 1',
    'x != y',
    'x <= 1 && y >= 2',
    'a->b.c[3]',
    '*p',
    '&x',
    'sizeof(struct sk_buff)',
    '(int)x',
    '(struct a *)p',
    '*(u32 *)&adapter->hw',
    'x < y',
    'x >> 2',
    '-x',
    '!x',
    '~x',
    "x == 'a'",
    "'='",
    '$rax',
    '$pc',
    'a ? b : c',
    'p->q == 0x10',
    '*p@10',
    '(x)',
    'sizeof x',
    'a - -b',
    '1.5e3',
    'offsetof(struct a, b)',
  ])
    t.equal(sideEffect(expression), undefined, expression);
});

t.test('what front ends add', async (t) => {
  t.equal(stripSourceUrl('x > 1\n//# sourceURL=snippet:///x'), 'x > 1');
  t.equal(stripSourceUrl('x'), 'x');
  t.ok(isInternal('(async function(){ })()'));
  t.ok(isInternal('function f() {}'));
  t.notOk(isInternal('functions->first'));
});

t.test('conditions and logpoints', async (t) => {
  t.same(parseCondition(undefined), { kind: 'none' });
  t.same(parseCondition(' \n//# sourceURL=x'), { kind: 'none' });
  t.same(parseCondition('i > 3'), { kind: 'condition', expression: 'i > 3' });
  t.same(parseCondition('/** DEVTOOLS_LOGPOINT */ console.log("len", skb->len, f(a, b))'), {
    kind: 'logpoint',
    expressions: ['"len"', 'skb->len', 'f(a, b)'],
  });
  t.same(splitArguments('a[1, 2], "x,y", \',\', g(h(1, 2), 3)'), ['a[1, 2]', '"x,y"', "','", 'g(h(1, 2), 3)']);
});

t.test('views', async (t) => {
  t.same(viewOf('p,[8]'), { expression: '*(p)@(8)', format: undefined });
  t.same(viewOf('ring->desc, [ring->count]'), { expression: '*(ring->desc)@(ring->count)', format: undefined });
  t.same(viewOf('x,x'), { expression: 'x', format: 'hexadecimal' });
  t.same(viewOf('a[1]'), { expression: 'a[1]', format: undefined });
});
