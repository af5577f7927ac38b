// SPDX-License-Identifier: MIT
// Every command of the README's "Use" part works as it stands there.
import { spawn } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { cli, root, toolCommand } from '../fixtures/cli.js';

t.setTimeout(1200_000);

/** The words of a shell command; single quotes keep words together. */
function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));
}

const use = readFileSync(join(root, 'README.md'), 'utf8').split('## Use')[1]?.split('\n## ')[0] ?? '';
const commands = use
  .split('\n')
  .filter((line) => line.startsWith('    npx dde-profile '))
  // What follows after many spaces explains the command.
  .map((line) => line.trim().split(/ {3,}/)[0] as string)
  .map((line) => words(line).slice(2));

t.test('README', async (t) => {
  t.ok(commands.length >= 10, `${commands.length} commands`);
  const cwd = t.testdir({ 'my-module': {} });
  cpSync(join(root, 'test/fixtures/drivers/faulty'), join(cwd, 'my-module'), { recursive: true });
  // A script of ours, as it stands in the checkout.
  cpSync(join(root, 'samples/query'), join(cwd, 'samples/query'), { recursive: true });
  for (const command of commands) {
    const text = command.join(' ');
    const [verb] = command;
    // Those that need a driver that runs already: 13-attach, 27-gdb-attach, 28-inspector and 29-gdb-commands run them.
    if (command.includes('PID')) continue;
    if (verb === 'open' || verb === 'inspect') {
      const [tool, ...args] = toolCommand;
      const quiet = verb === 'open' ? ['--no-browser'] : [];
      const child = spawn(tool, [...args, ...command, ...quiet], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
      const seen = await new Promise<string>((resolve) => {
        let out = '';
        for (const stream of [child.stdout, child.stderr]) {
          stream.on('data', (chunk: Buffer) => {
            out += String(chunk);
            if (out.includes('http://127.0.0.1')) resolve(out);
          });
        }
        child.once('exit', () => resolve(out));
      });
      t.match(seen, /http:\/\/127\.0\.0\.1/, text);
      child.kill('SIGINT');
      continue;
    }
    const batch = verb === 'gdb' ? ['--batch'] : [];
    const at = command.indexOf('--');
    // A workload without an end gets one.
    const full = at < 0 ? [...command, ...batch] : [...command.slice(0, at), ...batch, ...command.slice(at)];
    if (full.at(-1) === 'idle') full.push('--duration', '1');
    const end = await cli(full, { cwd });
    if (!t.equal(end.code, 0, text)) t.comment(`${end.stdout.slice(-500)}\n${end.stderr.slice(-1500)}`);
  }
});
