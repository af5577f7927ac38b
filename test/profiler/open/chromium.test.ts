// SPDX-License-Identifier: MIT
// The real speedscope in a real browser: the profile that we export is what it draws.

import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import CDP from 'chrome-remote-interface';
import t from 'tap';
import { profileFromTrace } from '../../../profiler/aggregate/load.js';
import { findExporter, memorySink } from '../../../profiler/export/index.js';
import { serveProfiles } from '../../../profiler/open/index.js';
import { networkTrace } from '../fixtures/network-driver.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((p) => existsSync(p));

async function startChromium(profileDir: string): Promise<{ port: number; child: ChildProcess }> {
  const child = spawn(
    CHROMIUM ?? '',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--window-size=1400,900',
      '--remote-debugging-port=0',
      `--user-data-dir=${profileDir}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (d: Buffer) => {
      text += d.toString();
      const m = /DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(text);
      if (m !== null) resolve(Number(m[1]));
    });
    child.once('exit', (code) => reject(new Error(`chromium ended with ${code}: ${text}`)));
    child.once('error', reject);
  });
  return { port, child };
}

/** The distinct colours of a PNG (8 bits a channel, not interlaced): a blank page has one. */
function colours(png: Buffer): number {
  let at = 8;
  let width = 0;
  let channels = 4;
  const data: Buffer[] = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at);
    const type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') {
      width = png.readUInt32BE(at + 8);
      channels = png[at + 17] === 6 ? 4 : 3;
    }
    if (type === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * channels + 1;
  const seen = new Set<number>();
  const row = new Uint8Array(stride - 1);
  for (let y = 0; y * stride < raw.length; y++) {
    const filter = raw[y * stride] as number;
    const above = row.slice();
    for (let x = 0; x < stride - 1; x++) {
      const a = x >= channels ? (row[x - channels] as number) : 0;
      const b = above[x] as number;
      const c = x >= channels ? (above[x - channels] as number) : 0;
      const v = raw[y * stride + 1 + x] as number;
      row[x] = v + predict(filter, a, b, c);
    }
    for (let x = 0; x < row.length; x += channels) {
      seen.add(((row[x] as number) << 16) | ((row[x + 1] as number) << 8) | (row[x + 2] as number));
    }
  }
  return seen.size;
}

function predict(filter: number, a: number, b: number, c: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return a;
  if (filter === 2) return b;
  if (filter === 3) return (a + b) >> 1;
  const p = a + b - c;
  const [da, db, dc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)];
  if (da <= db && da <= dc) return a;
  return db <= dc ? b : c;
}

t.test(
  'speedscope draws the profile',
  { skip: CHROMIUM === undefined ? 'no chromium' : false, timeout: 90_000 },
  async (t) => {
    const profile = profileFromTrace(networkTrace({ packets: 60 }).trace());
    const sink = memorySink();
    findExporter('speedscope').write(profile, sink);
    const server = await serveProfiles([{ source: sink.files[0] ?? Buffer.alloc(0), title: 'e1000e ping' }]);
    t.teardown(() => server.close());
    const { port, child } = await startChromium(t.testdir());
    t.teardown(async () => {
      const gone = new Promise((r) => child.once('exit', r));
      child.kill();
      await gone;
    });
    const client = await CDP({ port });
    t.teardown(() => client.close());
    const { Page, Runtime, Input, Network } = client;
    const foreign: string[] = [];
    Network.requestWillBeSent(({ request }) => {
      if (!request.url.startsWith(`http://127.0.0.1:${server.port}/`) && !request.url.startsWith('data:')) {
        foreign.push(request.url);
      }
    });
    // Texts drawn on the canvas over the flame graph.
    await Page.enable();
    await Network.enable({});
    await Page.addScriptToEvaluateOnNewDocument({
      source: `window.__texts = new Set();
      const draw = CanvasRenderingContext2D.prototype.fillText;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
        window.__texts.add(String(text));
        return draw.call(this, text, ...rest);
      };`,
    });
    await Page.navigate({ url: server.url });
    const evaluate = async <T>(expression: string): Promise<T> =>
      (await Runtime.evaluate({ expression, returnByValue: true })).result.value as T;
    const until = async (expression: string): Promise<boolean> => {
      for (let i = 0; i < 300; i++) {
        if (await evaluate<boolean>(expression)) return true;
        await new Promise((r) => setTimeout(r, 100));
      }
      return false;
    };

    t.ok(await until(`document.body.innerText.includes('(1/4)')`), 'four profiles are loaded');
    t.match(await evaluate<string>('document.title'), /e1000e ping/);

    await Input.dispatchKeyEvent({ type: 'keyDown', key: '2', text: '2', unmodifiedText: '2' });
    t.ok(
      await until(`[...window.__texts].some((s) => s.startsWith('e1000e_poll'))`),
      'left heavy: e1000e_poll is in the flame graph',
    );
    t.ok(
      await evaluate<boolean>(`[...window.__texts].some((s) => s.startsWith('softirq NET_RX'))`),
      'the softirq, too',
    );
    const { data } = await Page.captureScreenshot({ format: 'png' });
    const png = Buffer.from(data, 'base64');
    const seen = colours(png);
    t.ok(seen > 50, `the picture is not blank: ${seen} colours`);
    const folder = process.env['DDE_SCREENSHOTS'];
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'speedscope.png'), png);
    }

    await Input.dispatchKeyEvent({ type: 'keyDown', key: '3', text: '3', unmodifiedText: '3' });
    t.ok(await until(`document.querySelectorAll('table tr').length > 5`), 'the sandwich view has a table');
    const rows = await evaluate<string[]>(`[...document.querySelectorAll('table tr')].map((r) => r.innerText)`);
    for (const name of ['e1000e_poll', 'dma_map_single_attrs', 'e1000_intr_msix_rx']) {
      t.ok(
        rows.some((r) => r.includes(name)),
        `${name} is in the table`,
      );
    }
    t.strictSame(foreign, [], 'nothing is asked of any other host');
  },
);
