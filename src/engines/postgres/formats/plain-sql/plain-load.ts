import type { ObjectContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { LoadOptions, LoadOutcome } from '../../../engine.ts';
import { loadDump, oversized, readItems, readUpTo, truncated } from '../../../sql-dump/load-dump.ts';
import type { LoadErrors } from '../../../sql-dump/load-errors.ts';
import { placeOf } from '../../../sql-dump/statement.ts';
import type { PostgresServer } from '../../server/postgres-server.ts';
import { DumpCompletion } from './dump-completion.ts';
import { changesValues } from './line-endings.ts';
import { OutsideText } from './outside-text.ts';
import type { PlainFacts } from './plain-facts.ts';
import { PlainLoader } from './plain-loader.ts';
import { readPsqlCommand } from './psql-commands.ts';
import { PsqlVariables } from './psql-variables.ts';
import { type SqlItem, SqlSplitter } from './sql-splitter.ts';

/**
 * Reads a plain dump once, from the store to the server, with back pressure throughout.
 * @throws DrillError `backup-truncated` if a dump in it ends without its last line, or the file ends in the middle of something; `format-unsupported` at a psql
 * command that drills do not run.
 */
export async function loadPlain(
  content: ObjectContent,
  facts: PlainFacts,
  server: PostgresServer,
  options: LoadOptions,
): Promise<LoadOutcome> {
  return loadDump(options, (errors) => {
    const loader = new PlainLoader({ server, facts, options, errors, meter: content.meter });
    const reader = new PlainReader(content, loader, errors, options);
    return {
      begin: () => loader.begin(),
      read: () => reader.read(),
      finish: () => loader.finish(),
      close: () => loader.close(),
    };
  });
}

/** Passes the items of a dump to the loader, and checks along the way that the dump is complete. */
class PlainReader {
  private readonly content: ObjectContent;
  private readonly loader: PlainLoader;
  private readonly errors: LoadErrors;
  private readonly options: LoadOptions;
  private readonly splitter = new SqlSplitter();
  private readonly completion = new DumpCompletion();
  private readonly variables = new PsqlVariables();
  private readonly outside: OutsideText;
  private hasChangedValues = false;
  /** The line where psql stops reading. */
  private quitLine: number | undefined;

  constructor(content: ObjectContent, loader: PlainLoader, errors: LoadErrors, options: LoadOptions) {
    this.content = content;
    this.loader = loader;
    this.errors = errors;
    this.options = options;
    this.outside = new OutsideText(errors, this.completion);
  }

  async read(): Promise<void> {
    const { content, options, splitter } = this;
    const stream = content.stream(options.signal) as AsyncIterable<Buffer>;
    await readItems(stream, splitter, { take: (item) => this.take(item) });
    this.finish();
  }

  private take(item: SqlItem): Promise<void> | undefined {
    if (this.quitLine !== undefined) return this.passOver(this.quitLine);
    if (item.kind === 'data' || item.kind === 'data-end') return this.loader.take(item);
    if (item.kind === 'header' || item.kind === 'trailer') return this.takeMarker(item);
    const lack = this.outside.note(item);
    if (lack) throw lack;
    if (item.kind === 'meta') return this.takeMeta(item.text, item.line);
    if (item.kind === 'statement' || item.kind === 'copy') {
      if (this.outside.isMessage(item.bytes)) return undefined;
      this.requireNoVariable(item);
      this.checkLineEndings(item);
      return this.loader.take(item);
    }
    if (item.kind === 'oversized') throw oversized(placeOf(item), OVERSIZED_HINT);
    if (item.kind === 'unfinished' && !this.completion.isAfterEnd)
      throw this.cutError(
        `${this.content.backup.key} ends in the middle of ${item.within}, which began at line ${formatCount(item.line)}`,
      );
    return undefined;
  }

  private async takeMarker(item: Extract<SqlItem, { kind: 'header' | 'trailer' }>): Promise<void> {
    const { completion } = this;
    const cut = item.kind === 'header' ? completion.header(item.of, item.line) : completion.trailer(item.of);
    if (cut !== undefined) this.cutShort(`${this.content.backup.key} is truncated: ${cut}`);
    await this.loader.enter({ isInCluster: completion.isInCluster, isAfterEnd: completion.isAfterEnd });
  }

  private takeMeta(text: string, line: number): Promise<void> | undefined {
    const command = readPsqlCommand(text);
    this.variables.note(text);
    if (command.kind === 'restrict') this.completion.restrict(command.key, line);
    else if (command.kind === 'unrestrict') this.report(this.completion.unrestrict(command.key));
    else if (command.kind === 'quit') this.quitLine = line;
    else if (command.kind === 'connect') return this.loader.connect(command.database, line);
    else if (command.kind === 'encoding')
      return this.loader.take({
        kind: 'statement',
        bytes: Buffer.from(`SET client_encoding = '${command.name}'`),
        line,
        isUndelimited: false,
      });
    else if (command.kind === 'acts') {
      throw new DrillError(
        'format-unsupported',
        `line ${formatCount(line)} holds the psql command ${command.name}, which a drill does not run`,
        {
          hint: 'Such commands can run programs and read files: remove them from the dump, or dump with pg_dump.',
        },
      );
    } else if (command.kind === 'stray' && !this.completion.isAfterEnd)
      this.report(
        `line ${formatCount(line)}: text that begins with a backslash is not a psql command; rows without their COPY statement look like this`,
      );
    return undefined;
  }

  private passOver(quitLine: number): undefined {
    this.errors.warn(`line ${formatCount(quitLine)}: psql stops at \\q, so what follows in the file is not loaded`);
  }

  private report(problem: string | undefined): void {
    if (problem !== undefined) this.errors.report({ kind: 'refused', text: problem });
  }

  private requireNoVariable({ bytes, line }: Extract<SqlItem, { kind: 'statement' | 'copy' }>): void {
    const name = this.variables.usedIn(bytes);
    if (name === undefined) return;
    throw new DrillError(
      'format-unsupported',
      `line ${formatCount(line)}: the statement that begins here uses the psql variable ${name}, whose value a drill does not fill in`,
      { hint: `Write the value itself instead of :${name}, or dump with pg_dump.` },
    );
  }

  /** Checked only once: the result is the same for all values of the file. */
  private checkLineEndings(item: Extract<SqlItem, { kind: 'statement' | 'copy' }>): void {
    if (this.hasChangedValues || !this.splitter.hasCrlf || !changesValues(item.bytes)) return;
    this.hasChangedValues = true;
    this.errors.report({
      kind: 'changed-line-endings',
      text: `line ${formatCount(item.line)}: line endings were changed from LF to CR LF, also within values of several lines. A terminal does that: run pg_dump without one (docker exec without -t), or let it write with --file`,
    });
  }

  private finish(): void {
    const { completion, errors, splitter } = this;
    const cut = completion.finish();
    if (cut !== undefined) this.cutShort(`${this.content.backup.key} ends ${cut}`);
    if (!completion.hasHeader)
      errors.warn('the SQL does not say that pg_dump wrote it, so there is no way to tell whether it is whole');
    if (splitter.hasCrlf && !this.hasChangedValues)
      errors.warn('lines end in CR LF, as a terminal or Windows writes them; rows of COPY are read as they were');
  }

  private cutShort(what: string): void {
    if (this.options.completionLine !== 'optional') throw this.cutError(what);
    this.errors.warn(`${what}, and the drill allows it: there is no way to tell whether it is whole`);
  }

  private cutError(what: string): DrillError {
    const said = this.outside.lastMessage;
    const cause = said === undefined ? '' : `; it holds the message ${said}`;
    return truncated(`${what} (${readUpTo(this.splitter)})${cause}`);
  }
}

const OVERSIZED_HINT =
  'Look at the dump around that line: it may have lost a quote or a semicolon. Values of that size need the custom format or COPY.';
