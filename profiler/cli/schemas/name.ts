// SPDX-License-Identifier: MIT
// The names of the forms of JSON. A change that breaks a reader of a verb's JSON makes it a new version.

export const schemaName = (verb: string): string => `dde-profile.${verb}/1`;
