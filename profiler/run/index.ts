// SPDX-License-Identifier: MIT
export type { CrashFacts, OnCrash } from './crash-watch.js';
export { type DeviceSpec, parseDevice, parseNet } from './device-plan.js';
export type { DriverEvent, ResultEvent } from './driver-events.js';
export type { DriverProcess } from './driver-process.js';
export { type IrqMode, kernelCmdline } from './kernel-cmdline.js';
export { type DeviceKind, MODELS, modelOfDriver } from './models.js';
export { type Offer, parseOffers } from './offers.js';
export { findRunning, type RunningDriver, runningDrivers } from './running.js';
export type { WorkloadRule } from './workloads.js';
export { runSession, type SessionEnd, type SessionRequest } from './session.js';
