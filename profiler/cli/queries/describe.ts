// SPDX-License-Identifier: MIT
// `query --schema` and `query --examples`.

import { EXIT } from '../exit-codes.js';
import { CliError } from '../failure.js';
import { printJson } from '../output.js';
import { query } from '../lazy.js';
import { didYouMean } from '../suggest.js';

export interface DescribeOptions {
  readonly schema?: boolean;
  readonly json?: boolean;
}

/** Prints the tables, or the ready queries. */
export async function describe({ schema, json }: DescribeOptions): Promise<void> {
  const { EXAMPLES, MACROS, renderSchema, SCHEMA } = await query();
  if (json === true) {
    printJson('query', schema === true ? { tables: SCHEMA, macros: MACROS } : { examples: EXAMPLES });
    return;
  }
  if (schema === true) process.stdout.write(renderSchema());
  else {
    const text = EXAMPLES.map(({ name, question, sql }) => `-- ${name}: ${question}\n${sql};\n`).join('\n');
    process.stdout.write(`${text}\n-- Run one: dde-profile query FILE --examples NAME\n`);
  }
}

/** The SQL of a ready query. */
export async function exampleSql(name: string): Promise<string> {
  const { EXAMPLES } = await query();
  const found = EXAMPLES.find((one) => one.name === name);
  if (found !== undefined) return found.sql;
  const names = EXAMPLES.map((one) => one.name);
  throw new CliError(
    EXIT.usage,
    `no example ${JSON.stringify(name)}`,
    `${didYouMean(name, names) ?? ''} Examples: ${names.join(', ')}`.trim(),
  );
}
