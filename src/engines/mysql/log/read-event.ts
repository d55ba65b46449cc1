import { toPrintable } from '../../../support/printable.ts';
import { readGtid, readGtidList, readMariadbGtid, readPreviousGtids, readTaggedGtid } from './event-gtid.ts';
import { readQuery } from './event-query.ts';
import { countRows, type MappedTable, readMappedTable, readRowsHead, readTableMap } from './event-rows.ts';
import { type BinaryLogEvent, EVENT, type EventPlace, ROWS_TYPES } from './event-types.ts';
import { type EventBytes, EventTooShort } from './read-bytes.ts';
import type { LogFormat } from './read-format.ts';

/** Maximum number of tables that one statement changes. */
const MAX_TABLES = 4096;
/** Maximum number and size in bytes of table definitions that are cached to compare later ones with. */
const MAX_KNOWN = 1000;
const MAX_KNOWN_BYTES = 4096;

/** Reads the events of one file, some of which describe those that follow. */
export class EventReader {
  readonly #format: LogFormat;
  /** Tables of the statement being read, by number. */
  readonly #tables = new Map<number, MappedTable>();
  /** The tables that were read last: a server repeats a table's definition for every statement. */
  readonly #known = new Map<number, { readonly definition: Buffer; readonly table: MappedTable }>();

  constructor(format: LogFormat) {
    this.#format = format;
  }

  /**
   * @param bytes of the event, after its header and without its checksum. @param isCut whether only its beginning is present.
   * @returns undefined for an event that only describes others. @throws EventTooShort
   */
  read(code: number, place: EventPlace, bytes: EventBytes, isCut: boolean): BinaryLogEvent | undefined {
    const headBytes = this.#format.headBytes[code - 1] ?? 0;
    if (code === EVENT.tableMap) return this.#map(bytes, headBytes);
    const rows = ROWS_TYPES.get(code);
    if (rows) {
      const head = readRowsHead(bytes, rows, headBytes);
      const counted = countRows(bytes, head, rows, this.#tables.get(head.id), isCut);
      if (head.endsStatement) this.#tables.clear();
      return { ...place, type: 'rows', ...counted };
    }
    switch (code) {
      case EVENT.query:
      case EVENT.compressedQuery: {
        const isCompressed = code === EVENT.compressedQuery;
        return { ...place, type: 'query', ...readQuery(bytes, { headBytes: headBytes || 13, isCompressed, isCut }) };
      }
      case EVENT.xid:
        return { ...place, type: 'xid' };
      case EVENT.xaPrepare:
        return { ...place, type: 'xa-prepare', ...readXaPrepare(bytes) };
      case EVENT.gtid:
      case EVENT.anonymousGtid:
        return { ...place, type: 'gtid', ...readGtid(bytes, code === EVENT.anonymousGtid) };
      case EVENT.taggedGtid:
        return { ...place, type: 'gtid', ...readTaggedGtid(bytes) };
      case EVENT.mariadbGtid:
        return { ...place, type: 'gtid', ...readMariadbGtid(bytes, place.serverId) };
      case EVENT.previousGtids:
        return { ...place, type: 'previous-gtids', gtids: readPreviousGtids(bytes) };
      case EVENT.mariadbGtidList:
        return { ...place, type: 'previous-gtids', gtids: readGtidList(bytes) };
      case EVENT.rotate:
        bytes.skip(8);
        return { ...place, type: 'rotate', nextFile: toPrintable(bytes.rest().toString('utf8')) };
      case EVENT.stop:
        return { ...place, type: 'stop' };
      case EVENT.incident:
        bytes.skip(2);
        return { ...place, type: 'incident', message: toPrintable(bytes.take(bytes.uint(1)).toString('utf8')) };
      default:
        return { ...place, type: 'other', code };
    }
  }

  #map(bytes: EventBytes, headBytes: number): undefined {
    const { id, definition } = readTableMap(bytes, headBytes);
    if (this.#tables.size >= MAX_TABLES)
      throw new EventTooShort(`a statement that changes more than ${MAX_TABLES} tables`);
    this.#tables.set(id, this.#readTable(id, definition));
  }

  #readTable(id: number, definition: Buffer): MappedTable {
    const known = this.#known.get(id);
    if (known?.definition.equals(definition)) return known.table;
    const table = readMappedTable(definition);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    // a copy, because a slice would keep the whole chunk in memory
    if (definition.length <= MAX_KNOWN_BYTES) this.#known.set(id, { definition: Buffer.from(definition), table });
    return table;
  }
}

/**
 * XA_PREPARE_LOG_EVENT: whether it also commits 1, format 4, lengths 4 + 4, the identifier. Source: MySQL's libs/mysql/binlog/event/control_events.h,
 * `XA_prepare_event`.
 */
function readXaPrepare(bytes: EventBytes): { readonly xid: string; readonly isOnePhase: boolean } {
  const isOnePhase = bytes.uint(1) !== 0;
  const format = bytes.uint(4);
  const [transaction, branch] = [bytes.uint(4), bytes.uint(4)];
  const [first, second] = [bytes.take(transaction), bytes.take(branch)].map((part) => part.toString('hex'));
  return { xid: `X'${first}',X'${second}',${format}`, isOnePhase };
}
