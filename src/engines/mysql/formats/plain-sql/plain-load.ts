import type { ObjectContent } from '../../../../backup/content.ts';
import type { DrillError } from '../../../../support/errors.ts';
import { LINE_ENDING_HINT } from '../../../../support/line-endings.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import type { BackupFacts } from '../../../format.ts';
import { DumpParts } from '../../../sql-dump/dump-parts.ts';
import { loadDump, oversized, readItems, readUpTo, truncated } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { placeOf, type Statement } from '../../../sql-dump/statement.ts';
import { statedTimeIn } from '../../../stated-time.ts';
import { requireProduct } from '../../loading/backup-facts.ts';
import { dumpedServerIn } from '../../loading/dump-tools.ts';
import { messageIn } from '../../loading/refusal-causes.ts';
import { excerptOf, OVERSIZED_HINT } from '../../loading/statement-errors.ts';
import type { MysqlServer } from '../../server/mysql-server.ts';
import { withoutReturns } from '../../sql/line-ends.ts';
import { type SqlItem, SqlSplitter } from '../../sql/sql-splitter.ts';
import { classifyStatement } from '../../sql/statement-kind.ts';
import { DumpSections, type SectionEnd } from './dump-sections.ts';
import type { PlainFacts } from './plain-facts.ts';
import { PlainLoader } from './plain-loader.ts';
import { problemReportedIn, rowFilterIn } from './reported-problems.ts';

/**
 * Reads a plain dump once, from the store to the server, with back pressure all the way.
 * @throws DrillError `backup-truncated` when one of its dumps ends without its tool's end mark, or in the middle of something.
 */
export async function loadPlain(
  content: ObjectContent,
  { found, facts }: { readonly found: PlainFacts; readonly facts: BackupFacts },
  server: MysqlServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  return loadDump(options, (errors) => {
    const { meter } = content;
    const parts = { server, options, errors, meter, own: facts.database, isToolMade: found.isToolMade };
    const loader = new PlainLoader(parts);
    const reader = new PlainReader({ content, found, server, options, errors, loader });
    return {
      begin: () => loader.begin(),
      read: () => reader.read(),
      finish: () => loader.finish(),
      close: () => loader.close(),
    };
  });
}

interface ReaderParts {
  readonly content: ObjectContent;
  readonly found: PlainFacts;
  readonly server: MysqlServer;
  readonly options: LoadOptions;
  readonly errors: LoadErrors;
  readonly loader: PlainLoader;
}

/** Passes a dump's statements to the loader, and checks what the text reveals about the dump. */
class PlainReader {
  private readonly parts: ReaderParts;
  private readonly splitter: SqlSplitter;
  private readonly sections: DumpSections;
  private readonly contents = new DumpParts({
    rowsOnly: 'mysqldump --no-create-info',
    tablesOnly: 'mysqldump --no-data',
  });
  private hasTextAfterEnd = false;
  private hasZeros = false;
  /** Whether the remaining text lacks a line end, and so may be cut. */
  private isAtEnd = false;

  constructor(parts: ReaderParts) {
    this.parts = parts;
    this.splitter = new SqlSplitter(parts.server.flavor.type);
    this.sections = new DumpSections(parts.options.completionLine);
  }

  async read(): Promise<void> {
    const { content, options, errors } = this.parts;
    const stream = content.stream(options.signal) as AsyncIterable<Buffer>;
    await readItems(stream, this.splitter, {
      take: (item) => this.take(item),
      onEnd: () => {
        this.isAtEnd = true;
      },
    });
    this.requireWhole(this.sections.finish());
    this.contents.warnOfMissing(errors);
    if (this.splitter.hasReturns)
      errors.warn(
        `every line of the dump ends with a carriage return, which a terminal or Windows added: they are ignored, as the client ignores them. ${LINE_ENDING_HINT}`,
      );
    if (!this.sections.hasUnproven) return;
    errors.warn(
      options.completionLine === 'optional'
        ? 'the dump does not end with “-- Dump completed”, and the drill allows it: there is no way to tell whether it is whole'
        : 'the SQL does not say that a dump tool wrote it, or where it ends, so there is no way to tell whether it is whole',
    );
  }

