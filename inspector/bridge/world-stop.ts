// SPDX-License-Identifier: MIT
// While the driver is paused its device stands still, too, and the driver's clock loses the time of the pause: no watchdog of the driver
// fires, no packet is lost, no peer gives up.

/** What stands still with the driver. Both calls may be repeated. */
export interface WorldStop {
  /** Called as soon as the driver has stopped. */
  stop(): Promise<void>;
  /** Called just before the driver goes on. */
  cont(): Promise<void>;
  close(): void;
}

/** Several parts: stopped in their order, continued the other way round. One that fails does not keep the others from going on. */
export function allOf(parts: readonly WorldStop[]): WorldStop {
  const each = async (list: readonly WorldStop[], call: 'stop' | 'cont'): Promise<void> => {
    let failed: unknown;
    for (const part of list) {
      try {
        await part[call]();
      } catch (error) {
        failed ??= error;
      }
    }
    if (failed !== undefined) throw failed;
  };
  return {
    stop: () => each(parts, 'stop'),
    cont: () => each([...parts].reverse(), 'cont'),
    close: () => {
      for (const part of parts) part.close();
    },
  };
}
