import { toPrintable } from '../../../support/printable.ts';
import { type LogStart, logStartOf } from './log-start.ts';

const MAX_FLAWS = 20;

/** Steps and progress as both products report them: MariaDB's `To recover: 1234 pages`, MySQL's `Applying … 40% …`. */
const DOING: readonly (readonly [RegExp, (match: RegExpExecArray) => string])[] = [
  [/InnoDB: To recover: (?:LSN \S+; )?(\d+) pages/, ([, pages]) => `crash recovery: ${pages} pages to go`],
  [
    /InnoDB: (?:Read redo log up to LSN=|Doing recovery: scanned up to log sequence number )(\d+)/,
    ([, lsn]) => `crash recovery: read to LSN ${lsn}`,
  ],
  [
    /(?:Starting (?:final )?batch to recover|Applying a batch of) (\d+)/,
    ([, count]) => `crash recovery: ${count} pages or records to apply`,
  ],
  [
    /InnoDB: (?:To roll back: |Starting in background the rollback|Rolling back trx|Rollback of)/i,
    () => 'rolling back transactions',
  ],
  [/InnoDB: Starting crash recovery/, () => 'crash recovery'],
  [
    /Server upgrade from '?(\d+)'? to '?(\d+)'? started|Data dictionary upgrading from version/,
    () => 'upgrading system tables',
  ],
];

/** Damage that a server reports before it continues. Sources: the products' error messages, storage/innobase and storage/maria. */
const FLAWS: readonly RegExp[] = [
  /log sequence number \S+ is in the future|are in the future! Current system log/,
  /Database page corruption|page \[page id: space=\d+, page number=\d+\].*(?:corrupt|failed)/i,
  /Tablespace \d+, name '[^']*', file '[^']*' is missing|Cannot find (?:the )?(?:tablespace|space) (?:file )?for|Cannot open (?:datafile|'[^']*\.ibd')/i,
  /is marked as crashed|Table '[^']*' is crashed|Incorrect file format|Index for table '[^']*' is corrupt/i,
  /Expected tablespace id \d+ but found \d+|Space ID .* doesn't match|Header page consists of zero bytes in datafile/,
];

/** `2026-11-28  8:24:23 0 [ERROR] …`, `2026-11-28T08:24:23.1Z 0 [ERROR] [MY-010326] [Server] …`. */
const LOGGED = /\[(?:ERROR|Warning)\]\s*(?:\[[^\]]*\]\s*)*(.*)$/;

/** Extracts facts from the log of a server that starts on a copied or prepared data directory. */
export class RecoveryLog {
  readonly #lines: string[] = [];
  readonly #flaws = new Set<string>();
  #doing: string;
  #logStart: LogStart | undefined;
  #prepared = 0;

  /** @param doing the first step, human-readable. */
  constructor(doing = 'starting the server') {
    this.#doing = doing;
  }

  /** The current step, human-readable. */
  get doing(): string {
    return this.#doing;
  }

  /** Damage that did not prevent the server from starting, a line each. */
  get flaws(): readonly string[] {
    return [...this.#flaws];
  }

  /** Binary log position of the storage engine's last transaction, if recorded: before crash recovery committed any prepared ones. */
  get logStart(): LogStart | undefined {
    return this.#logStart;
  }

  /** Number of transactions that were prepared when crash recovery began; the newest binary log determines whether each is committed. */
  get prepared(): number {
    return this.#prepared;
  }

  /** Errors and warnings, newest last. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  readLine(line: string): void {
    for (const [pattern, describe] of DOING) {
      const match = pattern.exec(line);
      if (match) this.#doing = describe(match);
    }
    const [, file, offset] = /Last (?:MySQL )?binlog file '?([^',]+)'?, position (\d+)/.exec(line) ?? [];
    if (file !== undefined && offset !== undefined) this.#logStart = logStartOf(file, offset);
    this.#prepared += Number(/Found (\d+) prepared transaction\(?s\)? in InnoDB/.exec(line)?.[1] ?? 0);
    const text = LOGGED.exec(line)?.[1];
    if (text === undefined) return;
    this.#lines.push(text);
    if (this.#lines.length > 200) this.#lines.shift();
    if (this.#flaws.size < MAX_FLAWS && FLAWS.some((pattern) => pattern.test(text))) {
      this.#flaws.add(`the server reports: ${toPrintable(text, 300)}`);
    }
  }
}
