// SPDX-License-Identifier: MIT
// The front end's files, from a pinned npm package: it works without a network and without Chromium's own copy.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { dirname, extname, join, normalize, sep } from 'node:path';
import type { Answer } from '../cdp/index.js';
import { ENTRY } from './entry.js';

export const FRONT_END = 'devtools/dde_app.html';
const PREFIX = '/devtools/';
const PAGE = 'dde_app.html';
const MODULE = 'entrypoints/dde_app/dde_app.js';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=UTF-8',
  '.js': 'text/javascript; charset=UTF-8',
  '.css': 'text/css; charset=UTF-8',
  '.json': 'application/json; charset=UTF-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.wasm': 'application/wasm',
};

/** Undefined: the package is not installed, so there is only Chromium's own front end. */
export function frontEndRoot(): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve('@react-native/debugger-frontend/package.json');
    return join(dirname(manifest), 'dist/third-party/front_end');
  } catch {
    return undefined;
  }
}

/** The package's page for JavaScript programs, with our entry module. */
function ownPage(page: string): string {
  return page
    .replace('entrypoints/js_app/js_app.js', MODULE)
    .replace(/<script[^>]*embedderScript\.js[^>]*><\/script>\n?/, '')
    .replace(' https://chrome-devtools-frontend.appspot.com', '');
}

/** A file of the package below /devtools/; undefined when there is none, also for a path that leaves the folder. */
export async function frontEndFile(root: string, path: string): Promise<Answer | undefined> {
  if (!path.startsWith(PREFIX)) return undefined;
  let name: string;
  try {
    name = decodeURIComponent(path.slice(PREFIX.length));
  } catch {
    return undefined;
  }
  if (name === MODULE) return { type: TYPES['.js'] as string, body: ENTRY };
  const type = TYPES[extname(name)];
  const file = normalize(join(root, name === PAGE ? 'js_app.html' : name));
  if (type === undefined || name.includes('\0') || !file.startsWith(root + sep)) return undefined;
  try {
    const body = await readFile(file);
    return { type, body: name === PAGE ? ownPage(String(body)) : body };
  } catch {
    return undefined;
  }
}
