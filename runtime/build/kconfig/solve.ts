// SPDX-License-Identifier: MIT
// Finds what has to be switched on so that a symbol can be y. Kconfig itself has the last word: the result goes through
// olddefconfig and is checked.
import { and, conjuncts, type Expr, holds, show, YES } from './expr.js';
import type { Entry, Kconfig } from './parse.js';

export type Config = ReadonlyMap<string, string>;

/** Reads a .config or a fragment: `CONFIG_X=value` and `# CONFIG_X is not set`. */
export function parseConfig(text: string): Map<string, string> {
  const config = new Map<string, string>();
  for (const line of text.split('\n')) {
    const set = /^(?:CONFIG_)(\w+)=(.*)$/.exec(line.trim());
    if (set?.[1]) {
      config.set(set[1], (set[2] ?? '') === 'm' ? 'y' : (set[2] ?? ''));
      continue;
    }
    const unset = /^# CONFIG_(\w+) is not set$/.exec(line.trim());
    if (unset?.[1]) config.set(unset[1], 'n');
  }
  return config;
}

export function formatConfig(config: Config): string {
  return [...config]
    .map(([name, value]) => (value === 'n' ? `# CONFIG_${name} is not set` : `CONFIG_${name}=${value}`))
    .concat('')
    .join('\n');
}

/** Last resort only: COMPILE_TEST opens drivers of other machines, and with its defaults much else. */
function rank(expr: Expr): number {
  return show(expr).includes('COMPILE_TEST') ? 1 : 0;
}

class Solver {
  readonly kconfig: Kconfig;
  readonly base: Config;
  assigned = new Map<string, string>();
  /** Symbols set by a select: they need no assignment. */
  selected = new Set<string>();
  /** The deepest thing that could not be had, for the message. */
  reason = '';

  constructor(kconfig: Kconfig, base: Config) {
    this.kconfig = kconfig;
    this.base = base;
  }

  value = (name: string): string => {
    const raw = this.assigned.get(name) ?? (this.selected.has(name) ? 'y' : this.base.get(name)) ?? 'n';
    return raw.startsWith('"') ? raw.slice(1, -1) : raw;
  };

  attempt(work: () => boolean): boolean {
    const assigned = new Map(this.assigned);
    const selected = new Set(this.selected);
    if (work()) return true;
    this.assigned = assigned;
    this.selected = selected;
    return false;
  }

  fail(reason: string): false {
    if (!this.reason) this.reason = reason;
    return false;
  }

  applySelects(entry: Entry): void {
    for (const { value, when } of entry.selects) {
      if (this.value(value) === 'y' || !holds(when, this.value)) continue;
      this.selected.add(value);
      for (const next of this.kconfig.entries.get(value) ?? []) this.applySelects(next);
    }
  }

  /** Makes `name` y. `trail` holds the symbols being worked on: a circle of dependencies cannot be met. */
  enable(name: string, trail: readonly string[] = []): boolean {
    if (this.value(name) === 'y') return true;
    if (trail.includes(name)) return false;
    const entries = this.kconfig.entries.get(name);
    if (!entries) return this.fail(`${name} is not in this kernel's Kconfig`);
    const inside = [...trail, name];
    const prompted = entries.filter((entry) => entry.prompt);
    for (const entry of prompted) {
      const done = this.attempt(() => {
        if (!this.satisfy(and(entry.depends, entry.prompt), inside)) return false;
        this.assigned.set(name, 'y');
        this.applySelects(entry);
        return true;
      });
      if (done) return true;
    }
    return this.enableHidden(name, entries, inside);
  }

  /** A symbol without a prompt gets y by a default or by somebody's select. */
  enableHidden(name: string, entries: readonly Entry[], trail: readonly string[]): boolean {
    for (const entry of entries) {
      for (const { value, when } of entry.defaults) {
        const goal = and(and(entry.depends, when), value);
        const done = this.attempt(() => {
          if (!this.satisfy(goal, trail)) return false;
          this.selected.add(name);
          this.applySelects(entry);
          return true;
        });
        if (done) return true;
      }
    }
    if (entries.some((entry) => entry.prompt)) return false;
    for (const { value, when } of this.kconfig.selectors.get(name) ?? []) {
      if (trail.length > 6) break;
      if (this.attempt(() => this.enable(value, trail) && this.satisfy(when, trail) && this.take(name))) return true;
    }
    return this.fail(`${name} is n, has no prompt, and nothing that selects it can be had`);
  }

