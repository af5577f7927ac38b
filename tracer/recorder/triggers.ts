// SPDX-License-Identifier: MIT
// Triggers, as the recorder asks for them. No native code here: the command line is read before it is needed.

export const TRIGGER_ACTIONS = ['snapshot', 'stop', 'stack'] as const;
export type TriggerAction = (typeof TRIGGER_ACTIONS)[number];

/** A call of the function of a site that is switched on sets something off. */
export interface Trigger {
  readonly site: number;
  readonly action: TriggerAction;
}

/** What a process can keep track of at once. */
export const MAX_TRIGGERS = 64;
