// SPDX-License-Identifier: MIT
// Shows profiles in speedscope until the user has seen enough.

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
  /** Ends serving. Without it, openProfile serves until SIGINT or SIGTERM. */
  signal?: AbortSignal;
}

async function startBrowser(url: string, options: OpenOptions): Promise<void> {
  try {
    const child = await open(url);
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
  try {
    const until = ended(options.signal);
    options.onReady?.(server);
    if (options.browser ?? true) await startBrowser(server.url, options);
    await until;
  } finally {
    await server.close();
  }
}
