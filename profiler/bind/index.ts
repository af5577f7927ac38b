// SPDX-License-Identifier: MIT

export {
  bind,
  type BindOptions,
  canHaveMemory,
  NO_UIO_DMA,
  restore,
  restoreAll,
  restoreOrphans,
  type Target,
  TARGETS,
  unbind,
} from './binding.js';
export { type PciDevice, parseBdf, pciDevice, pciDevices } from './devices.js';
export type { BindErrorCode } from './errors.js';
export { HOST, type Host } from './host.js';
export { type Use, useText } from './uses.js';
