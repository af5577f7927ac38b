// SPDX-License-Identifier: MIT
import type { Command } from 'commander';
import pc from 'picocolors';
import { type Check, doctor, installCommand } from '../../setup/index.js';
import { endingChildren } from '../abort.js';
import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { jsonOption } from '../options/shared.js';
import { printJson } from '../output.js';
import { builder } from '../lazy.js';
import { outputStyle } from '../terminal.js';

/** One command for all packages; the other advice follows. */
function fixes(checks: readonly Check[]): string[] {
  const prefix = installCommand([]);
  const all = checks.filter((check) => check.state === 'missing').flatMap((check) => check.fix ?? []);
  const names = all.filter((fix) => fix.startsWith(prefix)).map((fix) => fix.slice(prefix.length));
  const others = all.filter((fix) => !fix.startsWith(prefix));
  return [...(names.length > 0 ? [installCommand([...new Set(names)])] : []), ...new Set(others)];
}

export function registerDoctor(program: Command, context: Context): void {
  const command = program
    .command('doctor')
    .description('say what is missing on this machine, and the command that installs it')
    .option('--qemu <path>', 'the QEMU to look at');
  jsonOption(command)
    .addHelpText('after', '\nExamples:\n  dde-profile doctor\n  dde-profile doctor --json')
    .action(async (options: { json?: boolean; qemu?: string }) => {
      const { cacheRoot } = await builder();
      const checks = await endingChildren(() => doctor(cacheRoot(), options.qemu));
      const fix = fixes(checks);
      const colors = pc.createColors(outputStyle().color);
      const marks = {
        ok: colors.green('ok     '),
        missing: colors.red('MISSING'),
        absent: colors.yellow('absent '),
      };
      if (options.json === true) printJson('doctor', { checks, fix });
      else {
        for (const { state, name, detail } of checks)
          process.stdout.write(`${marks[state]} ${name.padEnd(20)} ${detail}\n`);
        process.stdout.write(
          fix.length === 0 ? 'Nothing is missing.\n' : `\nTo fix this, run:\n  ${fix.join('\n  ')}\n`,
        );
      }
      context.exit(fix.length === 0 ? EXIT.ok : EXIT.missing);
    });
}
