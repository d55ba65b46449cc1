import { formatCount } from '../../../../support/quantities.ts';
import { type DumpTool, isCompletionLine, isDateLine, SANDBOX_MODE, toolOf } from '../../loading/dump-tools.ts';
import type { StatementKind } from '../../sql/statement-kind.ts';
import { SavedSettings } from './saved-settings.ts';

/** Whether the dumps in a file are complete. */
export type SectionEnd =
  | { readonly state: 'whole' }
  /** `how` goes after "ends". */
  | { readonly state: 'cut'; readonly how: string; readonly line: number; readonly tool: DumpTool | undefined }
  /** Nothing in the text shows it. */
  | { readonly state: 'unknown' };

/** One dump in a file, from its header to the next header. */
class Section {
  readonly line: number;
  tool: DumpTool | undefined;
  isEmpty = true;
  hasCompletionLine = false;
  hasDateLine = false;
  hasCommitted = false;
  hasRows = false;
  readonly settings = new SavedSettings();
  keyChecks: 'untouched' | 'off' | 'on' = 'untouched';
  /** The line where tables were locked or key checks turned off, if they still are. */
  lockedAt: number | undefined;

  constructor(line: number) {
    this.line = line;
  }

  /** Whether its end has been read, so that nothing more can belong to it. */
  get isClosed(): boolean {
    return this.tool?.end === 'date-line' ? this.hasDateLine : this.hasCompletionLine;
  }
}

/**
 * Tracks the dumps in a file, one after another, and whether each is complete. A dump begins with its tool's header; text before the first header, or in a file
 * without headers, counts as a separate dump about which less is known.
 */
export class DumpSections {
  private readonly wantsCompletionLine: boolean;
  private section = new Section(1);
  private transactionAt: number | undefined;
  private isAutocommitOff = false;
  private uncommittedAt: number | undefined;
  /** Whether a finished dump contained tables or rows, but nothing showed that it was complete. */
  hasUnproven = false;

  /** @param completionLine `optional`: the drill's configuration states that its backups lack that line. */
  constructor(completionLine: 'required' | 'optional' = 'required') {
    this.wantsCompletionLine = completionLine === 'required';
  }

  /** Whether the text that follows comes after a dump's end, and so does not belong to it. */
  get isAfterEnd(): boolean {
    return this.section.isClosed;
  }

  /** Tool of the last dump that had a header. */
  get tool(): DumpTool | undefined {
    return this.section.tool;
  }

  /** Processes a comment. @returns how the previous dump ended, if this comment begins another one. */
  noteComment(text: string, line: number): SectionEnd | undefined {
    const tool = toolOf(text);
    if (tool === undefined && !SANDBOX_MODE.test(text)) {
      if (isCompletionLine(text)) this.section.hasCompletionLine = true;
      if (isDateLine(text)) this.section.hasDateLine = true;
      return undefined;
    }
    const { section } = this;
    if (section.isEmpty && section.tool === undefined && !section.isClosed) {
      section.tool = tool;
      return undefined;
    }
    const end = this.endOf(section, false);
    this.section = new Section(line);
    this.section.tool = tool;
    return end;
  }

  /** Processes a statement, whether it is run or not. @param text its beginning. */
  noteStatement(kind: StatementKind, text: string, line: number): void {
    const { section } = this;
    section.isEmpty = false;
    if (kind.kind === 'insert' || kind.kind === 'createTable') section.hasRows = true;
    if (kind.kind === 'begin') this.transactionAt = line;
    if (kind.kind === 'commit' || kind.kind === 'rollback') {
      section.hasCommitted ||= this.transactionAt !== undefined;
      this.transactionAt = undefined;
      this.uncommittedAt = undefined;
    }
    if (kind.kind === 'lock') section.lockedAt ??= line;
    if (kind.kind === 'unlock') section.lockedAt = undefined;
    if (kind.kind === 'autocommit') this.noteAutocommit(text);
    if (kind.kind === 'insert' && this.isAutocommitOff) this.uncommittedAt ??= line;
    if (COMMITTING.has(kind.kind)) this.uncommittedAt = undefined;
    if (kind.kind !== 'setting' && kind.kind !== 'autocommit') return;
    section.settings.note(text);
    const checks = /\bFOREIGN_KEY_CHECKS\s*:?=\s*(\w+)/i.exec(text)?.[1];
    if (checks !== undefined) section.keyChecks = /^(?:0|OFF|FALSE)$/i.test(checks) ? 'off' : 'on';
  }

  /** Turning autocommit on commits. */
  private noteAutocommit(text: string): void {
    this.isAutocommitOff = /\bautocommit\s*:?=\s*(?:0|OFF|FALSE)\b/i.test(text);
    if (!this.isAutocommitOff) this.uncommittedAt = undefined;
  }

  /** Called at the end of the file. */
  finish(): SectionEnd {
    return this.endOf(this.section, true);
  }

  private endOf(section: Section, isLast: boolean): SectionEnd {
    const end = this.judge(section, isLast);
    if (end.state === 'unknown' && section.hasRows) this.hasUnproven = true;
    return end;
  }

  private judge(section: Section, isLast: boolean): SectionEnd {
    const { tool, line } = section;
    const cut = (how: string): SectionEnd => ({ state: 'cut', how, line, tool });
    const opened = this.transactionAt;
    if (opened !== undefined && (isLast || (tool !== undefined && opened > line)))
      return cut(`with the transaction still open that it began at line ${formatCount(opened)}`);
    if (this.uncommittedAt !== undefined && isLast)
      return cut(`without a COMMIT for its rows from line ${formatCount(this.uncommittedAt)} on, with autocommit off`);
    if (section.isClosed) return { state: tool === undefined ? 'unknown' : 'whole' };
    const mark = tool && this.markOf(tool, section);
    if (mark !== undefined) return mark ? { state: 'whole' } : cut(`without ${tool?.endWords}`);
    if (section.settings.areKept)
      return cut('without putting back the settings that it saved as @OLD_… at its beginning');
    if (section.lockedAt !== undefined)
      return cut(`with the tables still locked that it locked at line ${formatCount(section.lockedAt)}`);
    return { state: 'unknown' };
  }

  /** @returns whether the tool's end mark is present; undefined if this dump should not have one. */
  private markOf({ end }: DumpTool, section: Section): boolean | undefined {
    if (end === 'completion-line') return this.wantsCompletionLine ? false : undefined;
    if (end === 'date-line') return false;
    if (end === 'commit') return section.hasCommitted ? true : undefined;
    if (end === 'key-checks') return section.keyChecks === 'untouched' ? undefined : section.keyChecks === 'on';
    return section.settings.areSaved ? !section.settings.areKept : undefined;
  }
}

/** Statements that commit a transaction implicitly. */
const COMMITTING = new Set<StatementKind['kind']>([
  ...(['createTable', 'dropTable', 'createDatabase', 'dropDatabase', 'definition', 'view', 'trigger'] as const),
  ...(['routine', 'event', 'account', 'keys', 'lock', 'begin'] as const),
]);
