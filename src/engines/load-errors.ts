import type { LoadOutcome } from './engine.ts';

const LINES_KEPT = 50;

/** Collects the errors of a restore: the count is exact, the lines are bounded, and what the drill allows is counted apart. */
export class LoadErrors {
  readonly warnings: string[] = [];
  private readonly allowed: readonly RegExp[];
  private readonly lines: string[] = [];
  private count = 0;
  private ignored = 0;

  constructor(allowed: readonly RegExp[]) {
    this.allowed = allowed;
  }

  /** Errors of both kinds that were reported so far. */
  get reported(): number {
    return this.count + this.ignored;
  }

  add(line: string): void {
    if (this.allowed.some((pattern) => line.search(pattern) >= 0)) {
      this.ignored += 1;
      return;
    }
    this.count += 1;
    if (this.lines.length < LINES_KEPT) this.lines.push(line);
  }

  warn(line: string): void {
    if (this.warnings.length < LINES_KEPT && !this.warnings.includes(line)) this.warnings.push(line);
  }

  outcome(database: string): LoadOutcome {
    return {
      database,
      errorCount: this.count,
      errors: this.lines,
      ignoredCount: this.ignored,
      warnings: this.warnings,
    };
  }
}

/**
 * An error's own words without the data that it quotes: errors of values (`invalid input syntax for type integer: "…"`) and of keys end with
 * them, and results never carry row data.
 */
export function withoutRowData(message: string): string {
  return message.replace(/: "[\s\S]*"$/, ': "…"').replace(/\(([^()]*)\)=\([\s\S]*\)/g, '($1)=(…)');
}
