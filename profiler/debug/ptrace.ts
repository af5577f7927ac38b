// SPDX-License-Identifier: MIT
// Whether this user may attach a debugger to a process, and if not, why.

import { readFileSync } from 'node:fs';

const SCOPE = '/proc/sys/kernel/yama/ptrace_scope';
const CAP_SYS_PTRACE = 19n;

function text(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function hasPtraceCapability(): boolean {
  const caps = /^CapEff:\s*([0-9a-f]+)/m.exec(text('/proc/self/status') ?? '')?.[1];
  return caps !== undefined && ((BigInt(`0x${caps}`) >> CAP_SYS_PTRACE) & 1n) === 1n;
}

export interface AttachAnswer {
  readonly reason: string;
  readonly advice: string;
}

/**
 * What stands in the way of attaching to a process of this user.
 * @param scope the content of Yama's ptrace_scope; undefined: Yama is not there
 * @param capable whether this process has CAP_SYS_PTRACE
 */
export function scopeAnswer(scope: string | undefined, capable: boolean): AttachAnswer | undefined {
  const level = Number(scope ?? 0);
  if (level === 3)
    return {
      reason: `no process can be debugged here (${SCOPE} is 3 until the next boot)`,
      advice: 'Set kernel.yama.ptrace_scope = 1 in /etc/sysctl.d, and restart the machine.',
    };
  if (level === 2 && !capable)
    return {
      reason: `only root can debug a process here (${SCOPE} is 2)`,
      advice: 'Use sudo, or: sudo sysctl kernel.yama.ptrace_scope=1',
    };
  // 1: a driver process allows it (PR_SET_PTRACER).
  return undefined;
}

export function mayAttach(): AttachAnswer | undefined {
  return scopeAnswer(text(SCOPE), hasPtraceCapability());
}
