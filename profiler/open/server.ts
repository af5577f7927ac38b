// SPDX-License-Identifier: MIT
// Serves the speedscope package's own app, and the profiles to show in it, on the loopback interface only.
// What keeps others out: a path nobody can guess, a check of the Host header (a page elsewhere that rebinds its name to
// 127.0.0.1 sends its own name), and GET or HEAD only.

import { randomBytes } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream';
import { basename, dirname, extname, join, normalize, sep } from 'node:path';

export interface ServedProfile {
  /** A file on disk (any profile that speedscope reads), or the bytes of a speedscope file. */
  readonly source: string | Uint8Array;
  readonly title: string;
}

export interface ProfileServer {
  /** Opens the app with the first profile loaded. */
  readonly url: string;
  /** One for each profile. */
  readonly urls: readonly string[];
  readonly port: number;
  close(): Promise<void>;
}

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.map': 'application/json',
};

export function speedscopeRoot(): string {
  return join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist', 'release');
}

/** An HTTP status, a file, or bytes. */
type Answer = number | string | Uint8Array;

function refuse(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Type': 'text/plain' });
  response.end();
}

function sendFile(path: string, head: boolean, response: ServerResponse): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true) {
    refuse(response, 404);
    return;
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(path)] ?? 'application/octet-stream',
    'Content-Length': stat.size,
  });
  if (head) response.end();
  // Closes the file also when the browser breaks off.
  else pipeline(createReadStream(path), response, () => undefined);
}

function send(answer: Answer, head: boolean, response: ServerResponse): void {
  if (typeof answer === 'number') refuse(response, answer);
  else if (typeof answer === 'string') sendFile(answer, head, response);
  else {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length });
    response.end(head ? undefined : answer);
  }
}

/** speedscope looks at a file's name before it looks inside. */
function nameOf(profile: ServedProfile): string {
  return typeof profile.source === 'string' ? basename(profile.source) : 'profile.speedscope.json';
}

/** The file below the app's folder, or 404 when the request tries to leave it. */
function below(root: string, path: string): Answer {
  const full = normalize(join(root, path === '' ? 'index.html' : path));
  return full.startsWith(root + sep) ? full : 404;
}

function route(root: string, prefix: string, profiles: readonly ServedProfile[], url: string): Answer {
  let path: string;
  try {
    path = decodeURIComponent(url.split('?')[0] ?? '');
  } catch {
    return 400;
  }
  if (!path.startsWith(prefix) || path.includes('\0')) return 404;
  const rest = path.slice(prefix.length);
  const index = /^profile\/(\d+)\//.exec(rest)?.[1];
  if (index !== undefined) return profiles[Number(index)]?.source ?? 404;
  return below(root, rest);
}

function handler(root: string, token: string, profiles: readonly ServedProfile[], hosts: () => readonly string[]) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'no-referrer');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    const head = request.method === 'HEAD';
    let answer: Answer;
    if (!head && request.method !== 'GET') answer = 405;
    else if (!hosts().includes(request.headers.host ?? '')) answer = 403;
    else answer = route(root, `/${token}/`, profiles, request.url ?? '');
    send(answer, head, response);
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

export async function serveProfiles(profiles: readonly ServedProfile[], port = 0): Promise<ProfileServer> {
  const token = randomBytes(16).toString('hex');
  let hosts: readonly string[] = [];
  const server = createServer(handler(speedscopeRoot(), token, profiles, () => hosts));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  hosts = [`127.0.0.1:${bound}`, `localhost:${bound}`];
  const base = `http://127.0.0.1:${bound}/${token}/`;
  const urls = profiles.map((p, i) => {
    const profileURL = encodeURIComponent(`${base}profile/${i}/${encodeURIComponent(nameOf(p))}`);
    const url = `${base}#profileURL=${profileURL}`;
    // speedscope gives the title to every profile in the file: ours would lose the names of their threads.
    return typeof p.source === 'string' ? `${url}&title=${encodeURIComponent(p.title)}` : url;
  });
  return { url: urls[0] ?? base, urls, port: bound, close: () => close(server) };
}
