// SPDX-License-Identifier: MIT
// What to record. All that needs the tracer's addon is in attaching.ts and recording.ts, so that other verbs stay quick.
export { argCounts, functionOf } from './call-arguments.js';
export { CATEGORIES, type Category, chooseCategories } from './categories.js';
export { chooseSites, type SiteRequest } from './site-choice.js';
export { chooseTracepoints } from './tracepoint-choice.js';
export { chooseTriggers, parseTriggers, TRIGGER_ACTIONS, type Trigger, type TriggerRequest } from './trigger-choice.js';
