import type { StatedTime } from '../../../engine.ts';
import { statedTime } from '../../../stated-time.ts';
import { coordinatesInMydumper, type LogCoordinates } from '../../log/start-coordinates.ts';

/** What mydumper records about a dump in its file `metadata`, in both formats; the ini-like one exists since 0.14. Source: its manual, "Output Files". */
export interface MydumperMetadata {
  readonly isFinished: boolean;
  /** Derived from the form of its GTIDs: MariaDB's are `domain-server-sequence`, MySQL's begin with a UUID. */
  readonly product: 'mysql' | 'mariadb' | undefined;
  /** The `sql_mode` that its rows were written for. */
  readonly sqlMode: string | undefined;
  /** Row counts of tables that have rows, by the table name in their file names: `db.table`. */
  readonly rowCounts: ReadonlyMap<string, number>;
  /** Real table names, by the made-up names that the files use. */
  readonly realNames: ReadonlyMap<string, string>;
  /** Sections that are views or sequences and have no rows of their own. */
  readonly others: ReadonlySet<string>;
  /** When the dump was started. */
  readonly stated: StatedTime | undefined;
  /** Position in the server's log at which it was taken. */
  readonly coordinates: LogCoordinates | undefined;
}

export function readMydumperMetadata(text: string): MydumperMetadata {
  const gtid = /^\W*(?:GTID|executed_gtid_set|gtid_binlog_pos)\s*[:=]\s*"?([^\s",]+)/im.exec(text)?.[1] ?? '';
  return {
    isFinished: /^(?:# )?Finished dump at:/m.test(text),
    product: /^\d+-\d+-\d+$/.test(gtid) ? 'mariadb' : /^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(gtid) ? 'mysql' : undefined,
    sqlMode: /^\s*SQL_MODE\s*=\s*'?"?([A-Z_,0-9]*)/im.exec(text)?.[1],
    stated: statedTime(/^(?:# )?Started dump at:[ \t]*(\S.{0,60})$/m.exec(text)?.[1] ?? ''),
    coordinates: coordinatesInMydumper(text),
    ...readSections(text),
  };
}

/** Sections are called `` [`db`.`table`] ``; only those with plain names are read. */
function readSections(text: string): Pick<MydumperMetadata, 'rowCounts' | 'realNames' | 'others'> {
  const rowCounts = new Map<string, number>();
  const realNames = new Map<string, string>();
  const others = new Set<string>();
  let section: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const header = /^\[[`"]([^`"\].]+)[`"]\.[`"]([^`"\].]+)[`"]\]$/.exec(line);
    if (line.startsWith('[')) section = header ? `${header[1]}.${header[2]}` : undefined;
    const [, key, value = ''] = /^(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section === undefined || key === undefined) continue;
    if (key === 'rows' && /^\d+$/.test(value)) rowCounts.set(section, Number(value));
    if (key === 'real_table_name') realNames.set(section, value);
    if (/^is_(?:view|sequence)$/.test(key) && value === '1') others.add(section);
  }
  return { rowCounts, realNames, others };
}
