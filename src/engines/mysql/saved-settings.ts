const SAVED = /@(OLD_\w+)\s*:?=\s*@@/gi;
const USED = /=\s*(?:IFNULL\s*\(|IF\s*\(\s*)?\s*@(OLD_\w+)/gi;
/** One alone may be somebody's own way of writing; tools save several. */
const LEAST_SAVED = 2;

/**
 * The settings that a dump saves in `@OLD_…` at its beginning and puts back at its end: most tools do. Those that come between (of one table)
 * are put back before the next one and tell nothing of the end.
 */
export class SavedSettings {
  private readonly saved = new Set<string>();
  private readonly putBack = new Set<string>();

  /** @param text a SET statement. */
  note(text: string): void {
    for (const [, name = ''] of text.matchAll(SAVED)) {
      this.saved.add(name.toUpperCase());
      this.putBack.delete(name.toUpperCase());
    }
    for (const [, name = ''] of text.matchAll(USED))
      if (this.saved.has(name.toUpperCase())) this.putBack.add(name.toUpperCase());
  }

  get areSaved(): boolean {
    return this.saved.size >= LEAST_SAVED;
  }

  /** Saved, and most of them never put back. */
  get areKept(): boolean {
    return this.areSaved && this.putBack.size * 2 < this.saved.size;
  }
}
