// SPDX-License-Identifier: MIT
// Shows profiles in speedscope until the user has seen enough.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import open from 'open';
import { type ProfileServer, type ServedProfile, serveProfiles } from './server.js';

export interface OpenOptions {
  /** Start the desktop's browser. Default true. */
  browser?: boolean;
  /** Default: any free port. */
  port?: number;
  /** Told the URL as soon as it is served. */
  onReady?(server: ProfileServer): void;
  /** Told why the browser could not be started; the server goes on. */
  onBrowserError?(error: unknown): void;
  /** How a browser is started; default: as the desktop does. */
  start?(target: string): Promise<{ once(event: 'error', listener: (error: Error) => void): unknown }>;
  /** Ends serving. Without it, openProfile serves until SIGINT or SIGTERM. */
  signal?: AbortSignal;
}

/** A page for the owner's eyes that leads to the address: a command line can be read by all users, and the address is a secret. */
class Doorway {
  readonly #folder = mkdtempSync(join(tmpdir(), 'dde-profile-'));
  readonly page = join(this.#folder, 'open.html');

  constructor(url: string) {
    const target = url.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
    const text = `<!doctype html><meta http-equiv="refresh" content="0; url=${target}"><a href="${target}">open</a>\n`;
    writeFileSync(this.page, text, { mode: 0o600 });
    process.once('exit', this.close);
  }

  readonly close = (): void => {
    process.off('exit', this.close);
    rmSync(this.#folder, { recursive: true, force: true });
  };
}

async function startBrowser(page: string, options: OpenOptions): Promise<void> {
  try {
    const child = await (options.start ?? open)(page);
    child.once('error', (e) => options.onBrowserError?.(e));
  } catch (e) {
    options.onBrowserError?.(e);
  }
}

function ended(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal !== undefined) {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve(), { once: true });
      return;
    }
    const stop = (): void => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
      resolve();
    };
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
  });
}

/** Serves the profiles, opens the browser, and returns when it is told to end. */
export async function openProfile(profiles: readonly ServedProfile[], options: OpenOptions = {}): Promise<void> {
  const server = await serveProfiles(profiles, options.port);
  let doorway: Doorway | undefined;
  try {
    const until = ended(options.signal);
    options.onReady?.(server);
    if (options.browser ?? true) {
      doorway = new Doorway(server.url);
      await startBrowser(doorway.page, options);
    }
    await until;
  } finally {
    doorway?.close();
    await server.close();
  }
}
