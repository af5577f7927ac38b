// SPDX-License-Identifier: MIT
// The errors of memcheck, helgrind and DRD (--xml=yes) as findings with C stacks.

import type { Evidence, Finding, Severity } from '../model/index.js';
import { childOf, type Element, readXml, textOf } from './xml.js';

const HINTS: readonly [RegExp, string, Severity][] = [
  [/^Invalid(Read|Write)|^SyscallParam|^ClientCheck/, 'memory outside of a block, or after it was freed', 'error'],
  [/^Uninit/, 'a value that nobody wrote is used: initialise it, or read it back from the device first', 'error'],
  [/^(InvalidFree|MismatchedFree|InvalidMemPool)/, 'freed twice, or never allocated', 'error'],
  [
    /^Leak_(DefinitelyLost|IndirectlyLost)/,
    'nothing points to this memory any more: free it on this way out',
    'warning',
  ],
  [/^Leak_/, 'still allocated at the end', 'note'],
  [
    /^(Race|ConflictingAccess|LockOrder|Misc|UnlockUnlocked|UnlockForeign|UnlockBogus|PthAPIerror|MutexErr|HoldtimeErr|RwlockErr|CondErr|SemaphoreErr)/,
    'two threads use the same data or lock in a way that depends on who comes first',
    'error',
  ],
];

interface Frame {
  readonly function: string;
  readonly source: string | undefined;
}

export interface ValgrindOptions {
  /** The driver's C files, relative to the kernel's source. */
  readonly driverFiles: readonly string[];
}

function framesOf(stack: Element | undefined): Frame[] {
  return (stack?.children ?? [])
    .filter((one) => one.name === 'frame')
    .map((frame) => {
      const [file, line] = [textOf(frame, 'file'), textOf(frame, 'line')];
      const dir = textOf(frame, 'dir');
      const path = dir === '' ? file : `${dir}/${file}`;
      return {
        function: textOf(frame, 'fn') || textOf(frame, 'ip'),
        source: file === '' ? undefined : `${path}:${line}`,
      };
    });
}

/** The innermost frame in the driver, else the innermost with a source line. */
function placeOf(frames: readonly Frame[], driverFiles: readonly string[]): string | undefined {
  for (const { source } of frames) {
    const [path, line] = [source?.replace(/:\d+$/, ''), /:(\d+)$/.exec(source ?? '')?.[1]];
    const own = driverFiles.find((file) => path === file || path?.endsWith(`/${file}`));
    if (own !== undefined) return `${own}:${line}`;
  }
  return frames.find((frame) => frame.source !== undefined)?.source;
}

function evidenceOf(error: Element, driverFiles: readonly string[]): Evidence[] {
  const thread = textOf(error, 'tid');
  const stacks = error.children.filter((one) => one.name === 'stack').map(framesOf);
  // The first stack is of the error; those that follow belong to the texts that stand before them.
  const texts = [textOf(error, 'what') || textOf(error, 'xwhat', 'text'), ...auxiliaries(error)];
  return stacks.map((frames, index) => {
    const source = placeOf(frames, driverFiles);
    return {
      at: 0,
      thread: thread === '' ? '?' : `thread ${thread}`,
      ...(source === undefined ? {} : { source }),
      stack: frames
        .map((frame) =>
          frame.source === undefined ? frame.function : `${frame.function} (${frame.source.replace(/^.*\//, '')})`,
        )
        .reverse(),
      text: texts[index] ?? '',
    };
  });
}

function auxiliaries(error: Element): string[] {
  return error.children
    .filter((one) => one.name === 'auxwhat' || one.name === 'xauxwhat')
    .map((one) => (one.name === 'auxwhat' ? one.text.trim() : textOf(one, 'text')));
}

function findingOf(error: Element, count: number, { driverFiles }: ValgrindOptions): Finding {
  const kind = textOf(error, 'kind');
  const known = HINTS.find(([match]) => match.test(kind));
  const title = textOf(error, 'what') || textOf(error, 'xwhat', 'text') || kind;
  const evidence = evidenceOf(error, driverFiles);
  const more = evidence.length > 0 ? [] : auxiliaries(error);
  return {
    kind: `valgrind-${kind
      .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
      .replaceAll('_', '-')
      .toLowerCase()}`,
    severity: known?.[2] ?? 'error',
    title: [title, ...more].join('; '),
    hint: known?.[1] ?? 'see the manual of the tool',
    count,
    evidence,
  };
}

/** @param xml the content of --xml-file, also one that ends in the middle */
export function findingsOfValgrind(xml: string, options: ValgrindOptions): Finding[] {
  const output = childOf(readXml(xml), 'valgrindoutput');
  if (output === undefined) return [];
  const counts = new Map<string, number>();
  for (const list of output.children.filter((one) => one.name === 'errorcounts'))
    for (const pair of list.children) counts.set(textOf(pair, 'unique'), Number(textOf(pair, 'count')));
  return output.children
    .filter((one) => one.name === 'error')
    .map((error) => findingOf(error, counts.get(textOf(error, 'unique')) ?? 1, options));
}
