import type { DrillError } from '../../support/errors.ts';
import type { LoadOutcome, StatedTime } from '../engine.ts';
import { laterStated } from '../stated-time.ts';
import { faultOf, type LoadFinding, lackOf } from '../whose-fault.ts';

const LINES_KEPT = 50;

/** Collects the errors of a restore: the count is exact, the lines are limited, and errors that the drill allows are counted separately. */
export class LoadErrors {
  readonly warnings: string[] = [];
  private readonly allowed: readonly RegExp[];
  private readonly lines: string[] = [];
  private count = 0;
  private ignored = 0;
  private stated: StatedTime | undefined;

  constructor(allowed: readonly RegExp[]) {
    this.allowed = allowed;
  }

  /** Total number of errors reported so far, allowed or not. */
  get reported(): number {
    return this.count + this.ignored;
  }

  /**
   * Records a finding according to who is at fault.
   * @returns the error that ends the load: what the image lacks, unless the backup has already failed; the failure is then the verdict.
   */
  report(finding: LoadFinding): DrillError | undefined {
    const fault = faultOf(finding.kind);
    if (fault === 'warning') this.warn(finding.text);
    else if (fault === 'failed') this.add(finding.text);
    else if (this.isAllowed(finding.text)) this.ignored += 1;
    else if (this.count === 0) return lackOf(finding);
    else this.warn(finding.text);
    return undefined;
  }

  /** An error that counts against the backup, unless the drill allows it. */
  add(line: string): void {
    if (this.isAllowed(line)) {
      this.ignored += 1;
      return;
    }
    this.count += 1;
    if (this.lines.length < LINES_KEPT) this.lines.push(line);
  }

  warn(line: string): void {
    if (this.warnings.length < LINES_KEPT && !this.warnings.includes(line)) this.warnings.push(line);
  }

  /** Records when a part of the backup was made, according to itself. */
  noteStated(time: StatedTime | undefined): void {
    this.stated = laterStated(this.stated, time);
  }

  private isAllowed(line: string): boolean {
    return this.allowed.some((pattern) => line.search(pattern) >= 0);
  }

  outcome(database: string): LoadOutcome {
    return {
      database,
      errorCount: this.count,
      errors: this.lines,
      ignoredCount: this.ignored,
      warnings: this.warnings,
      stated: this.stated,
    };
  }
}

/**
 * An error's message without the data that it quotes: errors about values (`invalid input syntax for type integer: "…"`) and keys end with it, and results
 * never contain row data.
 */
export function withoutRowData(message: string): string {
  return message.replace(/: "[\s\S]*"$/, ': "…"').replace(/\(([^()]*)\)=\([\s\S]*\)/g, '($1)=(…)');
}
