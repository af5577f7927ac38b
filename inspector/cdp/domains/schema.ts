// SPDX-License-Identifier: MIT
import type { Method } from '../connection.js';

/** Lists the domains of the methods that there are. */
export function schemaDomain(methods: () => Iterable<string>): Record<string, Method> {
  return {
    'Schema.getDomains': () => {
      const names = new Set([...methods()].map((method) => method.split('.')[0] as string));
      return { domains: [...names].sort().map((name) => ({ name, version: '1.3' })) };
    },
  };
}
