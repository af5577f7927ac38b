// SPDX-License-Identifier: MIT
export { type DeviceSpec, parseDevice, parseNet } from './device-plan.js';
export type { DriverEvent, ResultEvent } from './driver-events.js';
export { type DriverProcess, startDriver } from './driver-process.js';
export { IRQ_MODES, type IrqMode, kernelCmdline } from './kernel-cmdline.js';
export { type DeviceKind, MODELS, modelOfDriver, modelRule } from './models.js';
export { findRunning, type RunningDriver, runningDrivers } from './running.js';
export { EXPECTED_DURATION, parseDuration } from './duration.js';
export { WORKLOADS, type WorkloadRule } from './workloads.js';
export { runSession, type SessionEnd, type SessionRequest } from './session.js';
