// SPDX-License-Identifier: MIT
// The port: discovery over HTTP, one WebSocket a client. On 127.0.0.1 only.
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { hostAllowed, originAllowed, peerUser, userAllowed } from './access.js';
import { type Discovery, discover } from './discovery.js';
import type { Transport } from './transport.js';
import { WebSocketTransport } from './web-socket-transport.js';

export interface Answer {
  readonly type: string;
  readonly body: string | Buffer;
}

export interface CdpServerOptions extends Discovery {
  /** 0: any free one. */
  readonly port: number;
  /** The unguessable last part of the WebSocket's path. */
  readonly id: string;
  onClient(transport: Transport, path: string): void;
  /** Other GET paths: a front end, source maps. Undefined: 404. */
  readonly file?: (path: string) => Answer | undefined | Promise<Answer | undefined>;
  /** What was refused, for the log. */
  readonly onRefused?: (text: string) => void;
}

export interface CdpServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Bytes: a breakpoint's condition or an expression, not more. */
export const MAX_MESSAGE = 1024 * 1024;
export const MAX_CLIENTS = 16;
const MAX_CONNECTIONS = 128;
const HEADERS_MS = 5000;

const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

interface Refusal {
  readonly status: number;
  readonly text: string;
}

function refusal(request: IncomingMessage, port: number): Refusal | undefined {
  const { socket } = request;
  const user = peerUser(
    { address: socket.remoteAddress, port: socket.remotePort },
    { address: socket.localAddress, port: socket.localPort },
  );
  if (!userAllowed(user)) return { status: 403, text: 'The debugger is of another user.' };
  if (!hostAllowed(request.headers.host)) return { status: 400, text: 'Host must be localhost or a loopback address.' };
  if (!originAllowed(request.headers.origin, port)) return { status: 403, text: 'Origin is not allowed.' };
  return undefined;
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function reject(socket: Duplex, { status, text }: Refusal): void {
  const reason = status === 403 ? 'Forbidden' : status === 503 ? 'Service Unavailable' : 'Bad Request';
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${text}\n`);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  port: number,
  options: CdpServerOptions,
): Promise<void> {
  const send = (status: number, type: string, body: string | Buffer): void => {
    response.writeHead(status, { ...HEADERS, 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  const refused = refusal(request, port);
  if (refused !== undefined) {
    options.onRefused?.(`HTTP ${refused.status}: ${refused.text}`);
    send(refused.status, 'text/plain', `${refused.text}\n`);
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD' && request.method !== 'PUT') {
    send(405, 'text/plain', 'GET only.\n');
    return;
  }
  const path = (request.url ?? '/').split('?')[0] as string;
  const found = discover(path, port, options);
  if (found !== undefined) {
    send(200, 'application/json; charset=UTF-8', JSON.stringify(found, null, 2));
    return;
  }
  const file = await options.file?.(path);
  if (file === undefined) send(404, 'text/plain', 'Not found.\n');
  else send(200, file.type, file.body);
}

/** Rejects with the system's error, such as EADDRINUSE. */
export async function startCdpServer(options: CdpServerOptions): Promise<CdpServer> {
  let port = 0;
  const server = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS }, (request, response) => {
    serve(request, response, port, options).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' });
      response.end(`${error instanceof Error ? error.message : error}\n`);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE, perMessageDeflate: false });
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    socket.on('error', () => undefined);
    const path = (request.url ?? '').split('?')[0] as string;
    const [, id = '', ...rest] = path.split('/');
    let refused = refusal(request, port);
    if (refused === undefined && !same(id, options.id)) refused = { status: 403, text: 'Wrong id.' };
    if (refused === undefined && sockets.clients.size >= MAX_CLIENTS)
      refused = { status: 503, text: `${MAX_CLIENTS} clients are connected already.` };
    if (refused !== undefined) {
      options.onRefused?.(`WebSocket ${refused.status}: ${refused.text}`);
      reject(socket, refused);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      options.onClient(new WebSocketTransport(webSocket), rest.join('/')),
    );
  });
  // A broken request line.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) reject(socket, { status: 400, text: 'Bad request.' });
    else socket.destroy();
  });
  port = await listen(server, options.port);
  return {
    port,
    url: `ws://127.0.0.1:${port}/${options.id}`,
    async close() {
      for (const client of sockets.clients) client.terminate();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
