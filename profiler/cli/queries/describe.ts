// SPDX-License-Identifier: MIT
export async function describe(_: unknown): Promise<void> {}
