// SPDX-License-Identifier: MIT
// How long speedscope needs for a recording: its own app in Chromium, from the last byte of the file to the first name drawn.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import CDP from 'chrome-remote-interface';
import { serveProfiles } from '../open/index.js';
import { median, type Row, tool } from './measure.js';

const EVENTS = 300_000;
/** Of TCP in each direction: with all functions of the driver a kilobyte makes some 12 events. */
const BYTES = '13M';
const FLAGS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];

/** In the page: when the file was there, and when the first text was drawn after it. */
const WATCH = `window.__times = {};
for (const name of ['arrayBuffer', 'text', 'json']) {
  const read = Response.prototype[name];
  Response.prototype[name] = async function () {
    const body = await read.call(this);
    if (this.url.includes('.json')) window.__times.read = performance.now();
    return body;
  };
}
const draw = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (...args) {
  if (window.__times.read !== undefined) window.__times.drawn ??= performance.now();
  return draw.apply(this, args);
};`;

async function startBrowser(dir: string): Promise<{ child: ChildProcess; port: number }> {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((p) => existsSync(p));
  if (path === undefined) throw new Error('chromium: not found (apt-get install chromium)');
  const args = [
    ...FLAGS,
    '--disable-background-networking',
    '--remote-debugging-port=0',
    `--user-data-dir=${dir}`,
    'about:blank',
  ];
  const child = spawn(path, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (data: Buffer) => {
      text += String(data);
      const found = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(text);
      if (found !== null) resolve(Number(found[1]));
    });
    child.once('exit', (code) => reject(new Error(`chromium ended with ${code}: ${text}`)));
    child.once('error', reject);
  });
  return { child, port };
}

async function importTime(client: CDP.Client, url: string): Promise<number> {
  await client.Page.navigate({ url: 'about:blank' });
  await client.Page.navigate({ url });
  for (let i = 0; i < 300; i++) {
    const expression = 'JSON.stringify(window.__times ?? {})';
    const { result } = await client.Runtime.evaluate({ expression, returnByValue: true });
    const { read, drawn } = JSON.parse(String(result.value)) as { read?: number; drawn?: number };
    if (read !== undefined && drawn !== undefined) return (drawn - read) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('speedscope drew nothing in 15 s');
}

/** @param dir an empty folder */
export async function viewerBench(dir: string, rounds: number, progress: (text: string) => void): Promise<Row[]> {
  progress('record');
  const trace = join(dir, 'viewer.ddet');
  const file = join(dir, 'viewer.speedscope.json');
  tool(['record', 'e1000e', '-o', trace, '--functions', '*', '--no-findings', '--', 'tcp', '--bytes', BYTES]);
  const { overview } = JSON.parse(tool(['report', trace, '--by', 'threads', '--json'])) as {
    overview: { accounting: { recorded: number } };
  };
  tool(['export', trace, '-o', file]);
  const server = await serveProfiles([{ source: file, title: 'bench' }]);
  const { child, port } = await startBrowser(join(dir, 'browser'));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  try {
    const client = await CDP({ port });
    await client.Page.enable();
    await client.Page.addScriptToEvaluateOnNewDocument({ source: WATCH });
    const times: number[] = [];
    for (let i = 0; i < rounds; i++) {
      progress(`speedscope ${i + 1}/${rounds}`);
      times.push(await importTime(client, server.url));
    }
    await client.close();
    return [
      { name: 'recording for speedscope, events', value: overview.accounting.recorded, unit: '', atLeast: EVENTS },
      { name: 'speedscope, from the file to the picture', value: median(times), unit: 's', atMost: 0.5 },
    ];
  } finally {
    child.kill();
    await gone;
    await server.close();
  }
}
