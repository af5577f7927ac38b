// SPDX-License-Identifier: MIT
// Issue 11: the session of 28-inspector in short, with another driver, and a module of the user's own.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import CDP from 'chrome-remote-interface';
import t from 'tap';
import { projectRoot } from '../../profiler/setup/root.js';
import { main } from '../fixtures/cli.js';

t.setTimeout(600_000);

const faulty = join(projectRoot, 'test/fixtures/drivers/faulty');

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  /** End of the file's path, and text of the line that is hit. */
  readonly file: string;
  readonly line: string;
  readonly functionName: RegExp;
  /** A local or parameter that can be expanded, and one of its fields. */
  readonly local: string;
  readonly field: string;
}

const CASES: readonly Case[] = [
  {
    name: 'nvme',
    args: ['nvme', '--', 'block'],
    file: '/nvme/host/pci.c',
    line: 'nvme_update_cq_head(nvmeq);',
    // The call of an inlined function: its frame is the innermost.
    functionName: /^nvme_(update_cq_head|poll_cq|irq)$/,
    local: 'nvmeq',
    field: 'dev',
  },
  {
    name: 'a module of the user',
    args: [faulty, '--device', 'edu,dma_mask=0xffffffff', '--', 'idle', '--duration', '1'],
    file: '/faulty/faulty.c',
    line: 'writel(1, f->regs + 0x60);',
    functionName: /^faulty_probe$/,
    local: 'f',
    field: 'pdev',
  },
];

for (const { name, args, file, line, functionName, local, field } of CASES) {
  t.test(name, async (t) => {
    const child = spawn(process.execPath, [main, 'inspect', '--port', '0', '--json', '--break-on', 'probe', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    t.teardown(() => child.kill('SIGINT'));
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk) => (stdout += chunk));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const listening = new Promise<number>((resolve) =>
      child.stderr.on('data', (chunk) => {
        stderr += chunk;
        const port = /127\.0\.0\.1:(\d+)\/[0-9a-f-]{36}\n/.exec(stderr)?.[1];
        if (port !== undefined) resolve(Number(port));
      }),
    );
    const port = await Promise.race([listening, ended.then(() => undefined)]);
    if (port === undefined) throw new Error(stderr);
    const client = await CDP({ host: '127.0.0.1', port });
    t.teardown(() => client.close().catch(() => undefined));
    const { Debugger, Runtime } = client;
    const urls: string[] = [];
    Debugger.scriptParsed(({ url }) => urls.push(url));
    const first = Debugger.paused();
    await Debugger.enable({});
    // Stopped at its probe function: a line of it is met once.
    await first;
    const url = urls.find((one) => one.endsWith(file));
    if (url === undefined) throw new Error(`no ${file} of ${urls.length} files`);
    const text = readFileSync(new URL(url), 'utf8').split('\n');
    const lineNumber = text.findIndex((one) => one.includes(line));
    const paused = Debugger.paused();
    const { breakpointId } = await Debugger.setBreakpointByUrl({ url, lineNumber });
    await Debugger.resume({});
    const event = await Promise.race([paused, ended.then(() => undefined)]);
    if (event === undefined) throw new Error(`it does not pause: ${stderr}`);
    t.same(event.hitBreakpoints, [breakpointId]);
    const [frame] = event.callFrames;
    t.match(frame?.functionName, functionName);
    t.match(event.callFrames.at(-1)?.functionName, /^(clone3?|start_thread)$/, 'down to the start of the thread');

    const properties = async (objectId = '') =>
      new Map((await Runtime.getProperties({ objectId })).result.map((one) => [one.name, one.value]));
    const locals = await properties(frame?.scopeChain[0]?.object.objectId);
    const fields = await properties(locals.get(local)?.objectId);
    t.match(fields.get(field), { objectId: /./ }, `${local}->${field} can be expanded`);
    await Debugger.removeBreakpoint({ breakpointId });
    for (let i = 0; i < 3; i++) {
      const stepped = Debugger.paused();
      await Debugger.stepOver({});
      const step = await Promise.race([stepped, ended.then((code) => ({ reason: `it ended: ${code}, ${stderr}` }))]);
      t.equal(step.reason, 'step');
    }
    await Debugger.resume({});
    await client.close();
    t.equal(await ended, 0, stderr);
    const { results } = JSON.parse(stdout) as { results: { ok: boolean }[] };
    t.ok(results.length > 0 && results.every(({ ok }) => ok), 'the workload goes on to its end', { stdout });
  });
}
