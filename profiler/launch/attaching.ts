// SPDX-License-Identifier: MIT
// All that needs the tracer's addon to look into a running process; apart from index.ts, so that other verbs stay quick.
export { type Attachment, attach, describe, snapshotNow, startDrain } from './attach.js';
export { readVariable } from './process-memory.js';
export { commandLine, devicesOf, uptimeSeconds, workloadOf } from './process-facts.js';
export { openRunning, type RunningTarget, recorderOfProcess, switchTracing } from './running-target.js';
