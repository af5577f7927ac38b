// SPDX-License-Identifier: MIT

/** Whether SQL text ends with a semicolon that is none of a text, a quoted name or a comment. */
export function statementEnds(sql: string): boolean {
  const bare = sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
  if (/['"]|\/\*/.test(bare)) return false; // one of them is still open
  return bare.trimEnd().endsWith(';');
}
