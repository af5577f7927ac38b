// SPDX-License-Identifier: MIT
// The peer against a server that plays the driver, over real loopback sockets.
import { type Socket, createServer } from 'node:net';
import t from 'tap';
import xxhash from 'xxhash-wasm';
import { freeTcpPort } from '../../../../profiler/run/peer/free-port.js';
import { TcpPeer, type TcpReport } from '../../../../profiler/run/peer/tcp-peer.js';
import { FrameReceiver, FrameSource, decodeSum, encodeSum } from '../../../../profiler/run/peer/tcp-stream.js';

const api = await xxhash();

function hello(letter: string): Buffer {
  return Buffer.concat([Buffer.from(`DDETCP1\n${letter}`), Buffer.alloc(7)]);
}

async function once(peerPort: number, serve: (socket: Socket) => void, served?: Promise<void>): Promise<TcpReport> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  let peer: TcpPeer | undefined;
  const report = await new Promise<TcpReport>((resolve) => {
    peer = TcpPeer.start({ port: peerPort, retryMs: 20, onReport: resolve });
    // The peer meets a closed port first, as when the driver has not yet booted.
    setTimeout(() => server.listen(peerPort, '127.0.0.1'), 80);
  });
  await served;
  peer?.close();
  server.close();
  return report;
}

t.test('the driver sends', async (t) => {
  let answered = (): void => undefined;
  const answer = new Promise<void>((resolve) => {
    answered = resolve;
  });
  const serve = (socket: Socket): void => {
    const source = new FrameSource(api.create64(0n), 7);
    socket.write(hello('O'));
    for (let i = 0; i < 40; i++) socket.write(Buffer.from(source.next()));
    const odd = Buffer.from([3, 0, 0, 0]);
    socket.write(odd);
    socket.write('abc');
    const all = api.create64(0n);
    const again = new FrameSource(api.create64(0n), 7);
    for (let i = 0; i < 40; i++) all.update(Buffer.from(again.next().subarray(4)));
    all.update('abc');
    const sum = { bytes: BigInt(40 * 256 * 1024 + 3), hash: all.digest() };
    socket.write(Buffer.alloc(4));
    socket.write(encodeSum(sum));
    socket.once('data', (answer) => {
      t.strictSame(decodeSum(answer as Buffer), sum, 'the peer answers what it got');
      socket.end();
      answered();
    });
  };
  const report = await once(await freeTcpPort(), serve, answer);
  t.match(report, { direction: 'out', equal: true, receivedBytes: 40 * 256 * 1024 + 3 });
});

t.test('the peer sends until told to stop', async (t) => {
  const report = await once(await freeTcpPort(), (socket) => {
    const receiver = new FrameReceiver(api.create64(0n));
    let stopped = false;
    socket.write(hello('I'));
    socket.on('data', (chunk) => {
      receiver.push(chunk as Buffer);
      if (!stopped && receiver.bytes > 20_000_000) {
        stopped = true;
        socket.write('S');
      }
      if (receiver.claimed !== undefined) {
        t.strictSame(receiver.claimed, receiver.sum(), 'what came is what the peer says it sent');
        socket.end(encodeSum(receiver.sum()));
      }
    });
  });
  t.match(report, { direction: 'in', equal: true });
  t.ok(report.sentBytes > 20_000_000);
});

t.test('a wrong hash is seen', async (t) => {
  const report = await once(await freeTcpPort(), (socket) => {
    socket.write(hello('O'));
    socket.write(Buffer.from([1, 0, 0, 0, 65, 0, 0, 0, 0]));
    socket.write(encodeSum({ bytes: 1n, hash: 5n }));
  });
  t.match(report, { direction: 'out', equal: false });
});
