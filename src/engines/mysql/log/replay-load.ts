import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { type LoggedQuery, readLoggedQuery } from './logged-query.ts';
import { EventTooShort } from './read-bytes.ts';
import { HeldBlocks } from './replay-blocks.ts';
import type { RawEvent } from './replay-source.ts';

/** Event types. Source: MySQL's libs/mysql/binlog/event/load_data_events.h; MariaDB's sql/log_event.h. */
const APPEND_BLOCK = 9;
const DELETE_FILE = 11;
const BEGIN_LOAD = 17;
const EXECUTE_LOAD = 18;

/** A LOAD DATA from the log, which reads its rows from this session instead of a file. */
export interface LoggedLoad {
  readonly query: LoggedQuery;
  readonly rows: HeldBlocks;
  /** Whether it stopped at the first error of a row on the server; otherwise rows were skipped or replaced, as it specifies. */
  readonly isStrict: boolean;
}

/**
 * Handles LOAD DATA that was logged as a statement: the content of its file in blocks, followed by the statement. The file that it names is never read: a
 * meaningless name replaces it.
 */
export class LoggedLoads {
  private readonly sandbox: Pick<Sandbox, 'exec' | 'paths'>;
  private readonly signal: AbortSignal;
  private readonly files = new Map<number, HeldBlocks>();

  constructor(sandbox: Pick<Sandbox, 'exec' | 'paths'>, signal: AbortSignal) {
    this.sandbox = sandbox;
    this.signal = signal;
  }

  /** @returns the statement, once its event arrives; `taken` for an event that is only part of it; undefined for any other. */
  async take({ type, body }: RawEvent): Promise<LoggedLoad | 'taken' | undefined> {
    switch (type) {
      case BEGIN_LOAD:
      case APPEND_BLOCK: {
        const number = body.readUInt32LE(0);
        if (type === BEGIN_LOAD) await this.begin(number);
        await this.fileOf(number).add(body.subarray(FILE_BYTES));
        return 'taken';
      }
      case DELETE_FILE:
        await this.finish(body.readUInt32LE(0)).drop();
        return 'taken';
      case EXECUTE_LOAD:
        return { ...readLoad(body), rows: this.finish(body.readUInt32LE(POST_HEADER)) };
      default:
        return undefined;
    }
  }

  /** Releases blocks without a statement. */
  async close(): Promise<void> {
    const left = [...this.files.values()];
    this.files.clear();
    for (const file of left) await file.drop();
  }

  private async begin(number: number): Promise<void> {
    await this.files.get(number)?.drop();
    this.files.set(number, new HeldBlocks(this.sandbox, this.signal));
  }

  private fileOf(number: number): HeldBlocks {
    const file = this.files.get(number);
    if (!file) throw new EventTooShort(`a part of file ${number}, which no event began`);
    return file;
  }

  private finish(number: number): HeldBlocks {
    const file = this.fileOf(number);
    this.files.delete(number);
    return file;
  }
}

const FILE_BYTES = 4;
/** In bytes: the header of a statement, as {@link readLoggedQuery} reads it; then file 4, start 4 and end 4 of its name in the statement, duplicates 1. */
const POST_HEADER = 13;
const LOAD_HEADER = 13;
const DUPLICATES = ['', ' IGNORE', ' REPLACE'];

/**
 * EXECUTE_LOAD_QUERY_EVENT: the two positions enclose `INFILE 'name' REPLACE INTO`, with LOCAL and CONCURRENT if present. Source: MySQL's sql/log_event.cc,
 * `Execute_load_query_log_event::print`.
 */
function readLoad(body: Buffer): Omit<LoggedLoad, 'rows'> {
  const head = POST_HEADER + LOAD_HEADER;
  if (body.length < head) throw new EventTooShort('a LOAD DATA without a statement');
  const query = readLoggedQuery(Buffer.concat([body.subarray(0, POST_HEADER), body.subarray(head)]));
  const [from, to] = [body.readUInt32LE(POST_HEADER + 4), body.readUInt32LE(POST_HEADER + 8)];
  const duplicates = DUPLICATES[body.readUInt8(POST_HEADER + 12)];
  if (!query || from > to || to > query.sql.length || duplicates === undefined)
    throw new EventTooShort('a LOAD DATA that does not hold its statement');
  const infile = Buffer.from(` LOCAL INFILE 'rows'${duplicates} INTO`);
  const sql = Buffer.concat([query.sql.subarray(0, from), infile, query.sql.subarray(to)]);
  return { query: { ...query, sql }, isStrict: duplicates === '' };
}
