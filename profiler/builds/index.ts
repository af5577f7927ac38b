// SPDX-License-Identifier: MIT
export { LaunchError, type LaunchErrorCode } from './errors.js';
export {
  type Build,
  type Manifest,
  readBuild,
  readRegisters,
  readSites,
  readTracepoints,
  type Site,
} from './manifest.js';
