const SAVED = /@(OLD_\w+)\s*:?=\s*@@/gi;
const USED = /=\s*(?:IFNULL\s*\(|IF\s*\(\s*)?\s*@(OLD_\w+)/gi;
/** A single one may come from hand-written SQL; tools save several. */
const MIN_SAVED = 2;

/**
 * Tracks the settings that a dump saves in `@OLD_…` at its beginning and restores at its end, as most tools do. Settings saved in between (for one
 * table) are restored before the next table and do not show where the dump ends.
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
    return this.saved.size >= MIN_SAVED;
  }

  /** Whether settings were saved and most of them have not been restored. */
  get areKept(): boolean {
    return this.areSaved && this.putBack.size * 2 < this.saved.size;
  }
}
