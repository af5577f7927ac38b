// SPDX-License-Identifier: MIT

/** Messages of Linux that say that what the driver did cannot be right, and that no WARN comes with. */
export const KERNEL_ERROR =
  /^(BUG: (?:workqueue leaked|spinlock|rwlock|Bad page|unable to handle|non-zero).*|timer: .* preempt leak.*|huh, entered softirq .*|initcall .* returned with .*|Trying to free nonexistent resource.*|sysfs: cannot create duplicate.*|kobject.* tried to init an initialized object.*|kobject: .* is not initialized.*|genirq: Flags mismatch.*|fill_read_buffer: .* returned bad count.*|sysfs_emit: invalid buffer.*|.*dma_pool_(?:destroy|free) .*(?:busy|\(bad).*|page:.* dumped because.*|Trying to vfree.*|dev_attr_show: .* returned bad count.*|.*: Unbalanced enable.*|.* is not a valid .*, please fix)$/;
