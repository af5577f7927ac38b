// SPDX-License-Identifier: MIT

/** SQL without its texts, quoted names and comments; one that is still open stays. */
export function bareSql(sql: string): string {
  return sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, (found) =>
    /^['"]/.test(found) ? ' x ' : ' ',
  );
}

/** Whether SQL text ends with a semicolon that is none of a text, a quoted name or a comment. */
export function statementEnds(sql: string): boolean {
  const bare = bareSql(sql);
  return !/['"]|\/\*/.test(bare) && bare.trimEnd().endsWith(';');
}
