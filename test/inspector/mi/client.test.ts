// SPDX-License-Identifier: MIT
import t from 'tap';
import { MiClient, quote } from '../../../inspector/mi/client.js';
import { LineSplitter } from '../../../inspector/mi/lines.js';

function pair(): { client: MiClient; written: string[]; say(text: string): void } {
  const written: string[] = [];
  const client = new MiClient({ write: (text) => written.push(text) });
  return { client, written, say: (text) => client.feed(Buffer.from(text)) };
}

t.test('answers find their commands in any order', async (t) => {
  const { client, written, say } = pair();
  const [a, b] = [client.send('-a'), client.send('-b')];
  t.same(written, ['1-a\n', '2-b\n']);
  say('2^done,value="b"\n1^done,value="a"\n(gdb) \n');
  t.match(await a, { value: 'a' });
  t.match(await b, { value: 'b' });
});

t.test('a batch leaves in one write; one that fails does not stop the next', async (t) => {
  const { client, written, say } = pair();
  const [first, second, third] = client.batch(['-guard', '-evaluate', '-unguard']);
  t.same(written, ['1-guard\n2-evaluate\n3-unguard\n']);
  say('1^done\n2^error,msg="Writing to memory is not allowed"\n3^done\n');
  await first;
  await t.rejects(second as Promise<unknown>, { message: 'Writing to memory is not allowed', command: '-evaluate' });
  await third;
});

t.test('gdb ends', async (t) => {
  const { client } = pair();
  const waiting = client.send('-a');
  client.end('SIGKILL');
  await t.rejects(waiting, { code: 'ERR_DDE_GDB_ENDED', message: 'gdb has ended: SIGKILL' });
  await t.rejects(client.send('-b'), { code: 'ERR_DDE_GDB_ENDED' });
  t.equal(client.ended, true);
});

t.test('a command is one line, an argument stays an argument', async (t) => {
  const { client, written } = pair();
  await t.rejects(client.send('-a\n-gdb-exit'), { message: /one line/ });
  t.same(written, []);
  t.equal(quote('a "b" \\ c\n-gdb-exit'), '"a \\"b\\" \\\\ c\\n-gdb-exit"');
});

t.test('events reach those who listen', async (t) => {
  const { client, say } = pair();
  const seen: string[] = [];
  const end = client.onEvent((event) => seen.push(event.type));
  say('*running,thread-id="all"\n~"x"\nprogram says\n^done\n^done,broken\n');
  end();
  say('~"y"\n');
  t.same(seen, ['exec', 'console', 'output', 'malformed']);
});

t.test('a line without end is dropped and told', async (t) => {
  const lines: string[] = [];
  const dropped: number[] = [];
  const splitter = new LineSplitter(
    (line) => lines.push(String(line)),
    (bytes) => dropped.push(bytes),
    10,
  );
  splitter.feed(Buffer.from('short\n0123456'));
  splitter.feed(Buffer.from('789abcdef\nnext\n'));
  t.same(lines, ['short', 'next']);
  t.same(dropped, [16]);
});
