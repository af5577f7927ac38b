// SPDX-License-Identifier: MIT
// One grammar for durations, in options and in workloads; nonsense is refused instead of read as "without end".
import t from 'tap';
import { parseDuration } from '../../../profiler/run/duration.js';
import { WORKLOADS, workloadText } from '../../../profiler/run/workloads.js';
import { workloadOf } from '../../../profiler/run/process-facts.js';

t.test('durations', async (t) => {
  for (const [text, ns] of [
    ['1.5s', 1.5e9],
    ['200ms', 2e8],
    ['30us', 3e4],
    ['30µs', 3e4],
    ['7ns', 7],
    ['.5s', 5e8],
    ['2min', 120e9],
    ['1h', 3600e9],
    ['0', 0],
  ] as const)
    t.equal(parseDuration(text), ns, text);
  for (const text of ['', '5', '1.5', '-1s', '5x', 's', '1e3s', '5 s s', 'Infinity', 'ms5'])
    t.equal(parseDuration(text), undefined, JSON.stringify(text));
  t.equal(parseDuration('5', { seconds: true }), 5e9, 'what always was seconds');
  t.equal(parseDuration('0.1', { seconds: true }), undefined, 'a fraction needs its unit');
});

t.test('workloads', async (t) => {
  for (const [text, out] of [
    ['tcp --duration 5', 'tcp --duration 5'],
    ['tcp --duration 5s --bytes 64M', 'tcp --duration 5 --bytes 64M'],
    ['idle --duration 0.1s', 'idle --duration 100000000ns'],
    ['idle --duration 500ms', 'idle --duration 500000000ns'],
    ['idle --duration 0', 'idle --duration 0'],
    ['exec ./own --count x', 'exec ./own --count x'],
    ['no-such --duration x', 'no-such --duration x'],
  ] as const)
    t.equal(workloadText(text), out, text);
  for (const text of [
    'tcp --duration 0.1',
    'tcp --duration',
    'tcp --duration --bytes 5',
    'udp --duration five',
    'idle --duration -1s',
    'ping --count 1.5',
    'tcp --bytes 5X',
  ])
    t.throws(() => workloadText(text), { code: 'ERR_DDE_OPTION', message: /expected a/ }, text);
  t.throws(() => workloadText('ping --cout 3'), { message: /ping: no option "--cout"; expected --count, --interval/ });
  t.throws(() => workloadText('ping 3'), { message: /no option "3"/ }, 'a value without its option');
  for (const { name, options } of WORKLOADS)
    for (const option of options)
      if (option.kind === 'duration')
        t.throws(() => workloadText(`${name} ${option.name} 0.1`), { code: 'ERR_DDE_OPTION' }, name);
});

t.test('shown as a person writes it', async (t) => {
  t.equal(workloadOf(['--workload', 'tcp --duration 500000000ns;ping']), 'tcp --duration 500ms + ping');
});
