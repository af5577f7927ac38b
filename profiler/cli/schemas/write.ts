// SPDX-License-Identifier: MIT
// `npm run gen:schemas`: writes profiler/cli/schemas/json/VERB.schema.json. A test compares them with what this would write.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { projectRoot } from '../../setup/root.js';
import { SCHEMAS } from './index.js';
import { schemaName } from './name.js';

/** The text of each file, by its name. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(SCHEMAS).map(([verb, schema]) => {
      const json = { title: schemaName(verb), ...z.toJSONSchema(schema) };
      return [`${verb}.schema.json`, `${JSON.stringify(json, null, 2)}\n`];
    }),
  );
}

export const SCHEMA_FOLDER = join(projectRoot, 'profiler/cli/schemas/json');

if (argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(SCHEMA_FOLDER, { recursive: true });
  for (const [name, text] of schemaFiles()) writeFileSync(join(SCHEMA_FOLDER, name), text);
}
