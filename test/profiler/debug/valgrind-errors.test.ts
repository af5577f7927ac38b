// SPDX-License-Identifier: MIT
// Valgrind's XML becomes findings at the driver's line; a document that ends in the middle gives what is whole.
import t from 'tap';
import { findingsOfValgrind } from '../../../profiler/debug/valgrind-errors.js';
import { childOf, readXml, textOf } from '../../../profiler/debug/xml.js';

const frame = (fn: string, dir: string, file: string, line: number): string =>
  `<frame><ip>0x401000</ip><obj>/b/driver</obj><fn>${fn}</fn><dir>${dir}</dir><file>${file}</file><line>${line}</line></frame>`;

const XML = `<?xml version="1.0"?>
<valgrindoutput>
<protocolversion>4</protocolversion>
<error>
  <unique>0x1</unique><tid>5</tid><kind>InvalidWrite</kind><what>Invalid write of size 4</what>
  <stack>${frame('memset', '/src/lib', 'string.c', 9)}${frame('demo_fill', '/src/drivers/net/demo', 'ring.c', 88)}${frame('demo_poll', '/src/drivers/net/demo', 'main.c', 301)}</stack>
  <auxwhat>Address 0x61000040 is 0 bytes after a block of size 64 alloc&apos;d</auxwhat>
  <stack>${frame('kmalloc', '/src/mm', 'slub.c', 7)}${frame('demo_open', '/src/drivers/net/demo', 'main.c', 20)}</stack>
</error>
<error>
  <unique>0x2</unique><tid>1</tid><kind>Leak_DefinitelyLost</kind>
  <xwhat><text>64 bytes in 1 blocks are definitely lost</text><leakedbytes>64</leakedbytes></xwhat>
  <stack><frame><ip>0x1234</ip></frame></stack>
</error>
<errorcounts><pair><count>7</count><unique>0x1</unique></pair></errorcounts>
</valgrindoutput>`;
const driverFiles = ['drivers/net/demo/main.c', 'drivers/net/demo/ring.c'];

t.test('errors', async (t) => {
  const found = findingsOfValgrind(XML, { driverFiles });
  t.match(found, [
    { kind: 'valgrind-invalid-write', severity: 'error', title: 'Invalid write of size 4', count: 7 },
    { kind: 'valgrind-leak-definitely-lost', severity: 'warning', title: /definitely lost/, count: 1 },
  ]);
  t.match(found[0]?.evidence, [
    {
      source: 'drivers/net/demo/ring.c:88',
      thread: 'thread 5',
      stack: ['demo_poll (main.c:301)', 'demo_fill (ring.c:88)', 'memset (string.c:9)'],
    },
    { source: 'drivers/net/demo/main.c:20', text: /0 bytes after a block of size 64 alloc'd/ },
  ]);
  t.strictSame(found[1]?.evidence[0]?.stack, ['0x1234'], 'a frame without debug information is its address');
});

t.test('cut anywhere: no throw, and no error that is not there', async (t) => {
  const whole = findingsOfValgrind(XML, { driverFiles }).length;
  for (let at = 0; at <= XML.length; at += 7)
    t.ok(findingsOfValgrind(XML.slice(0, at), { driverFiles }).length <= whole);
  t.strictSame(findingsOfValgrind('', { driverFiles }), []);
  t.strictSame(findingsOfValgrind('no XML <at all', { driverFiles }), []);
});

t.test('the reader', async (t) => {
  const root = readXml('<a><!-- c --><b>x &amp; &#65;&#x42;</b><c/></a>');
  const a = childOf(root, 'a');
  t.equal(a === undefined ? '' : textOf(a, 'b'), 'x & AB');
  t.strictSame(
    a?.children.map((one) => one.name),
    ['b', 'c'],
  );
});
