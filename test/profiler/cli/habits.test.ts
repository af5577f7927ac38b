// SPDX-License-Identifier: MIT
// Habits that all verbs share: examples that parse, groups, lists, completion, one grammar for names and durations. In this process: no
// tool is started for each.
import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, CommanderError } from 'commander';
import { execa } from 'execa';
import t from 'tap';
import { script, SHELLS } from '../../../profiler/cli/completion/scripts.js';
import { tableOf } from '../../../profiler/cli/completion/table.js';
import { readModuleFile } from '../../../profiler/cli/module-file.js';
import { newestTrace } from '../../../profiler/cli/options/file.js';
import { filterOf, noMatch, unmatched } from '../../../profiler/cli/options/filter.js';
import { anyOf, globs, seconds, time, wholeSeconds } from '../../../profiler/cli/options/values.js';
import { createProgram, VERBS } from '../../../profiler/cli/program.js';
import { csv, rowsOf } from '../../../profiler/cli/views/csv.js';
import { parseTriggers } from '../../../profiler/record/trigger-choice.js';

const context = { signal: new AbortController().signal, exit: () => undefined };

/** The program with verbs that do nothing but read their options. */
async function reader(): Promise<Command> {
  const program = await createProgram(context);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
    if (command !== program) command.action(() => undefined);
  }
  return program;
}

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (more) => {
      text += more;
    },
    getOutHelpWidth: () => 200,
  });
  command.outputHelp();
  return text;
}

function words(command: string): string[] {
  return [...command.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? (match[2] as string));
}

