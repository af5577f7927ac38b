// SPDX-License-Identifier: MIT
// All that needs the tracer's addon to look into a running process; apart from index.ts, so that other verbs stay quick.
export { type Attachment, attach, describe, snapshotNow, startDrain, watchFlight } from './attach.js';
export { type ChangeRequest, change, type Recorded, recordedNow, refuseUnrecorded } from './change.js';
export { type Followed, followed, RecorderWatch } from './follow.js';
export { sitesOf } from './late-names.js';
export { readVariable } from './process-memory.js';
export { commandLine, devicesOf, uptimeSeconds, workloadOf } from '../run/process-facts.js';
export {
  applied,
  openRunning,
  type Recorder,
  type RunningTarget,
  recorderOf,
  recorderOfProcess,
  switchTracing,
} from './running-target.js';
export { TriggerWatch } from './trigger-watch.js';
