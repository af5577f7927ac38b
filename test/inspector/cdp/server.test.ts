// SPDX-License-Identifier: MIT
// Who may reach the port, and what a client may send.
import { connect } from 'node:net';
import { request } from 'node:http';
import t, { type Test } from 'tap';
import { WebSocket } from 'ws';
import { hostAllowed, originAllowed, peerUser, userAllowed } from '../../../inspector/cdp/access.js';
import { type CdpServer, Connection, MAX_CLIENTS, MAX_MESSAGE, startCdpServer } from '../../../inspector/cdp/index.js';

const ID = '0a2b6e4c-6a83-4b4f-9a4d-4a3b7a9c1f10';

async function server(t: Test): Promise<CdpServer> {
  const started = await startCdpServer({
    port: 0,
    id: ID,
    browser: 'test/1',
    title: () => 'title',
    description: 'test',
    targetUrl: 'file:///x',
    protocol: () => ({ domains: [] }),
    onClient: (transport) => new Connection(transport, () => new Map([['Test.echo', (params) => params]])),
  });
  t.teardown(() => started.close());
  return started;
}

function get(
  port: number,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    req.on('error', reject);
    req.end();
  });
}

/** Undefined: it opened; otherwise the HTTP status of the refusal. */
function open(url: string, headers: Record<string, string> = {}): Promise<{ socket?: WebSocket; status?: number }> {
  return new Promise((resolve) => {
    const socket = new WebSocket(url, { headers });
    socket.once('open', () => resolve({ socket }));
    socket.once('unexpected-response', (_, response) => resolve({ status: response.statusCode ?? 0 }));
    socket.once('error', () => resolve({ status: 0 }));
  });
}

t.test('Host: a literal loopback address or localhost', async (t) => {
  for (const host of ['127.0.0.1', '127.0.0.1:9229', 'localhost', 'LOCALHOST:80', '[::1]:9229', '127.1.2.3'])
    t.equal(hostAllowed(host), true, host);
  for (const host of [
    undefined,
    '',
    'example.com',
    '127.0.0.1.nip.io',
    '127.0.0.1.example.com:9229',
    'localhost.example.com',
    'localhost6',
    'foo.localhost',
    'printer.local',
    // Octal, short, hexadecimal and decimal forms: other parsers take some of them for other hosts.
    '0177.0.0.01',
    '0177.0.0.1',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    '127.0.0.01',
    '10.0.0.1',
    '0.0.0.0',
    '[::ffff:127.0.0.1]',
    '127.0.0.1:99999',
    '127.0.0.1:9229:1',
    '127.0.0.1 ',
    '127.0.0.1@example.com',
  ])
    t.equal(hostAllowed(host), false, String(host));
});

t.test('Origin: none, Chromium, ourselves', async (t) => {
  for (const origin of [undefined, 'devtools://devtools', 'http://127.0.0.1:9229', 'http://localhost:9229'])
    t.equal(originAllowed(origin, 9229), true, String(origin));
  for (const origin of [
    'null',
    'http://127.0.0.1:9230',
    'https://127.0.0.1:9229',
    'http://example.com',
    'file://',
    'chrome-extension://abc',
    'devtools://devtools.example.com',
    'http://localhost',
  ])
    t.equal(originAllowed(origin, 9229), false, origin);
});

t.test('the user at the other end', async (t) => {
  const table = () =>
    [
      '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
      '   0: 0100007F:240D 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1',
      '   1: 0100007F:C350 0100007F:240D 01 00000000:00000000 00:00000000 00000000  1000        0 222 1',
    ].join('\n');
  const to = { address: '127.0.0.1', port: 9229 };
  t.equal(peerUser({ address: '127.0.0.1', port: 50000 }, to, table), 1000);
  t.equal(peerUser({ address: '127.0.0.1', port: 50001 }, to, table), undefined, 'no such connection');
  t.equal(peerUser({ address: '::1', port: 50000 }, to, table), undefined);
  t.equal(peerUser({ address: undefined, port: undefined }, to, table), undefined);
  t.equal(userAllowed(process.getuid?.()), true);
  t.equal(userAllowed(0), true);
  t.equal(userAllowed(undefined), false);
  t.equal(userAllowed(54321), false, 'another user');
});

