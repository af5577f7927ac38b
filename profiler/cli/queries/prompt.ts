// SPDX-License-Identifier: MIT
export async function prompt(_: unknown, __: unknown): Promise<void> {}
