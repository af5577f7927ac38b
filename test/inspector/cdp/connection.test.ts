// SPDX-License-Identifier: MIT
// Messages to methods, and 10,000 broken ones (100,000 with DDE_LONG=1).
import t from 'tap';
import {
  Connection,
  type Method,
  type Methods,
  NullTransport,
  param,
  ProtocolError,
} from '../../../inspector/cdp/index.js';
import { random } from '../fixtures/random.js';

const COUNT = process.env['DDE_LONG'] === '1' ? 100_000 : 10_000;
const methods = (): Methods =>
  new Map<string, Method>([
    ['Test.echo', (params) => params],
    ['Test.text', (params) => ({ text: param.string(params, 'text') })],
    [
      'Test.fail',
      () => {
        throw new ProtocolError('no');
      },
    ],
    ['Test.nothing', () => undefined],
  ]);

async function answers(...messages: unknown[]): Promise<unknown[]> {
  const transport = new NullTransport();
  new Connection(transport, methods);
  for (const message of messages) transport.inject(typeof message === 'string' ? message : JSON.stringify(message));
  await new Promise((resolve) => setImmediate(resolve));
  return transport.sent.map((text) => JSON.parse(text) as unknown);
}

t.test('answers and errors', async (t) => {
  t.same(await answers({ id: 1, method: 'Test.echo', params: { a: 1 } }), [{ id: 1, result: { a: 1 } }]);
  t.same(await answers({ id: 2, method: 'Test.nothing' }), [{ id: 2, result: {} }]);
  t.same(await answers({ id: 3, method: 'Test.fail' }), [{ id: 3, error: { code: -32000, message: 'no' } }]);
  t.match(await answers({ id: 4, method: 'No.such' }), [{ id: 4, error: { code: -32601 } }]);
  t.match(await answers({ id: 5, method: 'Test.text', params: { text: 5 } }), [
    { id: 5, error: { code: -32602, message: 'Invalid parameters: text: string expected' } },
  ]);
  t.match(await answers('{'), [{ id: null, error: { code: -32700 } }]);
  t.match(await answers('[]', 'null', '1', '{"method":"Test.echo"}'), Array(4).fill({ error: { code: -32600 } }));
  t.match(await answers({ id: 6, method: 'Test.echo', params: [] }), [{ id: 6, error: { code: -32600 } }]);
  t.match(await answers({ id: 7, method: 'Test.echo', sessionId: 'none' }), [
    { id: 7, sessionId: 'none', error: { code: -32001 } },
  ]);
  t.match(await answers({ id: 8, method: '__proto__' }, { id: 9, method: 'constructor' }), [
    { id: 8, error: { code: -32601 } },
    { id: 9, error: { code: -32601 } },
  ]);
});

t.test('sessions', async (t) => {
  const transport = new NullTransport();
  const connection = new Connection(transport, methods);
  const ended: string[] = [];
  connection.root.onEnd(() => ended.push('root'));
  connection.openSession('T1', methods).onEnd(() => ended.push('T1'));
  connection.openSession('T2', methods).onEnd(() => ended.push('T2'));
  transport.inject('{"id":1,"sessionId":"T1","method":"Test.echo","params":{}}');
  await new Promise((resolve) => setImmediate(resolve));
  t.same(JSON.parse(transport.sent[0] as string), { id: 1, sessionId: 'T1', result: {} });
  connection.closeSession('T1');
  transport.dispose();
  t.same(ended, ['T1', 'T2', 'root']);
});

t.test('broken messages', async (t) => {
  const next = random(3);
  const seed = '{"id":1,"method":"Test.text","params":{"text":"a\\u00e9","n":[1,2.5,-3e9,null,true]},"sessionId":"x"}';
  const pieces = ['{', '}', '"', '\\', ':', ',', '[', ']', '1e999', 'null', '\u0000', '__proto__', '"id":{}', '-'];
  const transport = new NullTransport();
  new Connection(transport, methods);
  for (let i = 0; i < COUNT; i++) {
    let message = seed;
    for (let n = next(5); n >= 0; n--) {
      const at = next(message.length + 1);
      const piece = pieces[next(pieces.length)] as string;
      message =
        next(2) === 0
          ? message.slice(0, at) + piece + message.slice(at)
          : message.slice(0, at) + message.slice(at + 1 + next(8));
    }
    transport.inject(message);
  }
  await new Promise((resolve) => setImmediate(resolve));
  t.equal(transport.sent.length, COUNT, 'each has one answer');
  t.equal(({} as Record<string, unknown>)['text'], undefined);
  transport.inject('{"id":99,"method":"Test.echo"}');
  await new Promise((resolve) => setImmediate(resolve));
  t.same(JSON.parse(transport.sent.at(-1) as string), { id: 99, result: {} });
});
