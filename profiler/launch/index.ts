// SPDX-License-Identifier: MIT
export { type DeviceSpec, parseDevice, parseNet } from './device-plan.js';
export type { DriverEvent, ResultEvent } from './driver-events.js';
export { type DriverProcess, startDriver } from './driver-process.js';
export { LaunchError, type LaunchErrorCode } from './errors.js';
export { type GdbRequest, gdbAttachArgs, gdbRunArgs } from './gdb.js';
export { IRQ_MODES, type IrqMode, kernelCmdline } from './kernel-cmdline.js';
export {
  type Build,
  type Manifest,
  readBuild,
  readSites,
  readTracepoints,
  type Site,
  type Tracepoint,
} from './manifest.js';
export { type DeviceKind, MODELS, modelOfDriver, modelRule } from './models.js';
export { findRunning, type RunningDriver, runningDrivers } from './running.js';
export { runSession, type SessionEnd, type SessionRequest } from './session.js';
export { parseErrorSummary, VALGRIND_TOOLS, type ValgrindTool, valgrindArgs } from './valgrind.js';
export { argCounts, describeSites, functionOf } from './call-arguments.js';
export { chooseSites, globToRegExp, type SiteRequest } from './site-choice.js';
export { chooseTracepoints } from './tracepoint-choice.js';
export { chooseTriggers, parseTriggers, TRIGGER_ACTIONS, type Trigger, type TriggerRequest } from './trigger-choice.js';
export { CATEGORIES, type Category, chooseCategories } from './categories.js';