t.test('discovery', async (t) => {
  const { port } = await server(t);
  for (const path of ['/json', '/json/list', '/json/']) {
    const { status, body } = await get(port, path);
    t.equal(status, 200, path);
    t.match(JSON.parse(body), [{ id: ID, type: 'node', webSocketDebuggerUrl: `ws://127.0.0.1:${port}/${ID}` }]);
  }
  t.match(JSON.parse((await get(port, '/json/version')).body), { Browser: 'test/1', 'Protocol-Version': '1.3' });
  t.equal((await get(port, '/json/protocol')).status, 200);
  t.equal((await get(port, '/../../etc/passwd')).status, 404);
});

t.test('what HTTP and WebSocket refuse', async (t) => {
  const { port, url } = await server(t);
  for (const host of ['example.com', '0177.0.0.01', '127.0.0.1.nip.io'])
    t.equal((await get(port, '/json', { host })).status, 400, `HTTP ${host}`);
  t.equal((await get(port, '/json', { origin: 'http://example.com' })).status, 403, 'foreign origin');
  t.equal((await open(url, { host: 'example.com' })).status, 400, 'foreign host');
  t.equal((await open(url, { host: '0177.0.0.01' })).status, 400, 'octal host');
  t.equal((await open(url, { origin: 'http://example.com' })).status, 403, 'foreign origin');
  t.equal((await open(`ws://127.0.0.1:${port}/`)).status, 403, 'no id');
  t.equal((await open(`ws://127.0.0.1:${port}/${ID.replace('0', '1')}`)).status, 403, 'wrong id');
  t.equal((await open(`ws://127.0.0.1:${port}/x/${ID}`)).status, 403, 'id at the wrong place');
  const { socket } = await open(url, { origin: 'devtools://devtools' });
  t.ok(socket, "Chromium's front end");
  socket?.terminate();
});

t.test('it listens on 127.0.0.1 only', async (t) => {
  const { port } = await server(t);
  const { networkInterfaces } = await import('node:os');
  const others = Object.values(networkInterfaces())
    .flat()
    .filter((one) => one !== undefined && !one.internal && one.family === 'IPv4')
    .map((one) => one?.address as string);
  for (const host of [...others, '127.0.0.2', '::1']) {
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ host, port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    t.equal(reached, false, host);
  }
});

t.test('messages: too large, binary, many', async (t) => {
  const { url } = await server(t);
  const { socket: large } = await open(url);
  const closed = new Promise<number>((resolve) => large?.once('close', resolve));
  large?.on('error', () => undefined);
  large?.send(`{"id":1,"method":"Test.echo","params":{"x":"${'x'.repeat(MAX_MESSAGE)}"}}`);
  t.equal(await closed, 1009, 'message too big');
  const { socket: binary } = await open(url);
  const refused = new Promise<number>((resolve) => binary?.once('close', resolve));
  binary?.send(Buffer.of(1, 2, 3));
  t.equal(await refused, 1003);
  const { socket } = await open(url);
  const answers: { id: number }[] = [];
  const done = new Promise<void>((resolve) =>
    socket?.on('message', (data) => {
      answers.push(JSON.parse(String(data)) as { id: number });
      if (answers.length === 1000) resolve();
    }),
  );
  for (let id = 1; id <= 1000; id++) socket?.send(JSON.stringify({ id, method: 'Test.echo', params: { id } }));
  await done;
  t.equal(new Set(answers.map(({ id }) => id)).size, 1000);
  socket?.terminate();
});

t.test('1,000 connections: some are refused, the server goes on', async (t) => {
  const { port, url } = await server(t);
  const sockets = Array.from({ length: 1000 }, () => connect({ host: '127.0.0.1', port }));
  for (const socket of sockets) socket.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 500));
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => setTimeout(resolve, 200));
  const clients = await Promise.all(Array.from({ length: MAX_CLIENTS + 4 }, () => open(url)));
  t.equal(clients.filter(({ socket }) => socket !== undefined).length, MAX_CLIENTS);
  t.ok(clients.some(({ status }) => status === 503));
  for (const { socket } of clients) socket?.terminate();
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.ok((await open(url)).socket, 'there is room again');
});