t.test('every verb has a group and examples, which parse', async (t) => {
  const program = await createProgram(context);
  const help = helpOf(program);
  for (const { group } of Object.values(VERBS)) t.match(help, `\n${group}\n`);
  for (const variable of ['DDE_PROFILE_CACHE', 'DDE_PROFILE_KERNEL_SOURCE', 'NO_COLOR']) t.match(help, variable);
  for (const command of program.commands) {
    const examples = helpOf(command)
      .split('Examples:\n')[1]
      ?.split('\n')
      .map((line) => /^ {2}(?:.*[\s(])?dde-profile (.*)$/.exec(line)?.[1])
      // What follows after many spaces explains the command; what follows a pipe is another one.
      .flatMap((line) => (line === undefined ? [] : [line.split(/ {3,}| [|>] |\)"/)[0] as string]));
    t.ok((examples?.length ?? 0) >= 1, `${command.name()} has examples`);
    for (const example of examples ?? []) {
      await (await reader())
        .parseAsync(words(example), { from: 'user' })
        .then(() => t.pass(example))
        .catch((error: CommanderError) => t.equal(error.exitCode, 0, `${example}: ${error.message}`));
    }
  }
});

t.test('options that would be ignored together are refused', async (t) => {
  for (const line of [
    'run x --verbose --loglevel 3',
    'record x --open --json',
    'report --html x.html --by api',
    'report --html x.html --json',
    'report --findings --by api',
    'report --findings --subtract-overhead',
    'report --csv --json',
    'list --devices --tracepoints e1000e',
    'ps --csv --json',
  ])
    await t.rejects(
      (await reader()).parseAsync(words(line), { from: 'user' }),
      { code: 'commander.conflictingOption' },
      line,
    );
});

t.test('wrong values, told in plain words', async (t) => {
  for (const [line, text] of [
    ['report --top 0', /must be a positive integer/],
    ['report --min-duration 10', /the unit is missing: 10s, 10ms or 10us/],
    ['report --from soon', /expected a duration, such as 200ms/],
    ['open --port 70000', /port must be 1 to 65535/],
    ['record x --buffer 5000', /must be 1 to 1024 MiB/],
    ['record x --watchdog 1.5s', /expected whole seconds/],
    ['attach --duration 0.1', /the unit is missing: 0.1s/],
    ['attach --duration 5', /the unit is missing: 5s, 5ms or 5us/],
    ['record x --watchdog 30', /the unit is missing: 30s/],
    ['top --interval 1', /the unit is missing/],
    ['run x --loglevel 9', /must be 0 to 8/],
    ['run x --color maybe', /auto, always, never/],
  ] as const)
    await t.rejects((await reader()).parseAsync(words(line), { from: 'user' }), { message: text }, line);
});

t.test('names: whole, or a pattern', async (t) => {
  t.strictSame(globs('a,b', globs('c', undefined)), ['c', 'a', 'b']);
  t.throws(() => globs(',', undefined), /expected a name/);
  const match = anyOf(['dma_*', 'kfree', 'x?']);
  for (const name of ['dma_map', 'kfree', 'xy']) t.ok(match(name), name);
  for (const name of ['my_dma_map', 'kfree_skb', 'x', 'xyz']) t.notOk(match(name), name);
  t.match(
    noMatch(['alloc'], ['kmem_alloc', 'free'], 'rows'),
    /no matching rows; did you mean kmem_alloc \(or '\*alloc\*'\)/,
  );
});

t.test('filters that fit nothing', async (t) => {
  const trace = { duration: 2e9, threads: [{ name: 'ksoftirqd/0', tid: 12 }] };
  t.match(unmatched({ duration: 4456539450.93, threads: [] }, { from: 5e9 }), { message: /recording \(4\.456539s\)/ });
  t.throws(() => filterOf({ from: 2e9, to: 1e9 }), { message: /--from 2s --to 1s ends before it begins/ });
  t.throws(() => filterOf({ from: 1e9, to: 1e9 }), { message: /is empty/ });
  t.match(unmatched(trace, { from: 3e9 }), { message: /--from 3s is after the end of the recording \(2s\)/ });
  t.match(unmatched(trace, { thread: ['ksoftirqd'] }), {
    message: /no such thread/,
    advice: /Did you mean ksoftirqd\/0/,
  });
  t.match(unmatched(trace, { thread: ['nosuch'] }), { advice: /Threads: ksoftirqd\/0/ });
  for (const thread of [['ksoft*'], ['12']]) t.equal(unmatched(trace, { thread }), undefined);
});

t.test('durations', async (t) => {
  t.equal(time('1.5s'), 1.5e9);
  t.equal(seconds('500ms'), 0.5);
  t.equal(seconds('5s'), 5);
  t.equal(wholeSeconds('2min'), 120);
  for (const bad of [
    () => time('5'),
    () => seconds('5'),
    () => seconds('0'),
    () => wholeSeconds('30'),
    () => wholeSeconds('500ms'),
  ])
    t.throws(bad);
});

t.test('--on: one word; the form of before gives a clear error', async (t) => {
  t.strictSame(parseTriggers(['e1000_*=stack', 'a=b=stop']), [
    { glob: 'e1000_*', action: 'stack' },
    { glob: 'a=b', action: 'stop' },
  ]);
  for (const [word, text] of [
    [
      'e1000_open',
      /--on e1000_open: missing action \(snapshot, stop or stack\); write it as one word: --on 'e1000_open=stack'/,
    ],
    ['e1000_open stop', /--on 'e1000_open=stop'/],
    ['e1000_open:stop', /--on 'e1000_open=stop'/],
    ['e1000_open=explode', /"explode" is not an action: expected snapshot, stop or stack/],
    ['=stop', /missing function/],
  ] as const)
    t.throws(() => parseTriggers([word]), { code: 'ERR_DDE_OPTION', message: text }, word);
  await t.rejects((await reader()).parseAsync(words("record x --on 'f' stop -- ping"), { from: 'user' }), {
    message: /write it as one word/,
  });
});

t.test('the newest recording of a folder', async (t) => {
  const dir = t.testdir({ 'a.ddet': '', 'b.ddet': '', 'c.ddet.old': '', 'd.txt': '' });
  utimesSync(join(dir, 'a.ddet'), 2000, 2000);
  utimesSync(join(dir, 'b.ddet'), 1000, 1000);
  t.equal(newestTrace(dir), 'a.ddet');
  t.equal(newestTrace(t.testdir({})), undefined);
});

t.test('completion: made of the option tables, and read by the shells', async (t) => {
  const table = tableOf(await createProgram(context));
  t.strictSame(
    table.map(({ name }) => name),
    Object.keys(VERBS),
  );
  const dir = t.testdir({});
  for (const shell of SHELLS) {
    const text = script(shell, table);
    for (const { name, options } of table) {
      t.match(text, name);
      for (const option of options)
        t.ok(
          option.names.every((one) => text.includes(shell === 'fish' ? one.replace(/^-+/, '') : one)),
          `${shell}: ${name} ${option.names[0]}`,
        );
    }
    const file = join(dir, shell);
    writeFileSync(file, text);
    const found = await execa(shell, ['-n', file], { reject: false });
    if (found.code !== 'ENOENT') t.equal(found.exitCode, 0, `${shell} -n: ${found.stderr}`);
  }
  const ask = async (line: string): Promise<string> => {
    const last = line.split(' ').length - 1;
    const set = `COMP_WORDS=(${line
      .split(' ')
      .map((word) => `"${word}"`)
      .join(' ')}); COMP_CWORD=${last}`;
    return (await execa('bash', ['-c', `source ${join(dir, 'bash')}; ${set}; _dde_profile; echo "\${COMPREPLY[*]}"`]))
      .stdout;
  };
  t.equal(await ask('dde-profile rec'), 'record');
  t.match(await ask('dde-profile report --fin'), /^--findings --findings-format$/);
  t.equal(await ask('dde-profile run --irq ms'), 'msix msi');
});

t.test('CSV', async (t) => {
  t.equal(csv([]), '');
  t.equal(
    csv([
      { name: 'a,"b"', n: 1, wait: { p50: 2 } },
      { name: 'c', extra: ['x', 'y'] },
    ]),
    'name,n,wait.p50,extra\r\n"a,""b""",1,2,\r\nc,,,x y\r\n',
  );
  t.strictSame(rowsOf({ total: 1, sites: [{ name: 'x' }] }), [{ name: 'x' }]);
  t.strictSame(rowsOf({ total: 1 }), [{ total: 1 }]);
});

t.test('.dde-profile.json', async (t) => {
  const dir = t.testdir({ none: {}, good: {}, bad: {} });
  const write = (name: string, text: string): string => {
    mkdirSync(join(dir, name), { recursive: true });
    writeFileSync(join(dir, name, '.dde-profile.json'), text);
    return join(dir, name);
  };
  t.equal(readModuleFile(join(dir, 'none')), undefined);
  const good = '{"device": "edu,dma_mask=0xffffffff", "workload": ["idle --duration 1s"], "config": ["CONFIG_UIO"]}';
  t.strictSame(readModuleFile(write('good', good)), {
    device: ['edu,dma_mask=0xffffffff'],
    workload: ['idle --duration 1s'],
    config: ['CONFIG_UIO'],
  });
  t.strictSame(readModuleFile(write('good', '{"program": "./test --fast  x"}')), {
    program: ['./test', '--fast', 'x'],
  });
  t.strictSame(readModuleFile(write('good', '{"program": ["./test", "a b"]}')), { program: ['./test', 'a b'] });
  for (const [text, message] of [
    ['{\n  "device": "edu",\n  "workload": 5\n}', /\.dde-profile\.json:3: workload: /],
    ['{\n  "device": "edu",\n  "devise": "edu"\n}', /:3: unknown key "devise"; known: device, workload/],
    ['{\n  "config": ["FOO"]\n}', /:2: config\.0: expected CONFIG_NAME/],
    ['{\n  "device": "edu"\n  "x": 1\n}', /:3: /],
    ['[]', /:1: /],
  ] as const)
    t.throws(() => readModuleFile(write('bad', text)), { exitCode: 2, message }, JSON.stringify(text));
});
