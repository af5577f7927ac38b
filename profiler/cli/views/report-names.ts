// SPDX-License-Identifier: MIT
// The names that report takes and tells: its tables, and the kinds of findings.

import { REPORT_NAMES } from '../../report/index.js';
import { FINDING_KINDS as KINDS } from '../../topics/index.js';
import type { Listed } from '../options/list.js';

export const REPORT_TABLES: readonly Listed[] = REPORT_NAMES.map((name) => ({ name }));
export const FINDING_KINDS: readonly Listed[] = KINDS.map((name) => ({ name }));