  take(name: string): true {
    this.selected.add(name);
    return true;
  }

  disable(name: string): boolean {
    if (this.value(name) !== 'y') return true;
    const entries = this.kconfig.entries.get(name) ?? [];
    if (this.selected.has(name) || this.assigned.has(name) || !entries.some((entry) => entry.prompt)) {
      return this.fail(`${name} is y and must be n`);
    }
    this.assigned.set(name, 'n');
    return true;
  }

  satisfy(expr: Expr, trail: readonly string[], want = true): boolean {
    if (holds(expr, this.value) === want) return true;
    switch (expr.kind) {
      case 'text':
        return this.fail(`a condition is always ${expr.value}`);
      case 'symbol':
        return want ? this.enable(expr.name, trail) : this.disable(expr.name);
      case 'not':
        return this.satisfy(expr.of, trail, !want);
      case 'compare':
        return this.satisfyCompare(expr, trail, want);
      default: {
        const both = (expr.kind === 'and') === want;
        if (both) {
          // Twice, because what the right side switches on may have undone nothing but opened the left.
          return this.satisfy(expr.left, trail, want) && this.satisfy(expr.right, trail, want);
        }
        const sides = [expr.left, expr.right].sort((a, b) => rank(a) - rank(b));
        return sides.some((side) => this.attempt(() => this.satisfy(side, trail, want)));
      }
    }
  }

  satisfyCompare(expr: Extract<Expr, { kind: 'compare' }>, trail: readonly string[], want: boolean): boolean {
    const { left, right } = expr;
    const equal = (expr.op === '=') === want;
    if ((expr.op === '=' || expr.op === '!=') && left.kind === 'symbol' && right.kind === 'text') {
      const on = (right.value === 'y') === equal;
      if (right.value === 'y' || right.value === 'n') {
        return on ? this.enable(left.name, trail) : this.disable(left.name);
      }
    }
    return this.fail(`${want ? '' : '!'}${show(expr)} does not hold`);
  }
}

export interface Solution {
  /** What to set, `y` or `n`, on top of the base configuration. */
  readonly assignments: Map<string, string>;
  /** Set when there is no solution. */
  readonly reason?: string;
}

export function solve(
  kconfig: Kconfig,
  base: Config,
  symbols: readonly string[],
  preset: Config = new Map(),
): Solution {
  const solver = new Solver(kconfig, base);
  for (const [name, value] of preset) solver.assigned.set(name, value);
  for (const name of symbols) {
    solver.reason = '';
    if (preset.get(name) === 'y') solver.assigned.delete(name);
    if (!solver.enable(name)) {
      const words = explain(kconfig, solver.value, name);
      return {
        assignments: solver.assigned,
        reason: words.includes('not met') ? words : solver.reason || words,
      };
    }
    // Even if a select gave it already: asked for by name, it must not vanish with the one that selected it.
    if (kconfig.entries.get(name)?.some((entry) => entry.prompt)) solver.assigned.set(name, 'y');
  }
  return { assignments: solver.assigned };
}

/** Says in words why `name` is not y under a finished configuration. */
export function explain(kconfig: Kconfig, value: (name: string) => string, name: string, depth = 0): string {
  const entries = kconfig.entries.get(name);
  if (!entries) return `${name} is not in this kernel's Kconfig`;
  const entry = entries.find((e) => e.prompt) ?? entries[0];
  if (!entry) return `${name} has no definition`;
  const unmet = conjuncts(and(entry.depends, entry.prompt ?? YES)).filter((part) => !holds(part, value));
  if (unmet.length === 0) {
    return entry.prompt ? `olddefconfig set ${name}=${value(name)}` : `${name} has no prompt and nothing selects it`;
  }
  const said = unmet.map((part) => {
    const why = part.kind === 'symbol' && depth < 2 ? explain(kconfig, value, part.name, depth + 1) : '';
    return why && !why.startsWith('olddefconfig') ? `${show(part)} is not met (${why})` : `${show(part)} is not met`;
  });
  return `${name}: ${said.join(', ')}`;
}
