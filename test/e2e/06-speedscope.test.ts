// SPDX-License-Identifier: MIT
// Point 7: the flame graph of a real recording, opened by `dde-profile open` in the real speedscope in a real browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import t from 'tap';
import { toolCommand } from '../fixtures/cli.js';
import { ends, run } from '../fixtures/e2e.js';
import { CHROMIUM, colours, SpeedscopePage } from '../profiler/fixtures/chromium.js';

t.test('e1000e_poll is in the flame graph', { skip: CHROMIUM === undefined ? 'no chromium' : false }, async (t) => {
  const dir = t.testdir({ browser: {} });
  const file = join(dir, 'tcp.ddet');
  ends(t, await run(['record', 'e1000e', '-o', file, '--', 'ping', '--count', '20', '+', 'tcp', '--bytes', '64M']));
  const [command, ...args] = toolCommand;
  const server = spawn(command, [...args, 'open', file, '--no-browser'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  t.teardown(async () => {
    server.kill('SIGINT');
    await ended;
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += String(chunk);
        const found = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(text);
        if (found !== null) resolve(found[0]);
      });
    }
    server.once('exit', (code) => reject(new Error(`open ended with ${code}: ${text}`)));
  });
  const page = await SpeedscopePage.start(join(dir, 'browser'));
  t.teardown(() => page.close());
  t.ok(await page.show(url), 'speedscope takes the file');
  await page.view('left heavy');
  t.ok(await page.draws('e1000e_poll'), 'e1000e_poll is drawn');
  t.ok(await page.draws('softirq NET_RX'), 'and the softirq around it');
  t.ok(colours(await page.screenshot()) > 50, 'the picture is not blank');
});
