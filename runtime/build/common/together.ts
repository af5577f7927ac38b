// SPDX-License-Identifier: MIT
// Steps that run side by side.

/**
 * As Promise.all(), but a failure is told when all have ended: one that goes on would write into a folder that is being removed, or
 * say something after the error.
 */
export async function together<T extends readonly unknown[]>(
  steps: readonly [...{ [K in keyof T]: Promise<T[K]> | T[K] }],
): Promise<T> {
  await Promise.allSettled(steps);
  return (await Promise.all(steps)) as unknown as T;
}
