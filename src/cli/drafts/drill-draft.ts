import { Document, visit } from 'yaml';
import { toPrintable } from '../../support/printable.ts';
import type { CheckDraft } from '../../verify/propose/drafts.ts';

/** A key has up to 1,024 characters. */
const MAX_NOTE = 2000;

/** A drill file to be written. */
export interface DrillDraft {
  readonly name: string;
  /** As in a drill file: `source` and its keys, `match`, `takenAt`. */
  readonly backup: Readonly<Record<string, unknown>>;
  readonly engine: Readonly<Record<string, unknown>>;
  readonly objectives: Readonly<Record<string, string>>;
  readonly checks: readonly CheckDraft[];
  /** As in a drill file; undefined: run manually. */
  readonly schedule?: unknown;
  /** Comments at the top, one per line. */
  readonly notes: readonly string[];
  /** Comments at the end, one per line: optional additions for the user. */
  readonly examples?: readonly string[];
}

/** The text of a drill file, with comments where the user has to decide. */
export function formatDrillDraft(draft: DrillDraft): string {
  const { name, backup, engine, objectives, checks, schedule, notes, examples = [] } = draft;
  return [
    '# yaml-language-server: $schema=./drill.schema.json\n',
    ...notes.map(comment),
    part({ name, backup, engine }),
    '# How long a recovery may take (rto), and how old the newest backup may be (rpo). Set them to what you promise.\n',
    part({ objectives }),
    '# Each check is able to fail. Add what your users would miss first.\n',
    part({ checks }),
    ...(schedule === undefined ? [] : ['# When `firedrill serve` runs it, in UTC.\n', part({ schedule })]),
    ...examples.map(comment),
  ].join('');
}

function comment(line: string): string {
  return `# ${toPrintable(line, MAX_NOTE)}\n`;
}

function part(value: unknown): string {
  const document = new Document(value);
  visit(document, {
    Map(_, node) {
      if (node.has('minRows') || node.has('min')) node.flow = true; // a table a line
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}
