/**
 * Tracks where a semicolon does not end a statement: inside parentheses (`CREATE RULE … DO (a; b)`), and inside `BEGIN ATOMIC … END` of an SQL-standard
 * function body, in which `CASE … END` may be nested. Like psql, this recognises such a body by the statement's first words.
 */
export class StatementShape {
  private parentheses = 0;
  private bodies = 0;
  private wordCount = 0;
  /** The initials of the first words that matter: `cf`, `cp`, `corf`, `corp`. */
  private opening = '';

  static isCopyFromStdin(work: Buffer, start: number, end: number): boolean {
    if (end - start > 1_000_000 || ((work[start] as number) | 32) !== 99 || ((work[start + 1] as number) | 32) !== 111)
      return false;
    const text = work.toString('latin1', start, end).replaceAll(/"[^"]*"|'[^']*'/g, '_');
    return /^COPY\s[\s\S]*[\s)]FROM\s+STDIN\b/i.test(text);
  }

  get mayEnd(): boolean {
    return this.parentheses === 0 && this.bodies === 0;
  }

  reset(): void {
    this.parentheses = 0;
    this.bodies = 0;
    this.wordCount = 0;
    this.opening = '';
  }

  open(): void {
    this.parentheses += 1;
  }

  close(): void {
    if (this.parentheses > 0) this.parentheses -= 1;
  }

  word(work: Buffer, from: number, to: number): void {
    if (this.wordCount < 4) {
      this.wordCount += 1;
      const word = work.toString('latin1', from, to).toLowerCase();
      if (OPENING_WORDS.has(word)) this.opening += word[0] ?? '';
    }
    if (this.parentheses > 0 || to - from > 5 || to - from < 3 || !/^c(?:or)?[fp]/.test(this.opening)) return;
    const word = work.toString('latin1', from, to).toLowerCase();
    if (word === 'begin') this.bodies += 1;
    else if (word === 'case' && this.bodies > 0) this.bodies += 1;
    else if (word === 'end' && this.bodies > 0) this.bodies -= 1;
  }
}

const OPENING_WORDS = new Set(['create', 'or', 'replace', 'function', 'procedure']);
