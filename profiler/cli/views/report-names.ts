// SPDX-License-Identifier: MIT
// The names that report takes and tells: its tables, and the kinds of findings.

import { RUN_KINDS } from '../../findings/index.js';
import { REPORT_NAMES } from '../../report/index.js';
import { FINDING_KINDS as KINDS } from '../../topics/index.js';
import type { Listed } from '../options/list.js';

export const REPORT_TABLES: readonly Listed[] = REPORT_NAMES.map((name) => ({ name }));
export const FINDING_KINDS: readonly Listed[] = [...KINDS, ...RUN_KINDS].sort().map((name) => ({ name }));
