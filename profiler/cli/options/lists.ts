// SPDX-License-Identifier: MIT
// What --list tells in several verbs.

import { CATEGORIES, DEFAULT_CATEGORIES } from '../../record/categories.js';
import { WORKLOADS } from '../../run/workloads.js';
import type { Listed } from './list.js';

export const categoryList = (): Listed[] =>
  CATEGORIES.map((name) => ({ name, ...(DEFAULT_CATEGORIES.includes(name) ? { text: 'by default' } : {}) }));

export const workloadList = (): Listed[] =>
  WORKLOADS.map(({ name, text, options }) => ({
    name,
    text: options.length === 0 ? text : `${text} (${options.map((one) => one.name).join(', ')})`,
  }));