  private take(item: SqlItem): Promise<void> | undefined {
    if (item.kind === 'comment') return this.takeComment(item.text, item.line);
    if (item.kind === 'zeros') return this.noteZeros(item.line);
    if (item.kind === 'client') return this.parts.loader.takeCommand(item);
    if (item.kind === 'oversized') throw oversized(placeOf(item), OVERSIZED_HINT);
    if (item.kind === 'unfinished') return this.takeUnfinished(item);
    const kind = classifyStatement(item.bytes);
    this.contents.note(kind.kind);
    if (kind.kind === 'replication' || kind.kind === 'gtid')
      this.parts.server.statedStarts.note(item.bytes.toString('utf8', 0, MAX_START_BYTES));
    const isSetting = kind.kind === 'setting' || kind.kind === 'autocommit';
    if (this.sections.isAfterEnd) this.noteTextAfterEnd(item);
    this.sections.noteStatement(kind, isSetting ? item.bytes.toString('utf8', 0, 16_384) : '', item.line);
    if (item.isUndelimited && !this.isWhole)
      throw this.cutWithin(item, `the statement that began at line ${formatCount(item.line)}`);
    return this.parts.loader.take(this.splitter.hasReturns ? withoutReturns(item) : item, kind);
  }

  /** The client rejects zero bytes as well. After a dump's end, a disk or a copy added them. */
  private noteZeros(line: number): undefined {
    if (this.hasZeros) return undefined;
    this.hasZeros = true;
    this.parts.errors.report({
      kind: this.isWhole ? 'text-after-end' : 'refused',
      text: `line ${formatCount(line)}: zero bytes ${this.isWhole ? 'after the end of the dump' : 'in the place of SQL'}`,
    });
    return undefined;
  }

  /** Whether the dump is complete, as far as the text read so far shows. */
  private get isWhole(): boolean {
    return this.sections.isAfterEnd || this.sections.finish().state === 'whole';
  }

  private takeComment(text: string, line: number): undefined {
    const { errors, server, content, loader } = this.parts;
    loader.noteComment(text, line);
    server.statedStarts.note(text);
    const problem = problemReportedIn(text);
    if (problem) {
      const words = `line ${formatCount(line)}: the dump says of itself ${problem.quoted}`;
      if (problem.isMissing) errors.report({ kind: 'tool-error-in-dump', text: words });
      else errors.warn(words);
    }
    const filter = rowFilterIn(text);
    if (filter !== undefined) errors.warn(filter);
    const end = this.sections.noteComment(text, line);
    errors.noteStated(statedTimeIn(text, this.sections.tool?.end === 'date-line'));
    if (end) this.requireWhole(end, line);
    const of = !this.isAtEnd && /server version|adminer/i.test(text) ? dumpedServerIn(text) : undefined;
    if (of) requireProduct(content.backup.key, of, server.flavor);
    return undefined;
  }

  /** After a dump's end, an incomplete statement is sent as the client sends it, so that the server reports what it is. */
  private takeUnfinished(item: Extract<SqlItem, { kind: 'unfinished' }>): Promise<void> | undefined {
    if (!this.isWhole) throw this.cutWithin(item, `${item.within}, which began at line ${formatCount(item.line)}`);
    if (item.within === 'a comment') {
      this.noteTextAfterEnd(item);
      return undefined;
    }
    return this.parts.loader.take(item, { kind: 'ordinary' });
  }

  private noteTextAfterEnd(statement: Statement): void {
    if (this.hasTextAfterEnd) return;
    this.hasTextAfterEnd = true;
    const text = `${placeOf(statement)}: SQL after the end of the dump: ${excerptOf(statement.bytes)}`;
    this.parts.errors.report({ kind: 'text-after-end', text });
    this.parts.loader.goSerial();
  }

  /** @param next the line where the next dump begins. */
  private requireWhole(end: SectionEnd, next?: number): void {
    if (end.state !== 'cut') return;
    const { key } = this.parts.content.backup;
    const isFirst = next === undefined && end.line === 1;
    const what = isFirst ? key : `${key}: the dump that begins at line ${formatCount(end.line)}`;
    const where = next === undefined ? this.where : `before the next one begins at line ${formatCount(next)}`;
    const hint = end.tool?.end === 'completion-line' ? WITHOUT_LINE_HINT : undefined;
    throw truncated(`${what} ends ${end.how} (${where})`, hint);
  }

  private cutWithin({ bytes }: { readonly bytes: Buffer }, what: string): DrillError {
    const quoted = messageIn(bytes);
    const why = quoted === undefined ? '' : `; its tool said ${quoted}`;
    return truncated(`${this.parts.content.backup.key} ends in the middle of ${what} (${this.where})${why}`);
  }

  private get where(): string {
    return readUpTo(this.splitter);
  }
}

/** In bytes: the GTIDs of a server with a thousand predecessors take less. */
const MAX_START_BYTES = 65_536;

const WITHOUT_LINE_HINT =
  'The dump or its upload was cut short: check the job that writes it. If that job removes the line, set `restore.completionLine: optional`.';
