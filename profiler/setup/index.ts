// SPDX-License-Identifier: MIT
export { type Check, doctor } from './doctor.js';
export { installCommand, type PackageState } from './packages.js';
export { type DeviceModel, deviceModels, QEMU, QEMU_MINIMUM, type QemuState, qemuState } from './qemu.js';
export { projectRoot } from './root.js';
