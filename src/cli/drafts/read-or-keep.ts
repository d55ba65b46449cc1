import type { Drill } from '../../config/drill-file.ts';
import { DrillError, meaningOf } from '../../support/errors.ts';
import { type DrillDraft, formatDrillDraft } from './drill-draft.ts';

export interface ReadDraft {
  readonly text: string;
  readonly drill: Drill;
}

/**
 * Reads a drill that was completed from a restored copy. If it has names that are invalid in a drill file, the previous draft is kept, with a note: a copy may
 * have arbitrary table names.
 * @throws the errors of `read` for the previous draft.
 */
export async function readOrKeep(
  completed: DrillDraft,
  before: DrillDraft,
  read: (text: string) => Promise<Drill>,
): Promise<ReadDraft> {
  const text = formatDrillDraft(completed);
  try {
    return { text, drill: await read(text) };
  } catch (thrown) {
    if (!(thrown instanceof DrillError) || meaningOf(thrown.code) !== 'usage') throw thrown;
    const note = 'The checks that were proposed from the restored copy could not be written here: write your own.';
    const kept = formatDrillDraft({ ...before, notes: [...before.notes, note] });
    return { text: kept, drill: await read(kept) };
  }
}
